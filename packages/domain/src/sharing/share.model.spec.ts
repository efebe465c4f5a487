import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  admitGuest,
  isOpen,
  newShare,
  SHARE_GUESTS_MAX,
  SHARE_MS_MAX,
  SHARES_MAX,
  type Share,
} from './share.ts'

const HOUR_MS = 3_600_000
const wish = { terminal: 7, type: false, history: false, forMs: HOUR_MS, guestsMax: 1 }
const made = { id: '0102030405060708', startedAtMs: 5, openShares: 0 }
const opened = (more: Partial<typeof wish> = {}, nowMs = 1_000): Share => {
  const share = newShare({ ...wish, ...more }, made, nowMs)
  if (!share.ok) throw new Error(share.refusal)
  return share.value
}

it('a link has an end of at most seven days, and so many guests and neighbours', () => {
  const refusals = (more: Partial<typeof wish>, openShares = 0) =>
    newShare({ ...wish, ...more }, { ...made, openShares }, 0)
  expect(refusals({ forMs: SHARE_MS_MAX })).toMatchObject({ ok: true, value: { endsAtMs: SHARE_MS_MAX } })
  for (const forMs of [SHARE_MS_MAX + 1, 0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(refusals({ forMs })).toEqual({ ok: false, refusal: 'bad-time' })
  for (const guestsMax of [0, 1.5, SHARE_GUESTS_MAX + 1])
    expect(refusals({ guestsMax })).toEqual({ ok: false, refusal: 'bad-count' })
  expect(refusals({}, SHARES_MAX)).toEqual({ ok: false, refusal: 'too-many-links' })
})

it('a link is closed at its end, and where the clock was set back to before it was made', () => {
  const share = opened({}, HOUR_MS)
  expect([HOUR_MS, 2 * HOUR_MS - 1].map((nowMs) => isOpen(share, nowMs))).toEqual([true, true])
  expect([2 * HOUR_MS, 0].map((nowMs) => isOpen(share, nowMs))).toEqual([false, false])
})

it('whatever comes in whatever order, a link lets in no more browsers than it says, each under one name', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 5 }),
    greeted: fc.integer({ min: 0, max: 40 }),
    waitMs: fc.integer({ min: 0, max: HOUR_MS / 4 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (steps, guestsMax) => {
      let share = opened({ guestsMax }, 0)
      let nowMs = 0
      const names = new Map<number, string>()
      const greeted = new Map<number, number>()
      for (const [at, { key, greeted: atMs, waitMs }] of steps.entries()) {
        nowMs += waitMs
        const freshApp = `app ${at}`
        const came = admitGuest(share, { key: `key ${key}`, label: '', greetedAtMs: atMs, freshApp }, nowMs)
        const isFull = !names.has(key) && names.size === guestsMax
        const isOld = names.has(key) && atMs <= (greeted.get(key) ?? 0)
        const refusal = nowMs >= HOUR_MS ? 'ended' : isFull ? 'full' : isOld ? 'replayed' : null
        const app = names.get(key) ?? freshApp
        expect(came).toMatchObject(refusal === null ? { ok: true, value: { guest: { app } } } : { refusal })
        if (!came.ok) continue
        names.set(key, app)
        greeted.set(key, atMs)
        share = came.value.share
        expect(share.guests).toHaveLength(names.size)
      }
      expect(share).toMatchObject({ type: false, terminal: 7, endsAtMs: HOUR_MS, guestsMax })
    }),
  )
})
