import { printable } from '@latchkey/protocol/printable'
import { type Paint, paintWith } from '../up/paint.ts'
import { columnsOf, wrapped } from '../up/text-width.ts'
import type { Finding, State } from './finding.ts'

/** The marks stand without colour. */
const MARK: Readonly<Record<State, string>> = { ok: 'ok', warn: '!!', broken: 'XX', 'left-out': '--' }
const MARK_COLUMNS = 6
const CHECK_COLUMNS = 12
const TIME_COLUMNS = 10
/** Narrower screens have no room for times. */
const TIMES_FROM_COLUMNS = 64
/** Longer lines are hard to read. */
const LINE_COLUMNS_MAX = 80
const TEXT_CHARACTERS_MAX = 400

/** How to draw a report. */
export interface Look {
  readonly columns: number
  readonly color: boolean
}

/** The lines of one finding: mark, check, text and time; below them the next step. */
export function findingLines({ check, state, text, next, ms }: Finding, look: Look): readonly string[] {
  const paint = paintWith(look.color)
  const columns = Math.min(look.columns, LINE_COLUMNS_MAX)
  const withTimes = columns >= TIMES_FROM_COLUMNS
  const indent = 2 + MARK_COLUMNS + CHECK_COLUMNS
  const room = Math.max(20, columns - indent - (withTimes ? TIME_COLUMNS : 0))
  const [first = '', ...rest] = wrapped(printable(text, TEXT_CHARACTERS_MAX), room)
  const took = withTimes && ms !== undefined ? `${Math.round(ms)} ms` : ''
  const gap = ' '.repeat(Math.max(1, room - columnsOf(first) + TIME_COLUMNS - took.length))
  const mark = painted(state, MARK[state].padEnd(MARK_COLUMNS), paint)
  const head = `  ${mark}${check.padEnd(CHECK_COLUMNS)}${first}${took === '' ? '' : gap + paint.faint(took)}`
  const below =
    next === undefined ? [] : wrapped(`next: ${printable(next, TEXT_CHARACTERS_MAX)}`, columns - indent)
  return [head, ...[...rest, ...below].map((line) => ' '.repeat(indent) + line)]
}

function painted(state: State, mark: string, paint: Paint): string {
  switch (state) {
    case 'ok':
      return paint.good(mark)
    case 'warn':
      return paint.warning(mark)
    case 'broken':
      return paint.bad(mark)
    case 'left-out':
      return paint.faint(mark)
  }
}

/** The last line: `1 broken, 1 to mend, 1 left out, 13 fine.` What there is none of is not said. */
export function summaryLine(findings: readonly Finding[]): string {
  const count = (state: State) => findings.filter((each) => each.state === state).length
  const parts = [
    [count('broken'), 'broken'],
    [count('warn'), 'to mend'],
    [count('left-out'), 'left out'],
    [count('ok'), 'fine'],
  ] as const
  const said = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  return `${said.join(', ')}.`
}
