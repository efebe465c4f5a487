import { describe, expect, it } from 'vitest'
import { BulkPace, WINDOW_BYTES_MIN } from './bulk-pace.ts'

/**
 * A way of this rate and round trip, one queue deep: how much it delivered in `runMs`, how long its queue was at the end, and for how
 * many round trips of all a key would have waited longer than a quarter of one.
 */
function over({
  bytesPerMs,
  roundTripMs,
  runMs,
}: {
  bytesPerMs: number
  roundTripMs: number
  runMs: number
}) {
  const pace = new BulkPace()
  pace.begin(0, 0)
  const acks: { atMs: number; upTo: number }[] = []
  const waits: number[] = []
  let slowMs = 0
  let sent = 0
  let delivered = 0
  let freeAtMs = 0
  for (let nowMs = 0; nowMs < runMs; nowMs++) {
    while (acks[0] !== undefined && acks[0].atMs <= nowMs) {
      delivered = acks.shift()?.upTo ?? delivered
      pace.delivered(delivered, nowMs)
    }
    while (sent + pace.chunkBytes <= delivered + pace.windowBytes) {
      const chunk = pace.chunkBytes
      sent += chunk
      pace.sent(sent, nowMs)
      const startMs = Math.max(freeAtMs, nowMs)
      freeAtMs = startMs + chunk / bytesPerMs
      acks.push({ atMs: freeAtMs + roundTripMs, upTo: sent })
    }
    const waitMs = Math.max(0, freeAtMs - nowMs)
    if (waitMs > roundTripMs / 4) slowMs += 1
    if (nowMs > runMs / 2) waits.push(waitMs)
  }
  return { bytesPerMs: delivered / runMs, waitMs: Math.max(...waits), slowTrips: slowMs / roundTripMs }
}

describe('the pace of a file', () => {
  it.each([
    { bytesPerMs: 10_000, roundTripMs: 40 },
    { bytesPerMs: 1_000, roundTripMs: 40 },
    { bytesPerMs: 1_000, roundTripMs: 200 },
    { bytesPerMs: 20_000, roundTripMs: 20 },
  ])('fills a way of $bytesPerMs KB/s and $roundTripMs ms, and a key hardly waits', (way) => {
    const run = over({ ...way, runMs: 10_000 })
    expect(run.bytesPerMs).toBeGreaterThan(way.bytesPerMs * 0.9)
    expect(run.waitMs).toBeLessThan(way.roundTripMs * 0.4)
    expect(run.slowTrips, 'the queue of its start is let go').toBeLessThan(7)
  })

  it('never stops', () => {
    expect(over({ bytesPerMs: 5, roundTripMs: 300, runMs: 60_000 }).bytesPerMs).toBeGreaterThan(4)
    const pace = new BulkPace()
    pace.begin(0, 0)
    pace.sent(10, 0)
    pace.delivered(10, 60_000)
    expect(pace.windowBytes).toBeGreaterThanOrEqual(WINDOW_BYTES_MIN)
  })
})
