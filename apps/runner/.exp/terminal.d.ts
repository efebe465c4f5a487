import type { TerminalInfo } from '@latchkey/protocol/terminal/messages';
import type { Size } from '@latchkey/protocol/terminal/streams';
import { type Program } from './pty/pty-process.ts';
import type { Screens } from './screens/screens.ts';
import { Viewer, type ViewerPort } from './viewer.ts';
export interface TerminalEvents {
    /** name, size, owner, watchers or exit have changed */
    onChanged(): void;
    /** the program has ended, all its output has been produced */
    onExit(): void;
}
/** Where a viewer begins. */
export interface Attached {
    readonly viewer: Viewer;
    readonly applied: number;
}
/** One program in its PTY with its screen, its kept output, and everybody who watches. */
export declare class HostedTerminal {
    #private;
    readonly number: number;
    /** Throws when the PTY cannot be made. */
    constructor(options: {
        readonly number: number;
        readonly name: string;
        readonly program: Program;
        readonly size: Size;
    }, screens: Screens, events: TerminalEvents);
    get info(): TerminalInfo;
    get hasEnded(): boolean;
    get isWatched(): boolean;
    /** Begins or resumes watching; the caller tells the app, then calls `begin` of the viewer. Null: too many watch. */
    attach(port: ViewerPort, writer: string, from: number | null, size: Size): Attached | null;
    detach(viewer: Viewer): void;
    grant(viewer: Viewer, upTo: number): void;
    /** Sends this viewer what may be sent now. */
    pump(viewer: Viewer): void;
    /** Types what is new of `bytes`; false when bytes before them are missing. */
    type(viewer: Viewer, from: number, bytes: Uint8Array): boolean;
    wishSize(app: string, size: Size): void;
    takeSize(app: string, size: Size): void;
    rename(name: string): void;
    scrollback(viewer: Viewer, request: number, lines: number): void;
    /** Ends the program; `onExit` follows. */
    end(): void;
    /** Ends the program without a grace time. */
    kill(): void;
    /** Nothing is kept after this; the program must have ended. */
    dispose(): void;
}
