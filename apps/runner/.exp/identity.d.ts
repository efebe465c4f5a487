export interface RunnerIdentity {
    readonly runnerId: string;
    /** X25519 ‖ Ed25519, 64 bytes */
    readonly publicKey: Uint8Array;
    /** Ed25519 */
    readonly sign: (message: Uint8Array) => Uint8Array;
}
/** What is wrong with the file, in a sentence for the person who owns it. */
export declare class UnusableIdentity extends Error {
}
/** The identity in `path`, made at the first start. Throws `UnusableIdentity`. */
export declare function loadIdentity(path: string): RunnerIdentity;
