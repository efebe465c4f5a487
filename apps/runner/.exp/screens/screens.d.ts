import type { Picture } from './screen-messages.ts';
/** Beyond this much output not yet drawn its PTY waits; it goes on at half of it. */
export declare const UNDRAWN_BYTES_MAX: number;
/** The main thread's handle on one terminal's screen. Everything takes effect in the order of the calls. */
export interface ScreenHandle {
    /** Draws `bytes`, whose buffer changes hands: the caller has no use of it any more. */
    output(bytes: Uint8Array<ArrayBuffer>): void;
    resize(cols: number, rows: number): void;
    interrupt(): void;
    /** `give` is called unless the screen is closed before. */
    snapshot(give: (picture: Picture) => void): void;
    scrollback(lines: number, give: (picture: Picture) => void): void;
    /** output handed over and not drawn yet */
    readonly undrawnBytes: number;
    close(): void;
}
export interface ScreenEvents {
    onDrawn(): void;
    /** the terminal's own answer, to be typed into the PTY */
    onReply(text: string): void;
}
/** All screens of a runner, in one thread of their own. */
export interface Screens {
    open(cols: number, rows: number, events: ScreenEvents): ScreenHandle;
    stop(): Promise<void>;
}
/** @param onFailure the thread died, which no screen survives: the runner has to end */
export declare function startScreens(onFailure: (problem: Error) => void): Screens;
