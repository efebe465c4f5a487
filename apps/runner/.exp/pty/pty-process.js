import { spawn } from '@lydell/node-pty';
import { Coalescer } from './coalescer.js';
import { drainAtExit, readBytesNotText, writeBytes } from './drain.js';
import { groupsOf, signalGroup } from './process-groups.js';
/** Between asking a program to end (HUP) and making it (KILL). */
export const END_GRACE_MS = 3_000;
/** Throws when the PTY cannot be made (no file descriptors, no processes left). */
export function startPty(program, size, listener) {
    const pty = spawn(program.file, [...program.args], {
        name: 'xterm-256color',
        cwd: program.cwd,
        env: { ...program.env },
        cols: size.cols,
        rows: size.rows,
        encoding: 'utf8',
    });
    readBytesNotText(pty);
    let paused = false;
    let killTimer = null;
    let exited = false;
    const coalescer = new Coalescer((bytes) => listener.onOutput(bytes));
    const unwrittenBytes = drainAtExit(pty, {
        isPaused: () => paused,
        onOutput: (bytes) => coalescer.push(bytes),
    });
    pty.onData((chunk) => {
        if (chunk instanceof Uint8Array)
            coalescer.push(chunk);
    });
    pty.onExit(({ exitCode, signal }) => {
        exited = true;
        if (killTimer !== null)
            clearTimeout(killTimer);
        coalescer.flush();
        listener.onExit({ code: exitCode, signal: signal === undefined || signal === 0 ? null : signal });
    });
    return {
        pid: pty.pid,
        write: (bytes) => {
            if (!exited)
                writeBytes(pty, bytes);
        },
        get unwrittenBytes() {
            return unwrittenBytes();
        },
        resize: ({ cols, rows }) => {
            if (!exited)
                resizeQuietly(() => pty.resize(cols, rows));
        },
        pause: () => {
            if (paused || exited)
                return;
            paused = true;
            pty.pause();
        },
        resume: () => {
            if (!paused || exited)
                return;
            paused = false;
            pty.resume();
        },
        end: () => {
            if (exited || killTimer !== null)
                return;
            const groups = groupsOf(pty.pid);
            for (const group of groups) {
                signalGroup(group, 'SIGHUP');
                // A stopped program hears nothing until it goes on.
                signalGroup(group, 'SIGCONT');
            }
            killTimer = setTimeout(() => killGroups(pty.pid, groups), END_GRACE_MS);
        },
        kill: () => {
            if (!exited)
                killGroups(pty.pid, []);
        },
    };
}
function killGroups(pid, alsoGroups) {
    for (const group of new Set([...groupsOf(pid), ...alsoGroups]))
        signalGroup(group, 'SIGKILL');
}
/** The PTY may have ended a moment ago, which a resize answers by throwing. */
function resizeQuietly(resize) {
    try {
        resize();
    }
    catch {
        // Nothing to size any more: its exit is on the way.
    }
}
//# sourceMappingURL=pty-process.js.map