import { type RunnerLinkEvent } from '@latchkey/connection/runner/runner-link';
import type { AcceptChannel } from '@latchkey/connection/runner/terminal-plane';
import type { RunnerIdentity } from './identity.ts';
import { Terminals } from './terminals.ts';
export declare const TERMINALS_MAX = 32;
export interface RunnerOptions {
    /** http(s) address of the broker */
    readonly brokerUrl: string;
    readonly identity: RunnerIdentity;
    /** the broker's enrolment secret; absent for a machine that the broker knows */
    readonly secret?: string;
    /** how the machine calls itself; its host name by default */
    readonly label?: string;
    /** absolute path; the user's own by default */
    readonly shell?: string;
    /** where shells start; the user's home by default */
    readonly folder?: string;
    /** what shells inherit, without our own settings; this process's by default */
    readonly env?: Readonly<Record<string, string | undefined>>;
    /** apps may look, and neither type nor open, close, rename or resize */
    readonly viewOnly?: boolean;
    readonly terminalsMax?: number;
    readonly onEvent: (event: RunnerEvent) => void;
}
export type RunnerEvent = RunnerLinkEvent
/** an app's channel began or ended; `paired` and `unpaired` come from the broker */
 | AppEvent
/** programs that run */
 | {
    readonly type: 'terminals';
    readonly open: number;
};
export interface AppEvent {
    readonly type: 'connected' | 'disconnected';
    readonly appSessionId: string;
    readonly label: string;
    readonly address: string;
}
export interface RunnerHost {
    readonly runnerId: string;
    readonly shell: string;
    readonly folder: string;
    readonly openTerminals: number;
    rotate(): void;
    /** Says goodbye to the broker, ends every program (HUP, then KILL after a grace time), and waits for their end. */
    stop(): Promise<void>;
    /** Ends every program at once; for when this process has no time left. */
    kill(): void;
}
/** Offers this machine's terminals to the apps that a broker lets through. Goes on until `stop`, whatever the network does. */
export declare function startRunner(options: RunnerOptions): Promise<RunnerHost>;
interface HostOptions extends Pick<RunnerOptions, 'viewOnly' | 'terminalsMax'> {
    readonly label: string;
    readonly shell: string;
    readonly folder: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly onEvent: (event: RunnerEvent) => void;
}
/** The terminals of this machine and the channels of the apps that use them, without a broker. */
export declare function hostTerminals(options: HostOptions): {
    readonly accept: AcceptChannel;
    readonly terminals: Terminals;
    stop(): Promise<void>;
};
export {};
