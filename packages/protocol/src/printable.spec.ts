import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonLine, printable, printableLines } from './printable.ts'
import { shownAddress, shownCode, shownUserCode } from './shown.ts'

/** Text made of what terminals act on. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '\x1b[2J',
        '\x1b]52;c;AA==\x07',
        '\u009b',
        '\u009d',
        '\u202e',
        '\u2028',
        '\u200b',
        '\ud800',
        '\r',
        '\b',
      ),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 12, size: 'max' },
  )
  .map((parts) => parts.join(''))
const ACTS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

describe('text of somebody else', () => {
  it('has nothing left that a terminal acts on, and is not longer than it may be', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 50 }), (text, max) => {
        expect(printable(text, max)).not.toMatch(ACTS)
        expect([...printable(text, max)].length).toBeLessThanOrEqual(max)
        expect(printableLines(text).replaceAll(/[\n\t]/g, '')).not.toMatch(ACTS)
        const line = jsonLine({ text, [text]: [text] })
        expect(line).not.toMatch(ACTS)
        expect(JSON.parse(line)).toEqual({ text, [text]: [text] })
      }),
      { numRuns: 500 },
    )
  })

  it('keeps what people call things, in every script', () => {
    for (const name of ['Pixel 8', 'Телефон Ады', '手机', 'Ada’s 📱']) expect(printable(name)).toBe(name)
    expect(printable('📱'.repeat(50))).toBe('📱'.repeat(40))
    expect(printableLines('one\n\ttwo\r\n')).toBe('one\n\ttwo\n')
  })

  it('is refused where it has another form than it should', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        fc.pre(ACTS.test(text))
        for (const form of [shownCode, shownUserCode, shownAddress]) {
          expect(form.safeParse(text).success).toBe(false)
          expect(form.safeParse(`K7M-2PQ-X3B${text}`).success).toBe(false)
          expect(form.safeParse(`http://a.example/${text}`).success).toBe(false)
        }
      }),
      { numRuns: 200 },
    )
    expect(shownCode.safeParse('K7M-2PQ-X3B').success).toBe(true)
    expect(shownUserCode.safeParse('BCDF-GHJK').success).toBe(true)
    expect(shownAddress.safeParse('https://a.example:8443/device?user_code=BCDF-GHJK').success).toBe(true)
    expect(shownAddress.safeParse('javascript:alert(1)').success).toBe(false)
  })
})
