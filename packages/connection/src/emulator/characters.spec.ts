import { utf8 } from '@latchkey/protocol/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Characters } from './characters.ts'

/** `LATCHKEY_CUTS=100000` draws so many texts and cuts, here and wherever else texts are cut. */
const RUNS = Number(process.env['LATCHKEY_CUTS'] ?? 1_000)

const whole = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
/** `bytes` in pieces that end at `cuts`. */
function readInPieces(bytes: Uint8Array, cuts: readonly number[]): string {
  const characters = new Characters()
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let at = 0
  let text = ''
  for (const end of ends) {
    text += characters.read(bytes.subarray(at, end))
    at = end
  }
  return text + whole(characters.cut)
}
const cuts = fc.array(fc.nat(), { maxLength: 12, size: 'max' })

it('any text is the same text wherever it is cut', () => {
  const code = fc.oneof(fc.nat({ max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  const text = fc.array(code, { maxLength: 40, size: 'max' }).map((codes) => String.fromCodePoint(...codes))
  fc.assert(
    fc.property(text, cuts, (said, where) => {
      expect(readInPieces(utf8(said), where)).toBe(whole(utf8(said)))
    }),
    { numRuns: RUNS },
  )
})

it('any bytes are the same characters wherever they are cut, U+FFFD for what is none', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x41, 0x80, 0x90, 0x94, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xff),
  )
  const bytes = fc.array(byte, { maxLength: 40, size: 'max' }).map((each) => Uint8Array.from(each))
  fc.assert(
    fc.property(bytes, cuts, (printed, where) => {
      expect(readInPieces(printed, where)).toBe(whole(printed))
    }),
    { numRuns: RUNS },
  )
})

it.each([
  ['a dash', [0x41, 0xe2, 0x80], [0x94, 0x42], 'A', '—B'],
  ['a letter of another plane', [0xf0, 0x90, 0x80], [0x80], '', '\u{10000}'],
  ['an emoji', [0xf0], [0x9f, 0x99, 0x82], '', '🙂'],
])('%s that is cut comes whole with its last byte', (_what, before, after, first, second) => {
  const characters = new Characters()
  expect(characters.read(Uint8Array.from(before))).toBe(first)
  expect(characters.read(Uint8Array.from(after))).toBe(second)
  expect(characters.cut).toHaveLength(0)
})

it('bytes that no other byte can complete are not waited for', () => {
  const characters = new Characters()
  expect(characters.read(Uint8Array.of(0x41, 0xff))).toBe('A\ufffd')
  expect(characters.read(Uint8Array.of(0xe0, 0x80))).toBe('\ufffd\ufffd')
  expect(characters.read(Uint8Array.of(0x80, 0x80, 0x80))).toBe('\ufffd\ufffd\ufffd')
})
