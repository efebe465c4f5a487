/**
 * The process groups that end with a terminal: the shell's own, and the one in the foreground of its PTY. Jobs that a
 * person sent to the background with `nohup` or `setsid` outlive a closed terminal everywhere, so they do here.
 */
export declare function groupsOf(shellPid: number): readonly number[];
/** Sends `signal` to a whole group; false when it is gone. */
export declare function signalGroup(group: number, signal: 'SIGHUP' | 'SIGCONT' | 'SIGKILL'): boolean;
