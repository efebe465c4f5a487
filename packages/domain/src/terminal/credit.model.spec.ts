import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as credit from './credit.ts'
import { OutputRing } from './output-ring.ts'

/** A terminal with some viewers of different appetite, driven at random; each viewer checks what it is sent. */
const RING_BYTES = 4_000

interface Modelled {
  viewing: credit.Viewing
  /** the offset the viewer has, by what it was sent; gaps are counted apart */
  has: number
  gapBytes: number
}

const command = fc.oneof(
  fc.record({ type: fc.constant('produce' as const), bytes: fc.integer({ min: 1, max: 1_500 }) }),
  fc.record({
    type: fc.constant('grant' as const),
    viewer: fc.nat({ max: 2 }),
    more: fc.nat({ max: 80_000 }),
  }),
  fc.record({ type: fc.constant('stall' as const) }),
  fc.record({ type: fc.constant('snapshot' as const), viewer: fc.nat({ max: 2 }) }),
)

it('each viewer gets every byte in order or an explicit gap, and never more than it granted', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
      const ring = new OutputRing(RING_BYTES)
      const viewers: Modelled[] = [0, 1, 2].map(() => ({ viewing: credit.following(0), has: 0, gapBytes: 0 }))
      for (const each of commands) {
        const viewer = 'viewer' in each ? viewers[each.viewer] : undefined
        if (each.type === 'produce') ring.append(new Uint8Array(each.bytes))
        if (each.type === 'stall')
          for (const one of viewers)
            if (one.viewing.status === 'following') one.viewing = credit.lag(one.viewing)
        if (each.type === 'grant' && viewer)
          viewer.viewing = credit.grant(viewer.viewing, viewer.has + each.more, ring)
        if (each.type === 'snapshot' && viewer?.viewing.status === 'restoring') {
          viewer.gapBytes += ring.end - viewer.has
          viewer.has = ring.end
          viewer.viewing = credit.restored(viewer.viewing, ring.end)
        }
        for (const one of viewers) pump(one, ring)
      }
      for (const one of viewers) {
        expect(one.viewing.sent).toBe(one.has)
        expect(one.viewing.granted - one.viewing.sent).toBeLessThanOrEqual(credit.WINDOW_BYTES_MAX)
      }
    }),
    { numRuns: 500 },
  )
})

function pump(one: Modelled, ring: OutputRing): void {
  if (credit.lostBacklog(one.viewing, ring)) one.viewing = credit.lag(one.viewing)
  for (;;) {
    const next = credit.sendable(one.viewing, ring.end, 700)
    if (next === null) return
    expect(next.start).toBe(one.has)
    expect(next.end).toBeLessThanOrEqual(one.viewing.granted)
    expect(ring.read(next.start, next.end - next.start)?.length).toBe(next.end - next.start)
    one.has = next.end
    one.viewing = credit.sentUpTo(one.viewing, next.end)
  }
}

const kept = (start: number, end: number) => ({ start, end })

it('a viewer that lagged goes on where it was while that is kept, and by a snapshot when it is not', () => {
  const lagging = credit.lag(credit.following(100))
  const upTo = 100 + credit.WINDOW_BYTES_MIN + 1
  expect(credit.grant(lagging, upTo, kept(100, 5_000))).toMatchObject({
    status: 'following',
    sent: 100,
    granted: upTo,
  })
  expect(credit.grant(lagging, upTo, kept(101, 5_000))).toMatchObject({ status: 'restoring', sent: 100 })
})

it('a smaller grant changes nothing, so it does not bring a stalled viewer back either', () => {
  const lagging = credit.lag(credit.following(100))
  expect(credit.grant(lagging, 100, kept(0, 5_000))).toBe(lagging)
})

it('however much is granted, no more than the largest window is under way', () => {
  const greedy = credit.grant(credit.following(0), Number.MAX_SAFE_INTEGER, kept(0, 0))
  expect(greedy.granted).toBe(credit.WINDOW_BYTES_MAX)
})

it('is out of credit exactly when it follows and nothing more may be produced for it', () => {
  const viewing = credit.following(0)
  expect(credit.isOutOfCredit(viewing, credit.WINDOW_BYTES_MIN - 1)).toBe(false)
  expect(credit.isOutOfCredit(viewing, credit.WINDOW_BYTES_MIN)).toBe(true)
  expect(credit.isOutOfCredit(credit.lag(viewing), credit.WINDOW_BYTES_MIN)).toBe(false)
  expect(credit.isOutOfCredit(credit.restoring(0), credit.WINDOW_BYTES_MIN)).toBe(false)
})
