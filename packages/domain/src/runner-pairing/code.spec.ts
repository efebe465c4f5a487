import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entropy } from '../kernel.ts'
import {
  type CodeAlphabet,
  CROCKFORD_SYMBOLS,
  FOUNDING_SYMBOLS,
  foldCode,
  generatePairingCode,
  maskCode,
  parsePairingCode,
  readTypedCode,
} from './code.ts'

/** Seeded, so that a failure is the same tomorrow: the generator is under test, not the platform's randomness. */
function seededEntropy(seed: number): Entropy {
  let state = seed
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    })
}

/** Pearson's statistic of the symbols in a million characters. */
function chiSquare(alphabet: CodeAlphabet, symbols: string): number {
  const entropy = seededEntropy(7)
  const counts = new Map<string, number>()
  const codes = Math.ceil(1_000_000 / 9)
  for (let drawn = 0; drawn < codes; drawn++) {
    for (const symbol of generatePairingCode(entropy, alphabet).replaceAll('-', '')) {
      counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
    }
  }
  const expected = (codes * 9) / symbols.length
  expect([...counts.keys()].sort().join('')).toBe([...symbols].sort().join(''))
  return [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

describe('a new code', () => {
  // Critical values at 0.001: 61.098 for 31 degrees of freedom, 66.619 for 35.
  test('is uniform over the 32 symbols of the default alphabet', () => {
    expect(chiSquare('crockford', CROCKFORD_SYMBOLS)).toBeLessThan(61.098)
  })

  test('is uniform over the 36 founding symbols', () => {
    expect(chiSquare('founding', FOUNDING_SYMBOLS)).toBeLessThan(66.619)
  })

  test('draws again where a byte would favour the first symbols', () => {
    const asked: number[] = []
    const entropy: Entropy = (count) => {
      asked.push(count)
      return new Uint8Array(count).fill(asked.length === 1 ? 252 : 0)
    }
    expect(generatePairingCode(entropy, 'founding')).toBe('AAA-AAA-AAA')
    expect(asked).toEqual([9, 9])
  })

  test('is read back by the parser, exactly', () => {
    const everyCode = fc.property(
      fc.nat(),
      fc.constantFrom('crockford' as const, 'founding' as const),
      (seed, alphabet) => {
        const code = generatePairingCode(seededEntropy(seed), alphabet)
        expect(parsePairingCode(code)).toBe(code)
        expect(readTypedCode(code)[0]).toBe(code)
      },
    )
    fc.assert(everyCode)
  })
})

describe('a code by its exact form', () => {
  test.each(['ABC-123-XYZ', '000-000-000', 'OIL-OIL-OIL'])('%s is one', (text) => {
    expect(parsePairingCode(text)).toBe(text)
  })

  test.each([
    '',
    'ABC123XYZ',
    'abc-123-xyz',
    'ABC-123-XYZ\n',
    ' ABC-123-XYZ',
    'ABC-123-XY',
    'ABC-123-XYZ0',
    'ÄBC-123-XYZ',
  ])('%j is none', (text) => expect(parsePairingCode(text)).toBeNull())
})

describe('what people enter', () => {
  test.each([
    ['abc-123-xyz', 'ABC-123-XYZ'],
    ['ABC123XYZ', 'ABC-123-XYZ'],
    ['  abc 123 xyz ', 'ABC-123-XYZ'],
    ['a b c 1 2 3 x y z', 'ABC-123-XYZ'],
    ['ABC–123—XYZ', 'ABC-123-XYZ'],
    ['ABC−123‑XYZ', 'ABC-123-XYZ'],
    ['ＡＢＣ－１２３－ｘｙｚ', 'ABC-123-XYZ'],
    ['ABC.123.XYZ', 'ABC-123-XYZ'],
    ['https://host.example:6969/p#1.ABC123XYZ.c2VjcmV0c2VjcmV0.b3RzLW90cw', 'ABC-123-XYZ'],
    ['Your code is ABC-123-XYZ, type it now', 'ABC-123-XYZ'],
    ['Your code is ABC 123 XYZ, type it now', 'ABC-123-XYZ'],
    ['Connected! the code: abc123xyz.', 'ABC-123-XYZ'],
  ])('%j is read as %s', (typed, code) => {
    expect(readTypedCode(typed)[0]).toBe(code)
  })

  test('is tried as typed before look-alikes are folded', () => {
    expect(readTypedCode('OIL-0II-LLL')).toEqual(['OIL-0II-LLL', '011-011-111'])
    expect(readTypedCode('ABC-123-XYZ')).toEqual(['ABC-123-XYZ'])
  })

  test.each(['', '---', 'hello', 'ABC-123-XY', 'ABCD-1234-WXYZ', 'пароль', 'x'.repeat(100_000)])(
    '%.20j holds no code',
    (typed) => {
      expect(readTypedCode(typed)).toEqual([])
    },
  )

  test('is never searched in a longer text than was sent, however long its compatible spelling is', () => {
    // One U+FDFA is eighteen characters in NFKC: a code behind a hundred of them lies beyond the searched text.
    expect(readTypedCode(`${'\uFDFA'.repeat(200)} ABC-123-XYZ`)).toEqual([])
    expect(readTypedCode(`${'\uFDFA'.repeat(50)} ABC-123-XYZ`)).toEqual(['ABC-123-XYZ'])
  })

  test('of any kind gives at most two codes, each of the exact form', () => {
    const everyText = fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (typed) => {
      const read = readTypedCode(typed)
      expect(read.length).toBeLessThanOrEqual(2)
      for (const code of read) expect(parsePairingCode(code)).toBe(code)
    })
    fc.assert(everyText, { numRuns: 2_000 })
  })

  test('folds the same twice as once', () => {
    fc.assert(fc.property(fc.string(), (text) => foldCode(foldCode(text)) === foldCode(text)))
  })
})

test('a masked code shows eight digits of a keyed digest, or nothing at all', () => {
  expect(maskCode('0123456789abcdef')).toBe('***-***-***#01234567')
  expect(maskCode(null)).toBe('***-***-***')
})
