import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CreditWindow, WINDOW_BYTES_MAX, WINDOW_BYTES_MIN, WINDOW_BYTES_START } from './credit-window.ts'

/** A program that never stops, a link of `linkBytesPerMs` and a page that draws `drawBytesPerMs`; 1 ms steps. */
function flood(
  window: CreditWindow,
  way: { linkBytesPerMs: number; drawBytesPerMs: number; roundTripMs: number; forMs: number },
) {
  let granted = window.begin(0)
  let sent = 0
  let arrived = 0
  let drawn = 0
  const grants: { atMs: number; upTo: number }[] = []
  window.roundTrip(way.roundTripMs)
  const flying: { atMs: number; bytes: number }[] = []
  for (let nowMs = 1; nowMs <= way.forMs; nowMs++) {
    while (grants[0] !== undefined && grants[0].atMs <= nowMs) granted = grants.shift()?.upTo ?? granted
    const bytes = Math.min(way.linkBytesPerMs, granted - sent)
    sent += bytes
    if (bytes > 0) flying.push({ atMs: nowMs + way.roundTripMs / 2, bytes })
    while (flying[0] !== undefined && flying[0].atMs <= nowMs) {
      window.arrived(nowMs)
      arrived += flying.shift()?.bytes ?? 0
    }
    drawn = Math.min(arrived, drawn + way.drawBytesPerMs)
    const grant = window.drawn(drawn, nowMs)
    if (grant !== null) grants.push({ atMs: nowMs + way.roundTripMs / 2, upTo: grant })
    if (nowMs % 100 === 0) window.roundTrip(way.roundTripMs + (sent - drawn) / way.linkBytesPerMs)
  }
  return { drawn, underWay: sent - drawn }
}

describe('the credit window', () => {
  it('starts at 256 KiB and grants again each eighth of it', () => {
    const window = new CreditWindow()
    expect(window.begin(1_000)).toBe(1_000 + WINDOW_BYTES_START)
    window.arrived(0)
    expect(window.drawn(1_000 + WINDOW_BYTES_START / 8 - 1, 1)).toBeNull()
    expect(window.drawn(1_000 + WINDOW_BYTES_START / 8, 1)).toBe(1_000 + WINDOW_BYTES_START * (9 / 8))
  })

  it('shrinks on a slow link, so that Ctrl-C is not behind a quarter of a megabyte', () => {
    const window = new CreditWindow()
    const { drawn, underWay } = flood(window, {
      linkBytesPerMs: 1_000,
      drawBytesPerMs: 100_000,
      roundTripMs: 40,
      forMs: 4_000,
    })
    expect(window.windowBytes).toBeLessThan(100 * 1024)
    expect(underWay / 1_000, 'milliseconds of output under way').toBeLessThan(100)
    expect(drawn, 'the link stays full').toBeGreaterThan(0.9 * 1_000 * 4_000)
  })

  it('shrinks for a page that draws slowly', () => {
    const window = new CreditWindow()
    flood(window, { linkBytesPerMs: 100_000, drawBytesPerMs: 5_000, roundTripMs: 2, forMs: 2_000 })
    expect(window.windowBytes / 5_000, 'milliseconds to draw what is under way').toBeLessThan(50)
  })

  it('grows on a fast and long link', () => {
    const window = new CreditWindow()
    flood(window, { linkBytesPerMs: 20_000, drawBytesPerMs: 100_000, roundTripMs: 100, forMs: 4_000 })
    expect(window.windowBytes).toBe(WINDOW_BYTES_MAX)
  })

  it('learns nothing from a program that prints little', () => {
    const window = new CreditWindow()
    window.begin(0)
    for (let nowMs = 0; nowMs < 20_000; nowMs += 100) {
      window.arrived(nowMs)
      window.drawn(nowMs * 10, nowMs + 1)
    }
    expect(window.windowBytes).toBe(WINDOW_BYTES_START)
  })

  it('never takes a grant back, never grants more than 1 MiB ahead, never less than 32 KiB', () => {
    const moves = fc.array(
      fc.record({
        bytes: fc.integer({ min: 0, max: 600_000 }),
        afterMs: fc.integer({ min: 0, max: 300 }),
        roundTripMs: fc.integer({ min: 0, max: 2_000 }),
      }),
    )
    fc.assert(
      fc.property(moves, (steps) => {
        const window = new CreditWindow()
        let granted = window.begin(0)
        let drawn = 0
        let nowMs = 0
        for (const step of steps) {
          nowMs += step.afterMs
          window.roundTrip(step.roundTripMs)
          window.arrived(nowMs)
          drawn = Math.min(granted, drawn + step.bytes)
          const grant = window.drawn(drawn, nowMs)
          expect(grant ?? Number.POSITIVE_INFINITY).toBeGreaterThan(granted)
          granted = grant ?? granted
          expect(granted - drawn).toBeLessThanOrEqual(WINDOW_BYTES_MAX)
          expect(window.windowBytes).toBeGreaterThanOrEqual(WINDOW_BYTES_MIN)
          expect(granted - drawn, 'the machine can always go on').toBeGreaterThan(0)
        }
      }),
    )
  })
})
