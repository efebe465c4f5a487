import { historyQuery } from '@latchkey/protocol/history'
import { expect, test } from 'vitest'
import { EVERYTHING, pathOf } from './history.ts'

/** The question as the broker reads it. */
const read = (path: string) =>
  historyQuery.parse(Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? '')))

test('without a wish the newest attempts are asked for', () => {
  expect(read(pathOf(EVERYTHING, 1_000, null))).toEqual({ from: 'newest', limit: 50, skip: 0 })
})

test('every wish reaches the broker as it understands it', () => {
  const wish = { outcome: 'banned', runnerId: 'a runner/1', lastMs: 400, audit: true } as const
  expect(read(pathOf(wish, 1_000, { until: 990, skip: 50 }))).toEqual({
    outcome: 'banned',
    runner: 'a runner/1',
    since: 600,
    from: 'audit',
    until: 990,
    skip: 50,
    limit: 50,
  })
})
