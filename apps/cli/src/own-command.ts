import { readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import type { Installation } from './installation.ts'

/** In the command that a broker's line leaves in ~/.local/bin. */
export const INSTALLED_BY_BROKER = 'Latchkey, installed by its broker'

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly here: Installation
}

/** What a person types here to reach this very Latchkey: the word alone only where the shell finds it by that. */
export function ownCommand({ env, cwd, here }: Surroundings): string {
  switch (here.by) {
    case 'clone': {
      const from = relative(here.folder, env['INIT_CWD'] ?? cwd)
      const isInside = !from.startsWith('..') && !from.startsWith('/')
      return isInside ? 'npx latchkey' : join(here.folder, 'apps/cli/bin/latchkey.mjs')
    }
    case 'broker': {
      const command = join(env['HOME'] ?? '', '.local/bin/latchkey')
      const found = firstOnPath(env['PATH'] ?? '')
      return found !== null && textIn(found).includes(INSTALLED_BY_BROKER) ? 'latchkey' : command
    }
    case 'npm': {
      const found = firstOnPath(env['PATH'] ?? '')
      const isOurs = found !== null && realpathSync(found) === join(here.folder, 'bin/latchkey.mjs')
      return isOurs ? 'latchkey' : join(dirname(dirname(dirname(here.folder))), 'bin/latchkey')
    }
  }
}

/** What a person types here; `main` sets it before anything is printed. */
let typed = 'latchkey'

export function nameOwnCommand(command: string): void {
  typed = command
}

/** Makes the commands that a sentence names ones that work here. */
export const inOwnWords = (text: string, command = typed): string =>
  command === 'latchkey' ? text : text.replace(/(?<=^|[\s"“«(:])latchkey(?= (?!in )[a-z-])/gm, () => command)

function firstOnPath(path: string): string | null {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const file = join(folder, 'latchkey')
    try {
      return realpathSync(file) && file
    } catch {
      // Not in this folder.
    }
  }
  return null
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
