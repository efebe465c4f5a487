import { expect, it } from 'vitest'
import { cardsOf, cardsWith, type OverviewCard, stepped, waitingOf } from './overview-cards.ts'
import type { TabFacts } from './tabs.tsx'

const tab = (terminal: number, name: string, more: Partial<TabFacts> = {}): TabFacts => ({
  info: {
    ...{ terminal, name, cols: 80, rows: 24, owner: null, watchers: [], exit: null },
  },
  name,
  state: 'idle',
  folder: null,
  unseen: false,
  ...more,
})
const card = (terminal: number, name: string, more: Partial<OverviewCard> = {}): OverviewCard => ({
  ...tab(terminal, name, more),
  lines: [],
  ...more,
})

it('a terminal without a status has no last lines', () => {
  expect(cardsOf([tab(1, 'site')], new Map())).toEqual([{ ...tab(1, 'site'), lines: [] }])
})

it('a terminal is found by its name, its folder and its last lines, in any case and order of the words', () => {
  const cards = [
    card(1, 'Codex', { folder: '~/code/site', lines: ['Run these 4 lines?'] }),
    card(2, 'vite', { folder: '~/code/site' }),
    card(3, 'backup'),
  ]
  const found = (sought: string) => cardsWith(cards, sought).map(({ name }) => name)
  expect(found('codex')).toEqual(['Codex'])
  expect(found('site')).toEqual(['Codex', 'vite'])
  expect(found('SITE run')).toEqual(['Codex'])
  expect(found('  ')).toEqual(['Codex', 'vite', 'backup'])
  expect(found('none of it')).toEqual([])
})

it('only terminals that wait for their person are counted', () => {
  expect(
    waitingOf([card(1, 'a', { state: 'needs-you' }), card(2, 'b', { state: 'failed' }), card(3, 'c')]),
  ).toBe(1)
})

it.each([
  [0, 'right', 1],
  [0, 'left', 0],
  [1, 'down', 4],
  [4, 'up', 1],
  [1, 'up', 1],
  // The last row has two cards of three: down from above the gap leads to the last one.
  [5, 'down', 7],
  [6, 'down', 6],
  [7, 'right', 7],
] as const)('of eight cards in rows of three, from %i %s leads to %i', (at, step, to) => {
  expect(stepped(at, step, 3, 8)).toBe(to)
})
