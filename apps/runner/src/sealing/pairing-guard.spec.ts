import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  decodeGuard,
  FAILURES_MAX,
  guessed,
  mayPrompt,
  OPEN_GUARD,
  PROMPTS_A_DAY_MAX,
  PROMPTS_AN_HOUR_MAX,
  prompted,
  promptsAgainAtMs,
  proved,
} from './pairing-guard.ts'

const HOUR_MS = 3_600_000

it('shows at most ten PINs in any hour and thirty in any day, whenever they are asked for', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 40 * 60_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(gaps, (gapsMs) => {
      let guard = OPEN_GUARD
      let nowMs = 1_800_000_000_000
      const shown: number[] = []
      for (const gapMs of gapsMs) {
        nowMs += gapMs
        if (mayPrompt(guard, nowMs) !== null) continue
        guard = prompted(guard, nowMs)
        shown.push(nowMs)
      }
      const within = (at: number, spanMs: number) => shown.filter((one) => one > at - spanMs && one <= at)
      for (const at of shown) {
        expect(within(at, HOUR_MS).length).toBeLessThanOrEqual(PROMPTS_AN_HOUR_MAX)
        expect(within(at, 24 * HOUR_MS).length).toBeLessThanOrEqual(PROMPTS_A_DAY_MAX)
      }
    }),
    { numRuns: 200 },
  )
})

it('locks at the tenth wrong PIN in a row, not before, and a right one in between starts anew', () => {
  let guard = OPEN_GUARD
  for (let guess = 1; guess < FAILURES_MAX; guess++) guard = guessed(guard)
  expect(guard.locked).toBe(null)
  expect(guessed(guard).locked).toBe('guessing')
  expect(proved(guessed(guard))).toMatchObject({ locked: null, failures: 0 })
  expect(mayPrompt(guessed(guard), 0)).toBe('locked')
})

it('reads what it wrote, and nothing else', () => {
  const guard = prompted(guessed(OPEN_GUARD), 5)
  expect(decodeGuard(JSON.stringify(guard))).toEqual(guard)
  for (const text of ['', '{', '{"version":2}', '[]']) expect(decodeGuard(text)).toBe(null)
})

it('says from when on a PIN may be shown again, and then it may', () => {
  let guard = OPEN_GUARD
  for (let nth = 0; nth < PROMPTS_AN_HOUR_MAX; nth++) guard = prompted(guard, nth * 1_000)
  const againAtMs = promptsAgainAtMs(guard, 20_000)
  expect(againAtMs).toBe(HOUR_MS)
  expect(mayPrompt(guard, againAtMs - 1)).toBe('window-closed')
  expect(mayPrompt(guard, againAtMs)).toBe(null)
})
