import { OutputRing, RING_BYTES_MAX } from '@latchkey/domain/terminal/output-ring'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeptRing } from './kept-ring.ts'

/** Bytes that differ from their neighbours, so that a byte from the wrong place is seen. */
const produced = (from: number, count: number) =>
  Uint8Array.from({ length: count }, (_, index) => ((from + index) * 31 + ((from + index) >> 8)) & 0xff)

const step = fc.oneof(
  fc.record({ type: fc.constant('append' as const), bytes: fc.nat({ max: 400_000 }) }),
  fc.record({ type: fc.constant('read' as const), at: fc.nat(), bytes: fc.nat({ max: 5_000 }) }),
  fc.record({ type: fc.constant('pack' as const) }),
)

it('compressed at any moment, it has at least what a plain ring has, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const plain = new OutputRing()
      const kept = new KeptRing()
      for (const each of steps) {
        if (each.type === 'pack') kept.pack()
        if (each.type === 'append') {
          const bytes = produced(kept.end, each.bytes)
          plain.append(bytes)
          kept.append(bytes)
        }
        expect(kept.end).toBe(plain.end)
        expect(kept.start).toBeLessThanOrEqual(plain.start)
        expect(kept.end - kept.start).toBeLessThanOrEqual(2 * RING_BYTES_MAX)
        if (each.type !== 'read') continue
        const from = plain.start + (each.at % (plain.end - plain.start + 1))
        const wanted = Math.min(each.bytes, kept.end - from)
        const read = kept.read(from, each.bytes)
        expect(Buffer.from(read ?? []).equals(produced(from, wanted))).toBe(true)
      }
    }),
    { numRuns: 20 },
  )
})

it('what was forgotten, or is not there yet, is answered as such', () => {
  const ring = new KeptRing()
  expect(ring.read(0, 5)).toEqual(new Uint8Array(0))
  ring.append(produced(0, 10))
  ring.pack()
  expect(ring.read(11, 5)).toBeNull()
  expect(ring.read(10, 5)).toEqual(new Uint8Array(0))
  ring.pack()
  ring.append(produced(10, RING_BYTES_MAX + 1))
  expect(ring.start).toBe(11)
  expect(ring.read(10, 5)).toBeNull()
})
