export declare const hasInterrupt: (typed: Uint8Array) => boolean;
/** `bytes` with CAN before the first echoed interrupt; null when none is in them. */
export declare function withCutEnded(bytes: Uint8Array): Uint8Array | null;
