import type { Size } from '@latchkey/protocol/terminal/streams';
/** Between asking a program to end (HUP) and making it (KILL). */
export declare const END_GRACE_MS = 3000;
/** What runs in a terminal. */
export interface Program {
    readonly file: string;
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
}
export interface Exit {
    readonly code: number;
    readonly signal: number | null;
}
export interface PtyListener {
    /** bytes that nobody else holds, in order */
    onOutput(bytes: Uint8Array<ArrayBuffer>): void;
    /** once, after the last output */
    onExit(exit: Exit): void;
}
/** One program in its PTY. */
export interface PtyProcess {
    readonly pid: number;
    write(bytes: Uint8Array): void;
    /** bytes written that the program's side has not taken yet */
    readonly unwrittenBytes: number;
    resize(size: Size): void;
    pause(): void;
    resume(): void;
    /** HUP to its process groups, KILL after `END_GRACE_MS`; `onExit` follows. */
    end(): void;
    /** KILL at once: nobody will wait. */
    kill(): void;
}
/** Throws when the PTY cannot be made (no file descriptors, no processes left). */
export declare function startPty(program: Program, size: Size, listener: PtyListener): PtyProcess;
