import { readFileSync, readlinkSync } from 'node:fs'
import type { LineMode } from '../pty/line-mode.ts'
import { foregroundOf } from '../pty/process-groups.ts'
import { statusText } from './status-text.ts'

/** What the kernel says of a terminal. */
export interface Look extends Foreground {
  /** null where it is not known */
  readonly mode: LineMode | null
}

export interface Foreground {
  /** whether a shell is in the foreground, be it one in another; null where the platform does not tell by a file, as on macOS */
  readonly shellInFront: boolean | null
  /** the name of the foreground process */
  readonly program: string | null
  /** where it is */
  readonly folder: string | null
}

const NAME_CHARS_MAX = 64
const FOLDER_CHARS_MAX = 256
/** By the names of their processes. A script has its shell's name too, but does not edit lines. */
const SHELLS = new Set(
  'bash zsh fish sh dash ash ksh ksh93 mksh oksh tcsh csh nu elvish xonsh pwsh rc yash osh'.split(' '),
)

/** What the foreground of the terminal that `shell` leads is. Three small reads of /proc, some 50 µs. */
export function foreground(shell: number): Foreground {
  const group = foregroundOf(shell)
  if (group === null) return { shellInFront: null, program: null, folder: null }
  const program = read(() =>
    statusText(readFileSync(`/proc/${group}/comm`, 'utf8').trimEnd(), NAME_CHARS_MAX),
  )
  return {
    shellInFront: program === null ? group === shell : SHELLS.has(program),
    program,
    folder: read(() => statusText(readlinkSync(`/proc/${group}/cwd`), FOLDER_CHARS_MAX)),
  }
}

/** Null when the process has just ended, or is another user's (sudo). */
function read(look: () => string): string | null {
  try {
    return look() || null
  } catch {
    return null
  }
}
