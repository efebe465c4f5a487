import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as lease from './size-lease.ts'

const phone = { cols: 40, rows: 20 }
const desk = { cols: 120, rows: 40 }

it('the first app that says its size has it', () => {
  expect(lease.wish(lease.unowned(desk), 'phone', phone)).toEqual({ owner: 'phone', ...phone })
})

it("another app's size is not followed until it is taken", () => {
  const owned = lease.wish(lease.unowned(desk), 'phone', phone)
  expect(lease.wish(owned, 'desk', desk)).toBe(owned)
  expect(lease.take(owned, 'desk', desk)).toEqual({ owner: 'desk', ...desk })
})

it('when the owner leaves, the size stays and the next one that says its size has it', () => {
  const left = lease.leave(lease.wish(lease.unowned(desk), 'phone', phone), 'phone')
  expect(left).toEqual({ owner: null, ...phone })
  expect(lease.wish(left, 'desk', desk)).toEqual({ owner: 'desk', ...desk })
})

it('somebody else leaving changes nothing', () => {
  const owned = lease.wish(lease.unowned(desk), 'phone', phone)
  expect(lease.leave(owned, 'desk')).toBe(owned)
})

it('has at most one owner, and only an owner or a taker changes the size', () => {
  const app = fc.constantFrom('a', 'b', 'c')
  const act = fc.tuple(fc.constantFrom('wish', 'take', 'leave'), app, fc.integer({ min: 1, max: 9 }))
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      let now = lease.unowned(desk)
      for (const [what, who, cols] of acts) {
        const before = now
        if (what === 'leave') now = lease.leave(now, who)
        else
          now =
            what === 'wish'
              ? lease.wish(now, who, { cols, rows: 5 })
              : lease.take(now, who, { cols, rows: 5 })
        expect(lease.sameSize(before, now) || now.owner === who).toBe(true)
        expect(what === 'take' ? now : { owner: who, cols, rows: 5 }).toEqual({ owner: who, cols, rows: 5 })
      }
    }),
  )
})
