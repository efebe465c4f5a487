import type { OutputRing } from '@latchkey/domain/terminal/output-ring';
import type { PtyProcess } from './pty/pty-process.ts';
import { type ScreenHandle } from './screens/screens.ts';
import type { Viewer } from './viewer.ts';
/**
 * When a program has to wait. Three reasons: every viewer present is out of credit; its screen is too far behind; a viewer's
 * snapshot is being made and the output after it is about to leave the ring. Nobody present: it never waits.
 */
export declare class Flow {
    #private;
    constructor(parts: {
        readonly pty: PtyProcess;
        readonly screen: ScreenHandle;
        readonly ring: OutputRing;
    }, viewers: ReadonlySet<Viewer>);
    /** To be called after anything that may change the answer. */
    update(): void;
    /** A viewer showed that it still draws: nobody is given up on for another while. */
    progressed(): void;
    /** The program is to end: it waits for nobody any more. */
    release(): void;
    stop(): void;
}
