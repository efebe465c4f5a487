import type { Program } from './pty/pty-process.ts';
type Env = Readonly<Record<string, string | undefined>>;
/** The environment of a shell: the user's own, told what kind of terminal it is in. */
export declare function shellEnvironment(env: Env): Record<string, string>;
/** The user's shell. */
export declare function defaultShell(env: Env): string;
export declare const defaultFolder: () => string;
/** Where a shell starts: `folder`, or the user's own when that is gone meanwhile. */
export declare function shellProgram(options: {
    readonly shell: string;
    readonly folder: string;
    readonly env: Env;
}): Program;
export {};
