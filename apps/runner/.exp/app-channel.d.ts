import type { ChannelListener, RunnerChannel } from '@latchkey/connection/runner/terminal-plane';
import { CloseReason } from '@latchkey/protocol/terminal/frames';
import { type RunnerMessage, type TerminalInfo } from '@latchkey/protocol/terminal/messages';
import type { Terminals } from './terminals.ts';
import type { ViewerPort } from './viewer.ts';
export interface Welcome {
    readonly machine: string;
    readonly shell: string;
    /** whether apps may type, or only look */
    readonly mayType: boolean;
}
/** One app's channel: who it is was said by the connection, never by its messages. */
export declare class AppChannel implements ChannelListener, ViewerPort {
    #private;
    readonly app: string;
    readonly address: string;
    paused: boolean;
    constructor(channel: RunnerChannel, terminals: Terminals, welcome: Welcome, onEnd: (channel: AppChannel) => void);
    get label(): string;
    get mayType(): boolean;
    onEnvelope(payload: Uint8Array): void;
    onPaused(paused: boolean): void;
    onEnd(): void;
    /** Told to every app that has said hello. */
    onTerminal(info: TerminalInfo): void;
    onGone(terminal: number): void;
    /** Joins what is said in one turn; anything else that is sent goes after it. */
    tell(message: RunnerMessage): void;
    output(terminal: number, offset: number, bytes: Uint8Array): void;
    history(terminal: number, at: number, bytes: Uint8Array): void;
    /** Ends this channel from our side. */
    close(reason: CloseReason): void;
}
