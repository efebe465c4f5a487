import { accessSync, constants, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { isAbsolute } from 'node:path'
import { installedLocales, utf8Locale } from './locale.ts'
import type { Program } from './pty/pty-process.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * What must not reach a shell that others drive: our own settings (the enrolment secret among them), the stores' passwords,
 * the channel to our parent, what npm sets for the scripts it starts, and how we tell the C library to save memory.
 */
const OURS =
  /^(LATCHKEY|npm_|NODE_CHANNEL_|REDIS_|DATABASE_|SENTRY_|INIT_CWD$|NODE$|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_UNIQUE_ID$|MALLOC_ARENA_MAX$|MALLOC_MMAP_THRESHOLD_$)/i
/** Variables that npm sets under names that people use too: COLOR always, EDITOR unless the user has set it. */
const isNpmsOwn = (name: string, value: string | undefined): boolean =>
  name === 'COLOR' || (name === 'EDITOR' && value === 'vi')
/** What another terminal said of itself, which is not true of this one. */
const ANOTHER_TERMINALS =
  /^(TMUX|TMUX_PANE|STY|WINDOW|WINDOWID|TERMCAP|COLUMNS|LINES|TERM_PROGRAM|TERM_PROGRAM_VERSION|VTE_VERSION|KITTY_WINDOW_ID|WT_SESSION|ITERM_SESSION_ID|NO_COLOR|FORCE_COLOR)$/
/** npm and our own tools put what they installed before everything else: a Node, and the programs of packages. */
const INSTALLED_FOLDER = /[\\/]node_modules[\\/]/

/**
 * The environment of a shell: the user's own, told what kind of terminal it is in.
 * @param locales what the platform has, asked only when the user has chosen none
 */
export function shellEnvironment(env: Env, locales = installedLocales): Record<string, string> {
  const kept: Record<string, string> = {}
  const byNpm = env['npm_execpath'] !== undefined
  for (const [name, value] of Object.entries(env)) {
    const left = OURS.test(name) || ANOTHER_TERMINALS.test(name) || (byNpm && isNpmsOwn(name, value))
    if (value !== undefined && !left) kept[name] = value
  }
  const separator = process.platform === 'win32' ? ';' : ':'
  const path = kept['PATH']?.split(separator).filter((folder) => !INSTALLED_FOLDER.test(folder))
  if (path !== undefined) kept['PATH'] = path.join(separator)
  return {
    ...kept,
    ...utf8Locale(kept, locales),
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LATCHKEY: '1',
  }
}

/** The user's shell. */
export function defaultShell(env: Env): string {
  return [env['SHELL'], userInfo().shell ?? undefined, '/bin/bash', '/bin/sh'].find(isProgram) ?? '/bin/sh'
}

export const defaultFolder = (): string => homedir()

/** Where a shell starts: `folder`, or the user's own when that is gone meanwhile. */
export function shellProgram(options: {
  readonly shell: string
  readonly folder: string
  readonly env: Env
}): Program {
  const { shell, folder, env } = options
  if (!isProgram(shell)) throw new Error(`${shell} is not a program`)
  const cwd = isFolder(folder) ? folder : isFolder(homedir()) ? homedir() : '/'
  // A login shell where terminals start one.
  const args = process.platform === 'darwin' ? ['-l'] : []
  return { file: shell, args, cwd, env: { ...shellEnvironment(env), SHELL: shell } }
}

/** Whether `path` is absolute and names a file that this user may execute. */
export function isProgram(path: string | undefined): path is string {
  if (path === undefined || !isAbsolute(path)) return false
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function isFolder(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
