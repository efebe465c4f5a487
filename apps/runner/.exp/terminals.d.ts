import type { TerminalInfo } from '@latchkey/protocol/terminal/messages';
import type { Size } from '@latchkey/protocol/terminal/streams';
import type { Program } from './pty/pty-process.ts';
import type { Screens } from './screens/screens.ts';
import { HostedTerminal } from './terminal.ts';
/** A terminal whose program has ended stays for so long without anybody watching. */
export declare const ENDED_KEPT_MS = 60000;
export interface TerminalsListener {
    onTerminal(info: TerminalInfo): void;
    onGone(terminal: number): void;
    onCount(open: number): void;
}
export type Opened = {
    readonly ok: true;
    readonly terminal: HostedTerminal;
} | {
    readonly ok: false;
    readonly code: 'TOO_MANY_TERMINALS' | 'CANNOT_START';
    readonly message: string;
};
/** All terminals of a runner. */
export declare class Terminals {
    #private;
    /**
     * @param options.firstNumber random: an app that comes back to another life of this runner must not take a new terminal
     *   for its old one
     */
    constructor(options: {
        readonly program: () => Program;
        readonly terminalsMax: number;
        readonly firstNumber: number;
        readonly screens: Screens;
    }, listener: TerminalsListener);
    get list(): readonly TerminalInfo[];
    /** programs that run */
    get openCount(): number;
    get(number: number): HostedTerminal | null;
    open(name: string | undefined, size: Size): Opened;
    close(terminal: HostedTerminal): void;
    /** Ends every program and waits until all have ended. */
    stop(): Promise<void>;
    /** Ends every program at once; for when this process has no time left. */
    kill(): void;
}
