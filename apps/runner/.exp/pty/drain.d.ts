import type { IPty } from '@lydell/node-pty';
/** How the owner of a PTY takes part in its draining. */
export interface DrainPort {
    readonly isPaused: () => boolean;
    readonly onOutput: (bytes: Uint8Array) => void;
}
/**
 * node-pty sets the kernel's IUTF8 (backspace takes a whole character) only when it may decode as well; a frame may end in
 * the middle of a character, so the decoding is taken back. Call right after spawning with encoding 'utf8'.
 */
export declare function readBytesNotText(pty: IPty): void;
/** node-pty's own `write` is typed for text alone. */
export declare const writeBytes: (pty: IPty, bytes: Uint8Array) => void;
/**
 * Call right after spawning. From then on `pty.onExit` comes after the last byte.
 * @returns bytes written to the PTY that it has not taken yet
 */
export declare function drainAtExit(pty: IPty, port: DrainPort): () => number;
