import { accessSync, constants, existsSync, type Stats, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { installedLocales } from '@latchkey/runner/locale'
import { defaultShell, isProgram, shellEnvironment } from '@latchkey/runner/shell-environment'
import type { Invocation } from '../command.ts'
import { askKeeper } from '../keeper/ask-keeper.ts'
import { askRunnerOf } from '../owner/ask-runner.ts'
import { managerOf } from '../service/manager.ts'
import { broken, type Finding, fine, leftOut, warns } from './finding.ts'

/** The oldest that is supported. */
const NODE_MIN = [20, 19] as const
/** The folders with keys: a user who can read them can impersonate this machine. */
const FOLDERS = ['', 'runner', 'attach', 'joined']
/** A full disk ends writes; databases and last screens of a busy machine take some tens of MiB. */
const FREE_BYTES_MIN = 256 * 1024 * 1024
const GIB = 1024 ** 3
/** Where systems keep their descriptions of terminals, besides `TERMINFO`. */
const TERMINFO_FOLDERS = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo', '/usr/lib/terminfo']
const DATABASE = 'broker.sqlite'

type Env = Readonly<Record<string, string | undefined>>

export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  return isNew
    ? fine('node', version)
    : broken('node', `${version} is too old`, `install Node ${NODE_MIN.join('.')} or newer`)
}

/** Owner, modes, room and database of the data folder. @param uid this user; null where the system has none */
export function judgeFolder(dataDir: string, uid: number | null): readonly Finding[] {
  const seen = FOLDERS.flatMap((name) => {
    const path = join(dataDir, name)
    const stats = statsOf(path)
    return stats === null ? [] : [{ path, stats }]
  })
  if (seen.length === 0) return [leftOut('folder', `${dataDir} does not exist yet`, 'latchkey up')]
  const problems = seen.flatMap(({ path, stats }): Finding[] => {
    if (uid !== null && stats.uid !== uid)
      return [
        broken(
          'folder',
          `${path} belongs to another user`,
          `chown it to yourself, or name another: latchkey doctor --data-dir FOLDER`,
        ),
      ]
    const mode = stats.mode & 0o777
    if ((mode & 0o077) === 0) return []
    return [broken('folder', `${path} is open to others (mode ${mode.toString(8)})`, `chmod 700 ${path}`)]
  })
  const database = judgeDatabase(join(dataDir, DATABASE))
  if (problems.length > 0) return [...problems, ...database]
  return [judgeRoom(dataDir), ...database]
}

function judgeRoom(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir)
  const free = bavail * bsize
  const said = `${dataDir}, for you alone, ${(free / GIB).toFixed(1)} GB free`
  return free >= FREE_BYTES_MIN
    ? fine('folder', said)
    : warns('folder', said, `make room on this disk: at least ${FREE_BYTES_MIN / 1024 ** 2} MiB`)
}

/** Nothing when all is well: the broker says more of its store. */
function judgeDatabase(path: string): readonly Finding[] {
  if (!existsSync(path)) return []
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return []
  } catch {
    return [broken('store', `${path} cannot be read and written by this user`, `chmod u+rw ${path}`)]
  }
}

/** The programs and descriptions that a terminal opened from here would find. */
export function judgeTerminals(
  env: Env,
  locales: () => readonly string[] = installedLocales,
  folders: readonly string[] = TERMINFO_FOLDERS,
): readonly Finding[] {
  const own = shellEnvironment(env, locales)
  const shell = defaultShell(env)
  const locale = own['LC_ALL'] || own['LC_CTYPE'] || own['LANG'] || ''
  const term = own['TERM'] ?? ''
  const known = [own['TERMINFO'], own['HOME'] && join(own['HOME'], '.terminfo'), ...folders]
  const isDescribed = known.some(
    (folder) =>
      folder !== undefined &&
      [term.slice(0, 1), term.charCodeAt(0).toString(16)].some((letter) =>
        existsSync(join(folder, letter, term)),
      ),
  )
  return [
    isProgram(shell)
      ? fine('shell', shell)
      : broken('shell', `${shell} is no program`, 'SHELL=/bin/sh latchkey up'),
    /utf-?8/i.test(locale)
      ? fine('locale', locale)
      : warns(
          'locale',
          `${locale} is not UTF-8: letters beyond ASCII come out wrong`,
          'LC_ALL=C.UTF-8 latchkey up',
        ),
    isDescribed
      ? fine('terminfo', term)
      : warns(
          'terminfo',
          `${term} is not described here: full-screen programs may not start`,
          'install ncurses-term, or ncurses-base',
        ),
  ]
}

/** The runner of this data folder. */
export async function judgeRunner(dataDir: string): Promise<Finding> {
  const answer = await askRunnerOf(dataDir, { command: 'apps' })
  if (answer === null) return leftOut('runner', 'none runs here', 'latchkey up')
  if (!answer.ok) return broken('runner', answer.message, 'latchkey stop, then latchkey up')
  const apps = `runs, and knows ${answer.apps?.length ?? 0} apps`
  return answer.locked === undefined || answer.locked === null
    ? fine('runner', apps)
    : warns('runner', `${apps}, but lets no new app pair`, 'latchkey unlock')
}

/** Whether Latchkey starts with the machine. */
export function judgeService(call: Invocation): Finding {
  const manager = managerOf(call)
  if (typeof manager === 'string') return leftOut('service', 'this system starts none of this kind')
  if (!existsSync(manager.unitFile))
    return leftOut('service', 'none: Latchkey ends with its window', 'latchkey service install')
  if (manager.kind === 'launchd') return fine('service', 'a launchd agent of this user')
  return manager.lingers()
    ? fine('service', 'a systemd unit of this user, linger on')
    : warns('service', 'it ends at your last logout', 'loginctl enable-linger')
}

/** The process that keeps terminals. */
export async function judgeKeeper(dataDir: string): Promise<Finding> {
  const keeper = await askKeeper(dataDir)
  if (keeper === null) return leftOut('keeper', 'none runs here')
  if (typeof keeper === 'string')
    return broken('keeper', keeper, 'latchkey stop --terminals, then latchkey up')
  const { pid, terminals } = keeper
  return fine(
    'keeper',
    `${terminals.length} ${terminals.length === 1 ? 'terminal' : 'terminals'}, process ${pid}`,
  )
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}
