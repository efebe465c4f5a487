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

  it('reads the same whatever the chunks', () => {
    const parts = fc.array(fc.constantFrom('~', '.', '\r', 'a', '?', 's', '\x1b[200~', '\x1b[201~'))
    fc.assert(
      fc.property(parts, (each) => {
        expect(read(...each)).toBe(read(each.join('')))
      }),
    )
  })
})
