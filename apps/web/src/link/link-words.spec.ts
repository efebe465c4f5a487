import type { LinkState } from '@latchkey/connection/app/link-state'
import { expect, it } from 'vitest'
import { en } from '../words/en.ts'
import { isJustAway, pillWords } from './link-words.ts'

const wentAtMs = 1_700_000_000_000
const offline = (lastSeenAtMs: number | null): LinkState => ({
  status: 'machine-offline',
  sinceMs: wentAtMs,
  untilMs: null,
  lastSeenAtMs,
})

it('a machine that went a moment ago is not said to be off: its program may be starting again', () => {
  for (const lastSeenAtMs of [null, wentAtMs - 5_000]) {
    expect(isJustAway(offline(lastSeenAtMs), wentAtMs + 9_000)).toBe(true)
    expect(isJustAway(offline(lastSeenAtMs), wentAtMs + 10_000)).toBe(false)
  }
  expect(pillWords(offline(null), 'attic', wentAtMs + 1_000, en)).toMatchObject({ dot: 'warn', pulse: true })
  expect(pillWords(offline(null), 'attic', wentAtMs + 10_000, en)).toMatchObject({ dot: 'off' })
})

it('a machine that was off before the page was opened is off at once', () => {
  expect(isJustAway(offline(wentAtMs - 3_600_000), wentAtMs)).toBe(false)
})
