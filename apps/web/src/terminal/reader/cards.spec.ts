import type { MarkedCommand } from '@latchkey/connection/emulator/command-marks'
import { expect, it } from 'vitest'
import { type Card, cardText } from './card.ts'
import { cardsOf, keptCards, type ShownRows } from './cards.ts'
import { guessedCards } from './guessed-cards.ts'

/** Rows of a terminal; one that begins with `+` goes on with the row before it. */
const rowsOf = (...rows: readonly string[]): ShownRows => ({
  length: rows.length,
  getLine: (y) => {
    const row = rows[y]
    if (row === undefined) return undefined
    const isWrapped = row.startsWith('+')
    const text = isWrapped ? row.slice(1) : row
    return { isWrapped, translateToString: (_trim, from, to) => text.slice(from, to) }
  },
})
const command = (id: number, over: Partial<MarkedCommand>): MarkedCommand => ({
  ...{ id, text: `run ${id}`, prompt: null, folder: '/home', startedAtMs: 5, endedAtMs: 9, from: 0 },
  ...{ to: { line: 0, column: 0 }, exit: 0, ...over },
})
const told = (cards: readonly Card[]) =>
  cards.map(({ kind, command: text, runs, lines }) => [kind, text, runs, lines.join('|')])

it('marked commands are cards, with what stood before them and the prompt after them', () => {
  const rows = rowsOf('old', '$ run 1', 'out 1', '+ goes on', 'no end$ run 2', 'out 2', '')
  const cards = cardsOf(
    rows,
    [
      command(1, { prompt: 1, from: 2, to: { line: 4, column: 6 } }),
      command(2, { from: 5, to: null, exit: null }),
    ],
    null,
  )
  expect(told(cards)).toEqual([
    ['text', null, false, 'old'],
    ['marked', 'run 1', false, 'out 1 goes on|no end'],
    ['marked', 'run 2', true, 'out 2'],
  ])
  const ended = cardsOf(rowsOf('out', '$ typing'), [command(1, { to: { line: 1, column: 0 } })], null)
  expect(told(ended)).toEqual([
    ['marked', 'run 1', false, 'out'],
    ['prompt', null, false, '$ typing'],
  ])
})

it('a command whose beginning scrolled out begins with the oldest line, and a program shows its own screen', () => {
  const cards = cardsOf(
    rowsOf('rest', ''),
    [command(1, { text: null, from: null, to: null })],
    rowsOf('~ vim'),
  )
  expect(told(cards)).toEqual([['marked', null, true, 'rest|~ vim']])
})

it.each([
  ['$ ', ['$ ls', 'a  b', '$ make', 'x', '$'], ['ls', 'make']],
  ['user@host', ['me@attic:~/a b$ ls', 'a', 'me@attic:~/c$ make', 'me@attic:~/c$'], ['ls', 'make']],
  ['[user@host]', ['[me@attic src]$ ls -l', 'a', '[me@attic src]$'], ['ls -l']],
  ['robbyrussell', ['➜  site git:(main) ✗ npm test', 'ok', '➜  site git:(main) ✗'], ['npm test']],
  ['folder', ['~/site ❯ npm test', 'ok', '~/site ❯'], ['npm test']],
  ['host%', ['attic% ls', 'a', 'attic%'], ['ls']],
  ['root', ['# ls', 'a', '#'], ['ls']],
])('prompts are guessed: %s', (_kind, lines, commands) => {
  const cards = guessedCards(lines)
  expect(cards.flatMap((card) => (card.kind === 'guessed' ? [card.command] : []))).toEqual(commands)
  expect(cards.at(-1)?.kind).toBe('prompt')
})

it('lines that only resemble another prompt are output', () => {
  const cards = guessedCards([
    'me@attic:~$ cat README',
    '# Title',
    '$ npm install',
    '> quoted',
    'me@attic:~$',
  ])
  expect(told(cards)).toEqual([
    ['guessed', 'cat README', false, '# Title|$ npm install|> quoted'],
    ['prompt', null, false, 'me@attic:~$'],
  ])
  expect(told(guessedCards(['# Title', 'text']))).toEqual([['text', null, false, '# Title|text']])
  expect(told(guessedCards(['$ sleep 9', 'x']))).toEqual([['guessed', 'sleep 9', true, 'x']])
  expect(guessedCards([])).toEqual([])
})

it('a card that says the same stays the same, and is copied as a person would type it', () => {
  const first = guessedCards(['$ ls', 'a', '$ make', 'x'])
  const kept = keptCards(first, guessedCards(['$ ls', 'a', '$ make', 'x', 'y']))
  expect(kept[0]).toBe(first[0])
  expect(kept[1]).not.toBe(first[1])
  expect(keptCards(first, guessedCards(['$ ls', 'a', '$ make', 'x']))).toBe(first)
  expect(first.map(cardText)).toEqual(['$ ls\na', '$ make\nx'])
})
