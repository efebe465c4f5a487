import { homedir } from 'node:os'
import { printable } from '@latchkey/protocol/printable'
import type { ControlAnswer } from '@latchkey/runner/sealing/control-wire'
import { duration } from '../status/table.ts'

export type ListedTerminal = NonNullable<Extract<ControlAnswer, { readonly ok: true }>['terminals']>[number]

/** In the order in which a person wants to see them. */
const STATES = {
  'needs-you': 'needs you',
  failed: 'failed',
  done: 'done',
  working: 'working',
  idle: 'idle',
} as const satisfies Record<ListedTerminal['state'], string>
const ORDER = Object.keys(STATES)
const KINDS = { permission: 'permission', question: 'question', auth: 'password' } as const
const STATE_WIDTH = 10
const SINCE_WIDTH = 7
const NAME_WIDTH = 18
const LINE_CHARACTERS_MAX = 160

/** Those that need their person first, then by how long they are in their state, the newest first. */
export const inOrder = (terminals: readonly ListedTerminal[]): readonly ListedTerminal[] =>
  terminals.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.sinceMs - a.sinceMs)

/** One line for each terminal, and below it what it says or its last line. */
export const psLines = (terminals: readonly ListedTerminal[], nowMs: number): readonly string[] =>
  terminals.flatMap((terminal) => {
    const { state, kind, program, title, progress, sinceMs } = terminal
    const more = [
      kind === undefined ? null : KINDS[kind],
      progress === undefined ? null : `${progress} %`,
      program,
      folderOf(terminal),
      title,
    ]
    const facts = more.flatMap((each) => (each ? [printable(each, LINE_CHARACTERS_MAX)] : [])).join('  ')
    const said = terminal.message ?? terminal.lastLines.at(-1)
    const first = `${STATES[state].padEnd(STATE_WIDTH)}${duration(nowMs - sinceMs).padEnd(SINCE_WIDTH)}${printable(terminal.name).padEnd(NAME_WIDTH)} ${facts}`
    return said === undefined
      ? [first.trimEnd()]
      : [first.trimEnd(), `${' '.repeat(STATE_WIDTH + SINCE_WIDTH)}${printable(said, LINE_CHARACTERS_MAX)}`]
  })

function folderOf({ folder }: ListedTerminal): string | undefined {
  const home = homedir()
  if (folder === home) return '~'
  return folder?.startsWith(`${home}/`) ? `~${folder.slice(home.length)}` : folder
}
