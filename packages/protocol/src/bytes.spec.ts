import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ByteReader,
  ByteWriter,
  base64url,
  decoded,
  fromBase64url,
  lv,
  MalformedBytes,
  textOf,
  utf8,
} from './bytes.ts'

/** LEB128 by the book, one item after the other: what `lv` must read back as. */
function itemsOf(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    let length = 0
    let shift = 0
    for (;;) {
      const byte = bytes[at++]!
      length += (byte & 0x7f) * 2 ** shift
      shift += 7
      if (byte < 0x80) break
    }
    items.push(bytes.subarray(at, at + length))
    at += length
  }
  return items
}

describe('base64url', () => {
  it('is what Node writes for the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      }),
    )
  })

  it('gives the bytes back that it was made from', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(fromBase64url(base64url(bytes))).toEqual(bytes)
      }),
    )
  })

  it('accepts one spelling of some bytes only, so that a ticket cannot be spelt twice', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_=+/-]{0,24}$/), (text) => {
        const bytes = fromBase64url(text)
        const canonical = Buffer.from(text, 'base64url').toString('base64url') === text
        expect(bytes === null).toBe(!canonical)
      }),
    )
    expect(fromBase64url('AB')).toBeNull() // trailing bits set
    expect(fromBase64url('A')).toBeNull()
    expect(fromBase64url('AA==')).toBeNull()
  })
})

describe('lv', () => {
  it('keeps every item and its bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (items) => {
        expect(itemsOf(lv(...items))).toEqual(items)
      }),
    )
  })

  it('writes lengths as LEB128: 0, 127, 128, 300 and 16,384', () => {
    const lengthBytes = (count: number) => [...lv(new Uint8Array(count)).subarray(0, -count || undefined)]
    expect(lengthBytes(0)).toEqual([0])
    expect(lengthBytes(127)).toEqual([0x7f])
    expect(lengthBytes(128)).toEqual([0x80, 0x01])
    expect(lengthBytes(300)).toEqual([0xac, 0x02])
    expect(lengthBytes(16_384)).toEqual([0x80, 0x80, 0x01])
  })

  it('tells ("ab", "c") from ("a", "bc")', () => {
    expect(lv('ab', 'c')).not.toEqual(lv('a', 'bc'))
  })
})

describe('text', () => {
  it('round-trips whatever is Unicode', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOf(utf8(text))).toBe(text)
      }),
    )
  })

  it('keeps a byte order mark and refuses what is not UTF-8', () => {
    expect(textOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\u{feff}A')
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]])
      expect(textOf(Uint8Array.from(bytes)), `${bytes}`).toBeNull()
  })
})

describe('a reader', () => {
  it('reads what a writer wrote, in order, and leaves the rest', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        fc.maxSafeNat(),
        fc.uint8Array({ maxLength: 40 }),
        (u8, u16, u32, u53, tail) => {
          const bytes = new ByteWriter(15 + tail.length).u8(u8).u16(u16).u32(u32).u53(u53).put(tail).bytes
          const reader = new ByteReader(bytes)
          expect([reader.u8(), reader.u16(), reader.u32(), reader.u53()]).toEqual([u8, u16, u32, u53])
          expect(reader.left).toBe(tail.length)
          expect(reader.rest()).toEqual(tail)
        },
      ),
    )
  })

  it('reads a view into a larger buffer from where the view begins', () => {
    const whole = Uint8Array.of(9, 9, 1, 2, 9)
    expect(new ByteReader(whole.subarray(2, 4)).u16()).toBe(0x0102)
    expect(() => new ByteReader(whole.subarray(2, 4)).u32()).toThrow(MalformedBytes)
  })

  it('refuses a number above 2^53 - 1 instead of rounding it', () => {
    const largest = new ByteWriter(8).u53(Number.MAX_SAFE_INTEGER).bytes
    expect(new ByteReader(largest).u53()).toBe(Number.MAX_SAFE_INTEGER)
    const above = Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0)
    expect(decoded(() => new ByteReader(above).u53())).toBeNull()
  })

  it('lets a bug through that is not a malformed message', () => {
    expect(() =>
      decoded(() => {
        throw new TypeError('a bug')
      }),
    ).toThrow(TypeError)
  })
})
