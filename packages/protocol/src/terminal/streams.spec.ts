import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unsealed } from './envelope.ts'
import { decodePlaintext, decodeSize, encodePlaintext, encodeSize, SIZE_MAX, Stream } from './streams.ts'

const bytes = fc.uint8Array({ maxLength: 500 })
const seq = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER))
const numbered = fc.constantFrom(Stream.output, Stream.input, Stream.resize, Stream.history)

describe('a plaintext', () => {
  it('is stream u8, seq u64, then the terminal u16 on streams 1 to 4, another number on 5 and 6, then the bytes', () => {
    expect([...encodePlaintext({ stream: Stream.control, seq: 258, bytes: Uint8Array.of(7) })]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 1, 2, 7,
    ])
    expect([
      ...encodePlaintext({ stream: Stream.output, seq: 2 ** 32, terminal: 0x0304, bytes: Uint8Array.of(9) }),
    ]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0, 3, 4, 9])
    expect([
      ...encodePlaintext({ stream: Stream.ports, seq: 1, number: 0x0506, bytes: Uint8Array.of(9) }),
    ]).toEqual([6, 0, 0, 0, 0, 0, 0, 0, 1, 5, 6, 9])
    expect(Stream).toEqual({ control: 0, output: 1, input: 2, resize: 3, history: 4, files: 5, ports: 6 })
  })

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(numbered, seq, fc.nat(0xffff), bytes, (stream, at, terminal, body) => {
        const plaintext = { stream, seq: at, terminal, bytes: body }
        expect(decodePlaintext(encodePlaintext(plaintext))).toEqual(plaintext)
      }),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(Stream.files, Stream.ports),
        seq,
        fc.nat(0xffff),
        bytes,
        (stream, at, number, body) => {
          const plaintext = { stream, seq: at, number, bytes: body }
          expect(decodePlaintext(encodePlaintext(plaintext))).toEqual(plaintext)
        },
      ),
    )
    fc.assert(
      fc.property(seq, bytes, (at, body) => {
        const plaintext = { stream: Stream.control, seq: at, bytes: body } as const
        expect(decodePlaintext(encodePlaintext(plaintext))).toEqual(plaintext)
      }),
    )
  })

  it('is refused when it is cut short, of an unknown stream, or its seq is no exact number', () => {
    const whole = encodePlaintext({ stream: Stream.input, seq: 1, terminal: 1, bytes: new Uint8Array(0) })
    for (let length = 0; length < whole.length; length++)
      expect(decodePlaintext(whole.subarray(0, length)), `${length} bytes`).toBeNull()
    for (const stream of [7, 8, 255])
      expect(decodePlaintext(Uint8Array.of(stream, ...new Uint8Array(12)))).toBeNull()
    expect(decodePlaintext(new Uint8Array(20).fill(0xff))).toBeNull()
  })

  it('passes the unsealed envelope as it is', () => {
    const plaintext = encodePlaintext({ stream: Stream.input, seq: 1, terminal: 1, bytes: Uint8Array.of(1) })
    expect(unsealed.open(unsealed.seal(plaintext))).toEqual(plaintext)
  })
})

describe('a size', () => {
  it('is cols u16, rows u16, each 1 to 1,000', () => {
    expect([...encodeSize({ cols: 80, rows: 24 })]).toEqual([0, 80, 0, 24])
    const cells = fc.integer({ min: 0, max: 0xffff })
    fc.assert(
      fc.property(cells, cells, (cols, rows) => {
        const sane = cols >= 1 && cols <= SIZE_MAX && rows >= 1 && rows <= SIZE_MAX
        expect(decodeSize(encodeSize({ cols, rows }))).toEqual(sane ? { cols, rows } : null)
      }),
    )
  })

  it('is refused with a byte too few or too many', () => {
    expect(decodeSize(Uint8Array.of(0, 80, 0))).toBeNull()
    expect(decodeSize(Uint8Array.of(0, 80, 0, 24, 0))).toBeNull()
  })
})
