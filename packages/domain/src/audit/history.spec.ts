import { expect, test } from 'vitest'
import { instant } from '../kernel.ts'
import { type HistoryEntry, isAudited, matchesQuery, pageOf, shelfOf } from './history.ts'

const entry: HistoryEntry = {
  at: instant(100),
  appSessionId: 'a',
  runnerId: 'r',
  maskedCode: '***-***-***',
  outcome: 'paired',
  errorCode: null,
  subject: 'address:192.0.2.1',
}

test('successes and failures stand on shelves of their own', () => {
  expect((['paired', 'unpaired', 'lifted'] as const).map(shelfOf)).toEqual([
    'successes',
    'successes',
    'successes',
  ])
  expect((['refused', 'banned', 'rate-limited'] as const).map(shelfOf)).toEqual([
    'failures',
    'failures',
    'failures',
  ])
})

test.each([
  [{ limit: 1 }, true],
  [{ limit: 1, sinceMs: 100 }, true],
  [{ limit: 1, sinceMs: 101 }, false],
  [{ limit: 1, untilMs: 100 }, true],
  [{ limit: 1, untilMs: 99 }, false],
  [{ limit: 1, runnerId: 'r', outcome: 'paired' as const }, true],
  [{ limit: 1, runnerId: 's' }, false],
  [{ limit: 1, outcome: 'refused' as const }, false],
])('a query %j finds a pairing of r at 100: %s', (query, found) => {
  expect(matchesQuery(entry, query)).toBe(found)
})

test('the audit holds what gave access, what took it away, and what started or ended a ban', () => {
  const outcomes = ['paired', 'unpaired', 'refused', 'banned', 'rate-limited', 'lifted'] as const
  expect(outcomes.filter(isAudited)).toEqual(['paired', 'unpaired', 'banned', 'lifted'])
})

test('pages follow each other without a gap', () => {
  const entries = [5, 4, 3, 2, 1].map((at) => ({ ...entry, at: instant(at) }))
  const pages = [0, 2, 4, 6].map((skip) => pageOf(entries, { limit: 2, skip }).map(({ at }) => at))
  expect(pages).toEqual([[5, 4], [3, 2], [1], []])
})
