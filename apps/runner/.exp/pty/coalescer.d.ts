/**
 * Joins a PTY's many small reads (at most 4 KiB each) into few frames. The first bytes after a quiet moment leave at once,
 * so that an echo waits for nothing; what follows within the next 2 ms leaves together. (A `setImmediate` would join
 * nothing: libuv reads a PTY once a turn.)
 */
export declare const COALESCE_MS = 2;
export declare const COALESCE_BYTES_MAX: number;
export declare class Coalescer {
    #private;
    /** `out` gets bytes that nobody else holds. */
    constructor(out: (bytes: Uint8Array<ArrayBuffer>) => void);
    push(bytes: Uint8Array): void;
    flush(): void;
}
