import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GIVEN_UP_MAX, InputLedger } from './input-ledger.ts'

const typed = (from: number, to: number) =>
  Uint8Array.from({ length: to - from }, (_, index) => (from + index) & 0xff)

/** What a connection does to typed bytes: sends any piece again, in any order, cut anywhere. */
const piece = fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 60 }))

it('whatever is sent again, cut anew or out of order, each byte is typed once and in order', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      const ledger = new InputLedger()
      ledger.attach('writer', 1)
      const out: number[] = []
      for (const [from, count] of pieces) {
        const before = out.length
        const applied = ledger.apply('writer', 1, from, typed(from, from + count))
        if (applied.status === 'applied') out.push(...applied.fresh)
        expect(applied.status === 'hole', 'a hole is what begins after all that was typed').toBe(
          from > before,
        )
        expect('upTo' in applied ? applied.upTo : out.length).toBe(out.length)
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
      for (const [connection, length] of lengths.entries()) {
        const attached = ledger.attach('writer', connection)
        const from = attached.status === 'attached' ? attached.applied : 0
        end += length
        // Everything not known to be applied, though some of it arrived before the loss.
        const applied = ledger.apply('writer', connection, from, typed(from, end))
        if (applied.status === 'applied') out.push(...applied.fresh)
        ledger.detach('writer', connection)
      }
      expect(Uint8Array.from(out)).toEqual(typed(0, end))
    }),
  )
})

it('writers do not mix', () => {
  const ledger = new InputLedger()
  ledger.attach('a', 1)
  ledger.attach('b', 2)
  expect(ledger.apply('a', 1, 0, typed(0, 5))).toMatchObject({ status: 'applied', upTo: 5 })
  expect(ledger.apply('b', 2, 0, typed(0, 3))).toMatchObject({ status: 'applied', upTo: 3 })
  expect(ledger.apply('c', 2, 0, typed(0, 3))).toEqual({ status: 'unknown' })
})

it('remembers a bounded number of writers: the one that left longest ago is forgotten, nobody who is there', () => {
  const ledger = new InputLedger(3)
  for (const writer of ['a', 'b', 'c']) ledger.attach(writer, 1)
  expect(ledger.attach('d', 1)).toEqual({ status: 'full' })
  ledger.apply('b', 1, 0, typed(0, 4))
  ledger.detach('b', 1)
  ledger.detach('a', 1)
  expect(ledger.attach('d', 1)).toEqual({ status: 'attached', applied: 0 })
  expect(ledger.writerCount).toBe(3)
  expect(ledger.attach('b', 1), 'forgotten: it had 4').toEqual({ status: 'attached', applied: 0 })
  expect(ledger.attach('e', 1)).toEqual({ status: 'full' })
})

it('a writer that comes back goes on where it was', () => {
  const ledger = new InputLedger()
  ledger.attach('a', 1)
  ledger.apply('a', 1, 0, typed(0, 7))
  ledger.detach('a', 1)
  expect(ledger.attach('a', 2)).toEqual({ status: 'attached', applied: 7 })
})

it('what an earlier connection still brings is never typed once its writer goes on over a later one', () => {
  const ledger = new InputLedger()
  ledger.attach('a', 1)
  ledger.apply('a', 1, 0, typed(0, 2))
  expect(ledger.attach('a', 2)).toEqual({ status: 'attached', applied: 2 })
  expect(ledger.apply('a', 1, 2, typed(2, 5))).toEqual({ status: 'past' })
  expect(ledger.attach('a', 1), 'nor by attaching again').toEqual({ status: 'past' })
  ledger.detach('a', 1)
  expect(ledger.apply('a', 2, 2, typed(2, 4))).toMatchObject({ status: 'applied', upTo: 4 })
  ledger.detach('a', 2)
  expect(ledger.attach('a', 1), 'not after the later one has left either').toEqual({ status: 'past' })
})

it('a writer that was given up types nothing more, also where nobody had heard of it', () => {
  const ledger = new InputLedger()
  ledger.attach('a', 1)
  for (const writer of ['a', 'b']) {
    ledger.giveUp(writer)
    expect(ledger.apply(writer, 1, 0, typed(0, 3))).toEqual({ status: 'past' })
    expect(ledger.attach(writer, 2)).toEqual({ status: 'past' })
  }
})

it('remembers a bounded number of writers that were given up, the newest', () => {
  const ledger = new InputLedger()
  for (let n = 0; n <= GIVEN_UP_MAX; n++) ledger.giveUp(`${n}`)
  expect(ledger.attach('0', 1)).toMatchObject({ status: 'attached' })
  expect(ledger.attach('1', 1)).toEqual({ status: 'past' })
})

it('a ledger made from what another one remembered goes on as that one would, over new connections', () => {
  const before = new InputLedger(3)
  for (const writer of ['a', 'b', 'c']) before.attach(writer, 9)
  before.apply('b', 9, 0, typed(0, 4))
  before.giveUp('c')
  before.detach('a', 9)
  const after = new InputLedger(3, before.state)
  expect(after.state).toEqual(before.state)
  expect(after.attach('c', 1)).toEqual({ status: 'past' })
  expect(after.attach('b', 1)).toEqual({ status: 'attached', applied: 4 })
  expect(after.apply('b', 1, 2, typed(2, 6))).toMatchObject({ fresh: typed(4, 6), upTo: 6 })
})
