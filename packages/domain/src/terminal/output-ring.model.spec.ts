import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OutputRing } from './output-ring.ts'

/** Bytes that differ from their neighbours, so that a byte from the wrong place is seen. */
const produced = (from: number, count: number) =>
  Uint8Array.from({ length: count }, (_, index) => ((from + index) * 31 + ((from + index) >> 8)) & 0xff)

const chunks = fc.array(fc.nat({ max: 3_000 }), { maxLength: 60 })

it('every byte that is kept is read as it was produced, however it was cut', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      chunks,
      fc.infiniteStream(fc.nat()),
      (bytesMax, sizes, random) => {
        const ring = new OutputRing(bytesMax)
        let end = 0
        for (const size of sizes) {
          ring.append(produced(end, size))
          end += size
          expect(ring.end).toBe(end)
          const kept = ring.end - ring.start
          expect(kept).toBe(Math.min(end, bytesMax))
          const from = ring.start + ((random.next().value ?? 0) % (kept + 1))
          const count = (random.next().value ?? 0) % (kept + 1)
          const wanted = Math.min(count, end - from)
          expect(ring.read(from, count)).toEqual(produced(from, wanted))
        }
      },
    ),
    { numRuns: 300 },
  )
})

it('what was forgotten, or is not there yet, is answered as such', () => {
  const ring = new OutputRing(10)
  ring.append(produced(0, 25))
  expect(ring.start).toBe(15)
  expect(ring.read(14, 5)).toBeNull()
  expect(ring.read(26, 5)).toBeNull()
  expect(ring.read(25, 5)).toEqual(new Uint8Array(0))
  expect(ring.read(15, 100)).toEqual(produced(15, 10))
})

it('what is read is a copy: later output does not change it', () => {
  const ring = new OutputRing(4)
  ring.append(Uint8Array.of(1, 2, 3, 4))
  const read = ring.read(0, 4)
  ring.append(Uint8Array.of(9, 9, 9, 9))
  expect(read).toEqual(Uint8Array.of(1, 2, 3, 4))
})

it('a ring may begin at any offset', () => {
  const ring = new OutputRing(10, 12_345)
  expect([ring.start, ring.end]).toEqual([12_345, 12_345])
  ring.append(produced(12_345, 14))
  expect([ring.start, ring.end]).toEqual([12_349, 12_359])
  expect(ring.read(12_350, 5)).toEqual(produced(12_350, 5))
})
