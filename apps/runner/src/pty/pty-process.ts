import type { Size } from '@latchkey/protocol/terminal/streams'
import { spawn } from '@lydell/node-pty'
import { Coalescer } from './coalescer.ts'
import { drainAtExit, masterFdOf, readBytesNotText, ttyOf } from './drain.ts'
import { groupsOf, signalGroup } from './process-groups.ts'
import { PtyWriter } from './pty-writer.ts'

/** Between asking a program to end (HUP) and making it (KILL). */
export const END_GRACE_MS = 3_000

/** What runs in a terminal. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

export interface Exit {
  readonly code: number
  readonly signal: number | null
}

export interface PtyListener {
  /** in order; the listener owns the bytes */
  onOutput(bytes: Uint8Array<ArrayBuffer>): void
  /** once, after the last output */
  onExit(exit: Exit): void
}

/** One program in its PTY. */
export interface PtyProcess {
  readonly pid: number
  /** path of the terminal that the program has */
  readonly tty: string
  write(bytes: Uint8Array): void
  /** bytes written that the program's side has not taken yet */
  readonly unwrittenBytes: number
  resize(size: Size): void
  /** Hands on output that waits to be joined with more. */
  flush(): void
  pause(): void
  resume(): void
  /** HUP to its process groups, KILL after `END_GRACE_MS`; `onExit` follows. */
  end(): void
  /** KILL at once, without a grace time. */
  kill(): void
}

/** Throws when the PTY cannot be made (no file descriptors, no processes left). */
export function startPty(program: Program, size: Size, listener: PtyListener): PtyProcess {
  const pty = spawn(program.file, [...program.args], {
    name: 'xterm-256color',
    cwd: program.cwd,
    env: { ...program.env },
    cols: size.cols,
    rows: size.rows,
    encoding: 'utf8',
  })
  readBytesNotText(pty)
  let paused = false
  let killTimer: NodeJS.Timeout | null = null
  let exited = false
  const coalescer = new Coalescer((bytes) => listener.onOutput(bytes))
  const writer = new PtyWriter(masterFdOf(pty))
  drainAtExit(pty, {
    isPaused: () => paused,
    onOutput: (bytes) => coalescer.push(bytes),
    onClosing: () => writer.end(),
  })
  pty.onData((chunk: unknown) => {
    if (chunk instanceof Uint8Array) coalescer.push(chunk)
  })
  pty.onExit(({ exitCode, signal }) => {
    exited = true
    if (killTimer !== null) clearTimeout(killTimer)
    coalescer.flush()
    listener.onExit({ code: exitCode, signal: signal === undefined || signal === 0 ? null : signal })
  })
  return {
    pid: pty.pid,
    tty: ttyOf(pty),
    write: (bytes) => writer.write(bytes),
    get unwrittenBytes() {
      return writer.waitingBytes
    },
    resize: ({ cols, rows }) => {
      if (!exited) resizeQuietly(() => pty.resize(cols, rows))
    },
    flush: () => coalescer.flush(),
    pause: () => {
      if (paused || exited) return
      paused = true
      pty.pause()
    },
    resume: () => {
      if (!paused || exited) return
      paused = false
      pty.resume()
    },
    end: () => {
      if (exited || killTimer !== null) return
      const groups = groupsOf(pty.pid)
      for (const group of groups) {
        signalGroup(group, 'SIGHUP')
        // A stopped program hears nothing until it goes on.
        signalGroup(group, 'SIGCONT')
      }
      killTimer = setTimeout(() => killGroups(pty.pid, groups), END_GRACE_MS)
    },
    kill: () => {
      if (!exited) killGroups(pty.pid, [])
    },
  }
}

function killGroups(pid: number, alsoGroups: readonly number[]): void {
  for (const group of new Set([...groupsOf(pid), ...alsoGroups])) signalGroup(group, 'SIGKILL')
}

/** The PTY may have ended a moment ago, which a resize answers by throwing. */
function resizeQuietly(resize: () => void): void {
  try {
    resize()
  } catch {
    // Nothing to size any more: its exit is on the way.
  }
}
