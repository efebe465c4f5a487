import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  decodeGuard,
  FAILURES_MAX,
  guessed,
  mayPrompt,
  OPEN_GUARD,
  type PairingGuard,
  PROMPTS_A_DAY_MAX,
  PROMPTS_AN_HOUR_MAX,
  PROMPTS_AN_HOUR_OPEN,
  prompted,
  promptsAgainAtMs,
  proved,
  SHARE_OF_A_DAY,
  SHARE_OF_AN_HOUR,
} from './pairing-guard.ts'

const HOUR_MS = 3_600_000
const OWNER = '198.51.100.1'

it('shows at most ten PINs in any hour and thirty in any day, whenever they are asked for', () => {
  const asked = fc.record({ gapMs: fc.integer({ min: 0, max: 40 * 60_000 }), host: fc.nat({ max: 9 }) })
  fc.assert(
    fc.property(fc.array(asked, { minLength: 1, maxLength: 200, size: 'max' }), (asks) => {
      let guard = OPEN_GUARD
      let nowMs = 1_800_000_000_000
      const shown: number[] = []
      for (const { gapMs, host } of asks) {
        nowMs += gapMs
        const address = `192.0.2.${host}`
        const againAtMs = promptsAgainAtMs(guard, address, nowMs)
        const isOver = againAtMs > nowMs
        expect(mayPrompt(guard, address, nowMs)).toBe(isOver ? 'window-closed' : null)
        expect(mayPrompt(guard, address, Math.max(nowMs, againAtMs - 1))).toBe(
          isOver ? 'window-closed' : null,
        )
        expect(mayPrompt(guard, address, againAtMs)).toBe(null)
        if (isOver) continue
        guard = prompted(guard, address, nowMs)
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
  expect(mayPrompt(guessed(guard), OWNER, 0)).toBe('locked')
})

it('reads what it wrote, and nothing else', () => {
  const guard = prompted(guessed(OPEN_GUARD), OWNER, 5)
  expect(decodeGuard(JSON.stringify(guard))).toEqual(guard)
  for (const text of ['', '{', '{"version":2}', '[]']) expect(decodeGuard(text)).toBe(null)
})

it('reads what older releases wrote, which did not say who asked', () => {
  const text = JSON.stringify({ version: 1, locked: null, failures: 2, promptsAtMs: [1, 2, 3] })
  expect(decodeGuard(text)).toEqual({
    version: 1,
    locked: null,
    failures: 2,
    promptsAtMs: [1, 2, 3],
    askers: [],
  })
})

/** Asks as often as it may, all in one second, and says how often that was. */
function ask(from: PairingGuard, addresses: readonly string[], nowMs: number) {
  let guard = from
  let shownCount = 0
  for (let nth = 0; nth < 40; nth++) {
    const address = addresses[nth % addresses.length] ?? ''
    if (mayPrompt(guard, address, nowMs + nth) !== null) continue
    guard = prompted(guard, address, nowMs + nth)
    shownCount++
  }
  return { guard, shownCount }
}

it('leaves the owner prompts when one address asks as often as it can, in an hour and in a day', () => {
  const attackers = [['203.0.113.7'], Array.from({ length: 40 }, (_, host) => `2001:db8:1:2::${host + 1}`)]
  for (const addresses of attackers) {
    let guard = OPEN_GUARD
    for (let hour = 0; hour < 23; hour++) guard = ask(guard, addresses, hour * HOUR_MS).guard
    const nowMs = 23 * HOUR_MS
    expect(mayPrompt(guard, addresses[0] ?? '', nowMs)).toBe('window-closed')
    expect(mayPrompt(guard, OWNER, nowMs)).toBe(null)
    // An address that has a share left does not wait.
    expect(promptsAgainAtMs(guard, null, nowMs)).toBe(nowMs)
    expect(ask(guard, [OWNER], nowMs).shownCount).toBe(SHARE_OF_A_DAY)
  }
  const inAnHour = ask(OPEN_GUARD, ['203.0.113.7'], 0)
  expect(inAnHour.shownCount).toBe(PROMPTS_AN_HOUR_OPEN)
  expect(ask(inAnHour.guard, [OWNER], 5_000).shownCount).toBe(SHARE_OF_AN_HOUR)
})

it('says from when on a PIN may be shown again, and then it may', () => {
  const { guard } = ask(OPEN_GUARD, ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'], 0)
  expect(guard.promptsAtMs).toHaveLength(PROMPTS_AN_HOUR_MAX)
  const againAtMs = promptsAgainAtMs(guard, OWNER, 20_000)
  expect(againAtMs).toBe(HOUR_MS)
  expect(promptsAgainAtMs(guard, null, 20_000)).toBe(HOUR_MS)
  expect(mayPrompt(guard, OWNER, againAtMs - 1)).toBe('window-closed')
  expect(mayPrompt(guard, OWNER, againAtMs)).toBe(null)
})
