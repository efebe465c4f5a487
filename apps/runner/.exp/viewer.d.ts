import type { OutputRing } from '@latchkey/domain/terminal/output-ring';
import type { RunnerMessage } from '@latchkey/protocol/terminal/messages';
import type { Exit } from './pty/pty-process.ts';
import type { Picture } from './screens/screen-messages.ts';
/** What a viewer's channel can do for one terminal. */
export interface ViewerPort {
    readonly app: string;
    readonly label: string;
    readonly mayType: boolean;
    /** the broker has enough queued for this app */
    readonly paused: boolean;
    tell(message: RunnerMessage): void;
    output(terminal: number, offset: number, bytes: Uint8Array): void;
    history(terminal: number, at: number, bytes: Uint8Array): void;
}
/** One app watching one terminal: where it is in the output, and what it is sent next. */
export declare class Viewer {
    #private;
    readonly port: ViewerPort;
    readonly writer: string;
    /** @param from the offset up to which it has the output; null for none */
    constructor(options: {
        readonly port: ViewerPort;
        readonly writer: string;
        readonly terminal: number;
        readonly ring: OutputRing;
        readonly from: number | null;
        readonly requestSnapshot: (viewer: Viewer) => void;
    });
    /** Where this viewer's output begins, as far as it is known before a snapshot. */
    get offset(): number;
    /** Begins, once the viewer has been told that it is attached. */
    begin(): void;
    grant(upTo: number): void;
    /** Sends what may be sent now; `exit` when the program has ended. */
    pump(exit: Exit | null): void;
    /** The picture that was asked for. */
    restore(picture: Picture): void;
    /** It held everybody up for too long. */
    lag(): void;
    get follows(): boolean;
    /** Whether nothing can be sent before it grants more, or before the broker has room. */
    get isStuck(): boolean;
    /** Output produced since its snapshot was asked for: it must still be kept when the snapshot is there. */
    get awaitedBytes(): number;
}
/** A picture: its header, then its bytes in frames. */
export declare function sendPicture(port: ViewerPort, terminal: number, kind: 'screen' | 'scrollback', picture: Picture, request?: number): void;
