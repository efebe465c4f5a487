import { readFileSync } from 'node:fs'

/**
 * The process groups that end with a terminal: the shell's own, and the one in the foreground of its PTY. Jobs that a
 * person sent to the background with `nohup` or `setsid` outlive a closed terminal everywhere, so they do here.
 */
export function groupsOf(shellPid: number): readonly number[] {
  const foreground = foregroundOf(shellPid)
  return foreground === null || foreground === shellPid ? [shellPid] : [foreground, shellPid]
}

/** The foreground group of the PTY that `pid` leads; null where there is no /proc, or none. */
export function foregroundOf(pid: number): number | null {
  try {
    // pid (name) state ppid pgrp session tty_nr tpgid …; the name may hold spaces and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const group = Number(fields[5])
    return Number.isInteger(group) && group > 1 ? group : null
  } catch {
    return null
  }
}

/** Sends `signal` to a whole group; false when it is gone. */
export function signalGroup(group: number, signal: 'SIGHUP' | 'SIGCONT' | 'SIGKILL'): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch {
    return false
  }
}
