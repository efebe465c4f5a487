import { describe, expect, it } from 'vitest'
import { isHeld, takeLease } from './accounts/lease.ts'
import { instant, later } from './kernel.ts'
import { leaseHolds } from './lease.ts'

const NOW = instant(1_700_000_000_000)
const DAY_MS = 86_400_000

describe('a lease', () => {
  it('holds from when it was taken until its end', () => {
    const lease = { from: NOW, until: later(NOW, 60_000) }
    expect(leaseHolds(lease, NOW)).toBe(true)
    expect(leaseHolds(lease, later(NOW, 59_999))).toBe(true)
    expect(leaseHolds(lease, later(NOW, 60_000))).toBe(false)
  })

  it('holds for a process whose clock is a moment behind', () => {
    expect(leaseHolds({ from: NOW, until: later(NOW, 60_000) }, later(NOW, -1_000))).toBe(true)
  })

  it.each([10_000, 60_000, DAY_MS, 400 * DAY_MS])('that begins %i ms from now holds nothing', (aheadMs) => {
    const from = later(NOW, aheadMs)
    expect(leaseHolds({ from, until: later(from, 60_000) }, NOW)).toBe(false)
  })

  it('of a linking session that was taken under a clock that was ahead is free for the next node', () => {
    const ahead = takeLease(null, 'node-a', later(NOW, DAY_MS), 60_000)
    expect(isHeld(ahead, NOW)).toBe(false)
    expect(takeLease(ahead, 'node-b', NOW, 60_000)).toMatchObject({ node: 'node-b', epoch: 2 })
  })

  it('of an older release, which does not say when it was taken, ends no later than any can', () => {
    expect(isHeld({ node: 'node-a', epoch: 1, until: later(NOW, 60_000) }, NOW)).toBe(true)
    expect(isHeld({ node: 'node-a', epoch: 1, until: later(NOW, DAY_MS) }, NOW)).toBe(false)
  })
})
