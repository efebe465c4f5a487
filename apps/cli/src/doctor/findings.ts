import { type Stats, statSync } from 'node:fs'
import { join } from 'node:path'

/** One thing that was looked at. */
export interface Finding {
  readonly about: 'node' | 'data folder' | 'broker' | 'store' | 'clock' | 'runner'
  readonly ok: boolean
  /** the finding; for a problem also its remedy */
  readonly says: string
}

/** The oldest that is supported. */
const NODE_MIN = [20, 19] as const
/** Codes and tickets live by the broker's clock; a difference makes the displayed times wrong. */
const CLOCK_APART_MS_MAX = 60_000
/** The folders with keys: a user who can read them can impersonate this machine. */
const FOLDERS = ['', 'runner', 'attach', 'joined']

export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  return { about: 'node', ok, says: ok ? version : `${version} is too old: ${NODE_MIN.join('.')} or newer` }
}

/** @param uid this user; null where the system has none */
export function judgeFolder(dataDir: string, uid: number | null): readonly Finding[] {
  const seen = FOLDERS.flatMap((name) => {
    const path = join(dataDir, name)
    const stats = statsOf(path)
    return stats === null ? [] : [{ path, stats }]
  })
  if (seen.length === 0) return [{ about: 'data folder', ok: true, says: `${dataDir} does not exist yet` }]
  const problems = seen.flatMap(({ path, stats }): Finding[] => {
    if (uid !== null && stats.uid !== uid)
      return [{ about: 'data folder', ok: false, says: `${path} belongs to another user` }]
    const mode = stats.mode & 0o777
    if ((mode & 0o077) === 0) return []
    return [
      {
        about: 'data folder',
        ok: false,
        says: `${path} is open to others (mode ${mode.toString(8)}): chmod 700 ${path}`,
      },
    ]
  })
  return problems.length > 0
    ? problems
    : [{ about: 'data folder', ok: true, says: `${dataDir}, for you alone` }]
}

/**
 * @param date the header of an answer, in whole seconds; null when there was none
 * @param askedMs and `heardMs` this machine's clock around the call
 */
export function judgeClock(date: string | null, askedMs: number, heardMs: number): Finding | null {
  const brokersMs = Date.parse(date ?? '')
  if (Number.isNaN(brokersMs)) return null
  const apartMs = brokersMs < askedMs - 1_000 ? askedMs - brokersMs : Math.max(0, brokersMs - heardMs)
  const seconds = Math.round(apartMs / 1_000)
  return apartMs <= CLOCK_APART_MS_MAX
    ? { about: 'clock', ok: true, says: seconds <= 1 ? 'as the broker’s' : `${seconds} s from the broker’s` }
    : { about: 'clock', ok: false, says: `${seconds} s from the broker’s: set the clock of one of the two` }
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}
