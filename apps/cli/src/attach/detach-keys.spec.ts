import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DetachKeys, type Typing } from './detach-keys.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
/** Commands as <name>, everything typed in between as it is. */
const shown = (typings: readonly Typing[]) =>
  typings.map((each) => (each.do === 'type' ? new TextDecoder().decode(each.bytes) : `<${each.do}>`)).join('')
const read = (...chunks: readonly string[]) => {
  const keys = new DetachKeys()
  return shown(chunks.flatMap((chunk) => keys.read(bytes(chunk))))
}

describe('the keys of attach', () => {
  it('~. at the beginning of a line detaches', () => {
    expect(read('~.')).toBe('<detach>')
    expect(read('ls\r~.')).toBe('ls\r<detach>')
  })

  it('~ elsewhere is typed', () => {
    expect(read('cd ~/.config\r')).toBe('cd ~/.config\r')
    expect(read('a~.')).toBe('a~.')
  })

  it('~~ types one ~, and ~ before anything else types both', () => {
    expect(read('~~.')).toBe('~.')
    expect(read('~/bin/run\r')).toBe('~/bin/run\r')
  })

  it('a pasted text is never a command', () => {
    expect(read('\x1b[200~a\r~.\x1b[201~', '\r~?')).toBe('\x1b[200~a\r~.\x1b[201~\r<help>')
  })

  it.each([
    ['focus out and in', '\x1b[O\x1b[I'],
    ['a mouse report', '\x1b[<0;10;5M\x1b[<0;10;5m'],
    ['a mouse report of the old form', '\x1b[M #~'],
    ['a mouse report of rxvt', '\x1b[32;10;5M'],
    ['where the cursor is', '\x1b[12;40R'],
    ['device attributes', '\x1b[?1;2c\x1b[>41;330;0c'],
    ['a mode', '\x1b[?2026;2$y'],
    ['a colour', '\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]10;rgb:ff/ff/ff\x07'],
    ['a setting', '\x1bP1$r0m\x1b\\'],
    ['a key let go', '\x1b[13;1:3u'],
    ['Shift alone', '\x1b[57441;2u'],
  ])('%s is passed on and counts as no key, before a ~ and behind it', (_, report) => {
    expect(read(`ls\r${report}~.`)).toBe(`ls\r${report}<detach>`)
    expect(read(`~${report}.`)).toBe(`${report}<detach>`)
    expect(read(`a${report}~.`)).toBe(`a${report}~.`)
    for (let cut = 1; cut < report.length; cut++)
      expect(read(`ls\r${report.slice(0, cut)}`, `${report.slice(cut)}~.`)).toBe(`ls\r${report}<detach>`)
  })

  it('a key that is no character is one all the same', () => {
    expect(read('\x1b[A~.')).toBe('\x1b[A~.')
    expect(read('~\x1b[A.')).toBe('~\x1b[A.')
    expect(read('~\x1b', '.')).toBe('~\x1b.')
    expect(read('\x1bOA~.')).toBe('\x1bOA~.')
  })

  it('finds its keys in the forms of kitty’s protocol and of XTMODKEYS', () => {
    expect(read('ls\x1b[13u\x1b[126u\x1b[46u')).toBe('ls\x1b[13u<detach>')
    expect(read('\x1b[96;2u\x1b[96;2:3u\x1b[115u')).toBe('\x1b[96;2:3u<take-size>')
    expect(read('\x1b[96:126;2;126u\x1b[47:63;2u')).toBe('<help>')
    expect(read('\x1b[27;2;126~\x1b[27;1;46~')).toBe('<detach>')
    expect(read('\x1b[96;2u\x1b[97u')).toBe('\x1b[96;2u\x1b[97u')
    expect(read('\x1b[27;5;126~.')).toBe('\x1b[27;5;126~.')
    expect(read('\x1b[13;2u~.'), 'Shift+Enter is for the program').toBe('\x1b[13;2u~.')
  })

  it('loses no byte of what it is not asked', () => {
    const part = fc.constantFrom(
      '~',
      '\x1b',
      '[',
      'O',
      'M',
      'a',
      '\r',
      '\x1b[',
      '\x1b]',
      '\x07',
      '5',
      ';',
      'u',
      'R',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30, size: 'max' }), (parts) => {
        // A letter that is no command, so that a ~ that is held is typed.
        expect(read(...parts, 'z', 'z').replaceAll('~', '')).toBe(`${parts.join('')}zz`.replaceAll('~', ''))
      }),
    )
  })

  it('reads the same whatever the chunks', () => {
    const parts = fc.array(fc.constantFrom('~', '.', '\r', 'a', '?', 's', '\x1b[200~', '\x1b[201~'))
    fc.assert(
      fc.property(parts, (each) => {
        expect(read(...each)).toBe(read(each.join('')))
      }),
    )
  })
})
