import { execFileSync } from 'node:child_process'

type Env = Readonly<Record<string, string | undefined>>

/** What a C library takes for "none chosen": its letters are ASCII, and a line editor then erases half a character. */
const NONE_CHOSEN: ReadonlySet<string> = new Set(['', 'C', 'POSIX'])
const WANTED: readonly RegExp[] = [/^C\.utf-?8$/i, /^en_US\.utf-?8$/i, /\.utf-?8$/i]
const ASKING_MS_MAX = 2_000

/**
 * The variables that make programs read and write UTF-8, which is all that a terminal of ours speaks; none where the user
 * has chosen a locale. POSIX, 8.2: LC_ALL before LC_CTYPE before LANG.
 * @param locales the names of all that the platform has
 */
export function utf8Locale(env: Env, locales: () => readonly string[]): Record<string, string> {
  const chosen = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  // LC_ALL would win over whatever is said here, and was meant to.
  if (!NONE_CHOSEN.has(chosen) || env['LC_ALL']) return {}
  const known = locales()
  const name = WANTED.map((wanted) => known.find((each) => wanted.test(each))).find(Boolean) ?? 'C.UTF-8'
  return env['LANG'] || env['LC_CTYPE'] ? { LC_CTYPE: name } : { LANG: name }
}

/** What `locale -a` lists; nothing where there is no such program (musl, which reads UTF-8 in any locale). */
export function installedLocales(): readonly string[] {
  try {
    const listed = execFileSync('locale', ['-a'], {
      encoding: 'utf8',
      timeout: ASKING_MS_MAX,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return listed.split('\n').filter((name) => name !== '')
  } catch {
    return []
  }
}
