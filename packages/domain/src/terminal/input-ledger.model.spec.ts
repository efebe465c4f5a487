import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InputLedger } from './input-ledger.ts'

const typed = (from: number, to: number) =>
  Uint8Array.from({ length: to - from }, (_, index) => (from + index) & 0xff)

/** What a connection does to typed bytes: sends any piece again, in any order, cut anywhere. */
const piece = fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 60 }))

it('whatever is sent again, cut anew or out of order, each byte is typed once and in order', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      const ledger = new InputLedger()
      ledger.attach('writer')
      const out: number[] = []
      for (const [from, count] of pieces) {
        const before = out.length
        const applied = ledger.apply('writer', from, typed(from, from + count))
        if (applied.status === 'applied') out.push(...applied.fresh)
        if (applied.status === 'hole') expect(from).toBeGreaterThan(before)
        if (applied.status !== 'unknown') expect(applied.upTo).toBe(out.length)
      }
      expect(Uint8Array.from(out)).toEqual(typed(0, out.length))
    }),
    { numRuns: 1_000 },
  )
})

it('an app that sends all it has after every loss gets everything typed', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 40 }), (lengths) => {
      const ledger = new InputLedger()
      const out: number[] = []
      let end = 0
      for (const length of lengths) {
        const from = ledger.attach('writer') ?? 0
        end += length
        // Everything not known to be applied, though some of it arrived before the loss.
        const applied = ledger.apply('writer', from, typed(from, end))
        if (applied.status === 'applied') out.push(...applied.fresh)
        ledger.detach('writer')
      }
      expect(Uint8Array.from(out)).toEqual(typed(0, end))
    }),
  )
})

it('writers do not mix', () => {
  const ledger = new InputLedger()
  ledger.attach('a')
  ledger.attach('b')
  expect(ledger.apply('a', 0, typed(0, 5))).toMatchObject({ status: 'applied', upTo: 5 })
  expect(ledger.apply('b', 0, typed(0, 3))).toMatchObject({ status: 'applied', upTo: 3 })
  expect(ledger.apply('c', 0, typed(0, 3))).toEqual({ status: 'unknown' })
})

it('remembers a bounded number of writers: the one that left longest ago is forgotten, nobody who is there', () => {
  const ledger = new InputLedger(3)
  for (const writer of ['a', 'b', 'c']) ledger.attach(writer)
  expect(ledger.attach('d')).toBeNull()
  ledger.apply('b', 0, typed(0, 4))
  ledger.detach('b')
  ledger.detach('a')
  expect(ledger.attach('d')).toBe(0)
  expect(ledger.writerCount).toBe(3)
  expect(ledger.attach('b')).toBe(0) // forgotten: it had 4
  expect(ledger.attach('e')).toBeNull()
})

it('a writer that comes back goes on where it was', () => {
  const ledger = new InputLedger()
  ledger.attach('a')
  ledger.apply('a', 0, typed(0, 7))
  ledger.detach('a')
  expect(ledger.attach('a')).toBe(7)
})
