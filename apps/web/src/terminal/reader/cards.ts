import type { MarkedCommand } from '@latchkey/connection/emulator/command-marks'
import { type Card, TEXT } from './card.ts'
import { guessedCards } from './guessed-cards.ts'

/** The lines of an emulator's buffer. */
export interface ShownRows {
  readonly length: number
  getLine(
    y: number,
  ):
    | { readonly isWrapped: boolean; translateToString(trim?: boolean, from?: number, to?: number): string }
    | undefined
}

/**
 * The text of a terminal as cards, oldest first.
 * @param program what a program shows in the second buffer now; null for none
 */
export function cardsOf(
  rows: ShownRows,
  commands: readonly MarkedCommand[],
  program: ShownRows | null,
): readonly Card[] {
  const shown = program === null ? [] : linesOf(program, 0, program.length)
  const cards = commands.length === 0 ? guessedCards(linesOf(rows, 0, rows.length)) : marked(rows, commands)
  const last = cards.at(-1)
  if (shown.length === 0) return cards
  return last?.runs === true
    ? [...cards.slice(0, -1), { ...last, lines: [...last.lines, ...shown] }]
    : [...cards, { ...TEXT, key: 'program', lines: shown }]
}

/** The card before where it says the same, so that nothing of it is drawn anew. */
export function keptCards(before: readonly Card[], now: readonly Card[]): readonly Card[] {
  const known = new Map(before.map((card) => [card.key, card]))
  const cards = now.map((card) => {
    const old = known.get(card.key)
    return old !== undefined && isSame(old, card) ? old : card
  })
  return cards.length === before.length && cards.every((card, at) => card === before[at]) ? before : cards
}

function isSame(a: Card, b: Card): boolean {
  const same =
    a.kind === b.kind &&
    a.command === b.command &&
    a.runs === b.runs &&
    a.exit === b.exit &&
    a.folder === b.folder
  const sameTimes = a.startedAtMs === b.startedAtMs && a.endedAtMs === b.endedAtMs
  return (
    same &&
    sameTimes &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, at) => line === b.lines[at])
  )
}

function marked(rows: ShownRows, commands: readonly MarkedCommand[]): readonly Card[] {
  const cards: Card[] = []
  const [first] = commands
  // The lines of its prompt are no output of what came before.
  const before = first?.prompt ?? first?.from ?? 0
  cards.push(...guessedCards(linesOf(rows, 0, before)).map((card) => ({ ...card, runs: false })))
  let at = 0
  for (const command of commands) {
    const { id, text, exit, startedAtMs, endedAtMs, folder, to } = command
    const lines = linesOf(rows, command.from ?? at, to === null ? rows.length : to.line + 1, to?.column)
    const facts = { exit, startedAtMs, endedAtMs, folder }
    cards.push({ key: `c${id}`, kind: 'marked', command: text, runs: to === null, ...facts, lines })
    at = to?.line ?? rows.length
  }
  const end = commands.at(-1)?.to ?? null
  if (end === null) return cards
  const typed = linesOf(rows, end.line, rows.length).map((line, row) =>
    row === 0 ? line.slice(end.column) : line,
  )
  return typed.some((line) => line !== '')
    ? [...cards, { ...TEXT, key: 'prompt', kind: 'prompt', lines: typed }]
    : cards
}

/** Rows from `from` to before `to`, the last one up to `column`. */
function linesOf(rows: ShownRows, from: number, to: number, column?: number): readonly string[] {
  const lines: string[] = []
  for (let y = from; y < Math.min(to, rows.length); y++) {
    const row = rows.getLine(y)
    if (row === undefined) continue
    const end = y === to - 1 ? column : undefined
    const wraps = y + 1 < to && rows.getLine(y + 1)?.isWrapped === true
    const text = row.translateToString(!wraps, 0, end)
    if (row.isWrapped && lines.length > 0) lines[lines.length - 1] += text
    else lines.push(text)
  }
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop()
  return lines
}
