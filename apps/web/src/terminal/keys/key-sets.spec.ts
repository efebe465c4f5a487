import { expect, test } from 'vitest'
import { BAR_KEYS, keysOf } from './bar-keys.ts'
import {
  DEFAULT_SETS,
  isDefault,
  narrowRows,
  pagesOf,
  SET_KEYS_MAX,
  SET_NAMES,
  setsIn,
  storedSets,
  wideRows,
  withAdded,
  withMoved,
  withRemoved,
} from './key-sets.ts'
import { setFor, takesLineFeed } from './program-set.ts'

const SNIPPET = { id: 's', name: 'status', text: 'git status', enter: true, twice: false }

test('every key has an id of its own, and every default row is made of known keys', () => {
  expect(new Set(BAR_KEYS.map(({ id }) => id)).size).toBe(BAR_KEYS.length)
  for (const name of SET_NAMES) expect(keysOf(DEFAULT_SETS[name], []), name).toHaveLength(12)
})

test.each([
  ['vim', 'vim', ''],
  ['vim', 'nvim', ''],
  ['pager', 'less', ''],
  ['pager', 'man', ''],
  ['tmux', 'tmux: client', ''],
  ['agent', 'codex', ''],
  ['agent', 'node', 'Gemini - site'],
  ['agent', null, '✳ Claude Code'],
  ['vim', null, 'opening.ts (~/site) - NVIM'],
  ['shell', 'bash', 'claude'],
  ['shell', 'node', 'site'],
  ['shell', null, ''],
] as const)('the keys are those of %s for the process %s with the title %j', (set, program, title) => {
  expect(setFor(program, title)).toBe(set)
})

test('an agent takes a line feed, a shell does not', () => {
  expect(takesLineFeed('claude', '')).toBe(true)
  expect(takesLineFeed('node', 'Gemini - site')).toBe(true)
  expect(takesLineFeed('bash', 'claude')).toBe(false)
  expect(takesLineFeed('aider', '')).toBe(false)
})

test('the rows of the program come first, and those of the shell behind them', () => {
  const ids = pagesOf(DEFAULT_SETS, 'vim', [SNIPPET]).map((page) => page[0]?.id)
  expect(ids).toEqual(['Esc', 'Esc', '-', 'snippet s', 'F1'])
  expect(pagesOf(DEFAULT_SETS, 'vim', [])[0]?.map(({ id }) => id)).toContain(':w')
  expect(pagesOf(DEFAULT_SETS, 'shell', [])).toHaveLength(3)
})

test('a phone on its side has the wanted keys first and every key once', () => {
  const rows = wideRows(DEFAULT_SETS, 'shell', [])
  expect(rows[0]?.map(({ id }) => id).join(' ')).toBe('Esc Tab Ctrl ^C / | ~ ← ↓ ↑ →')
  const ids = rows.flat().map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toContain('F12')
  const inVim = wideRows(DEFAULT_SETS, 'vim', [])[0]?.map(({ id }) => id)
  expect(inVim?.join(' ')).toBe('Esc Ctrl : / :w Tab u ← ↓ ↑ →')
  expect(narrowRows(DEFAULT_SETS, 'shell', []).every((row) => row.length <= 6)).toBe(true)
})

test('keys are moved, added and removed', () => {
  expect(withMoved(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c'])
  expect(withMoved(['a', 'b', 'c'], 'c', 1)).toEqual(['a', 'b', 'c'])
  expect(withAdded(['a', 'b'], 'x', 'b')).toEqual(['a', 'x', 'b'])
  expect(withAdded(['a', 'b'], 'x', null)).toEqual(['a', 'b', 'x'])
  expect(withAdded(['a'], 'a', null)).toEqual(['a'])
  const full = Array.from({ length: SET_KEYS_MAX }, (_, at) => String(at))
  expect(withAdded(full, 'x', null)).toBe(full)
  expect(withRemoved(['a', 'b'], 'a')).toEqual(['b'])
  expect(withRemoved(['a'], 'a')).toEqual(['a'])
})

test('only edited rows are kept, and come back; foreign ones are left out', () => {
  expect(storedSets(DEFAULT_SETS)).toBeNull()
  const edited = { ...DEFAULT_SETS, vim: ['Esc', 'snippet s', ':q!'] }
  expect(setsIn(storedSets(edited))).toEqual(edited)
  expect(isDefault(setsIn(storedSets(edited)), 'vim')).toBe(false)
  expect(setsIn('{"shell":["Esc","Esc","rm -rf",4],"vim":"x","tmux":[]}')).toEqual({
    ...DEFAULT_SETS,
    shell: ['Esc'],
  })
  for (const text of [null, '', '[', '4']) expect(setsIn(text)).toEqual(DEFAULT_SETS)
})

test('a key of a snippet that is gone leaves the row', () => {
  expect(keysOf(['Esc', 'snippet s', 'Tab'], []).map(({ id }) => id)).toEqual(['Esc', 'Tab'])
})

test('a snippet that throws something away needs a second tap, whatever its switch says', () => {
  const removing = { ...SNIPPET, text: 'rm -rf build' }
  expect(keysOf(['snippet s'], [removing])[0]?.twice).toBe(true)
  expect(keysOf([':q!'], [])[0]?.twice).toBe(true)
})
