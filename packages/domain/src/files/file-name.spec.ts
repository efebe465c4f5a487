import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanName, NAME_BYTES_MAX, numberedName } from './file-name.ts'

const bytesOf = (text: string) => Buffer.byteLength(text)

describe('the name of a file from another end', () => {
  it.each([
    ['hours.png', 'hours.png'],
    ['../x', 'x'],
    ['..\\..\\x.txt', 'x.txt'],
    ['/etc/passwd', 'passwd'],
    ['-rf', 'rf'],
    ['.bashrc', 'bashrc'],
    ['a\nb', 'ab'],
    ['\u001b]0;x\u0007y.txt', ']0;xy.txt'],
    ['photo\u202Egnp.exe', 'photognp.exe'],
    ['🎉 party.png', '🎉 party.png'],
    ['e\u0301.txt', '\u00e9.txt'],
    ['..', 'file'],
    ['', 'file'],
    ['/', 'file'],
    ['  spaced. ', 'spaced'],
  ])('%j becomes %j', (name, clean) => {
    expect(cleanName(name)).toBe(clean)
  })

  it('has at most 255 bytes and keeps its extension', () => {
    const long = cleanName(`${'ä'.repeat(300)}.png`)
    expect(bytesOf(long)).toBeLessThanOrEqual(NAME_BYTES_MAX)
    expect(long).toMatch(/^ä+\.png$/)
    expect(bytesOf(cleanName('x'.repeat(300)))).toBe(NAME_BYTES_MAX)
    expect(cleanName(`a.${'e'.repeat(300)}`)).toHaveLength(NAME_BYTES_MAX)
  })

  it('gets a number before its extension when it is taken', () => {
    expect(numberedName('hours.png', 1)).toBe('hours.png')
    expect(numberedName('hours.png', 2)).toBe('hours-2.png')
    expect(numberedName('hours', 12)).toBe('hours-12')
    const long = numberedName(cleanName(`${'x'.repeat(300)}.tar`), 999)
    expect(bytesOf(long)).toBe(NAME_BYTES_MAX)
    expect(long).toMatch(/-999\.tar$/)
  })

  it('is always one visible segment that is no option', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 1, max: 1_000 }),
        (name, attempt) => {
          const clean = numberedName(cleanName(name), attempt)
          expect(clean).not.toMatch(/[/\\\p{Cc}\p{Cf}\p{Cs}]|^[.-]|^$/u)
          expect(bytesOf(clean)).toBeLessThanOrEqual(NAME_BYTES_MAX)
          expect(clean.normalize('NFC')).toBe(clean)
        },
      ),
    )
  })
})
