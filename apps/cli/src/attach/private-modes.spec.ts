import { expect, it } from 'vitest'
import { PrivateModes } from './private-modes.ts'

const undoing = (...chunks: readonly string[]) => {
  const modes = new PrivateModes()
  for (const chunk of chunks) modes.note(new TextEncoder().encode(chunk))
  return modes.undoing
}

it('what a program left switched is switched back, and nothing else', () => {
  expect(undoing('\x1b[?1049;2004h text \x1b[?25l\x1b[?2004l')).toBe('\x1b[?1049l\x1b[?25h')
  expect(undoing('plain \x1b[1;31mtext\x1b[?7h\x1b[?25h')).toBe('')
})

it('a sequence cut in two is noted too', () => {
  expect(undoing('\x1b', '[?10', '00h')).toBe('\x1b[?1000l')
})

it('a second buffer entered by one mode and left by another needs no undoing, and is left before anything else', () => {
  expect(undoing('\x1b[?1049h\x1b[?47l')).toBe('')
  expect(undoing('\x1b[?1006h\x1b[?47h')).toBe('\x1b[?1049l\x1b[?1006l')
})

it('modes whose opposite does something else are left alone', () => {
  expect(undoing('\x1b[?2h\x1b[?3h\x1b[?1048h')).toBe('')
})

it("the keyboard mode that a person's own terminal had before is left as it is", () => {
  expect(new PrivateModes().leaving(80)).not.toMatch(/\x1b\[[<=>][0-9;]*u/)
})
