import { expect, it } from 'vitest'
import { shownText } from './shown-text.ts'

const flat = (text: string) =>
  shownText(text).lines.map((parts) =>
    parts.map((part) => ('mark' in part ? `[${part.mark}]` : part.text)).join(''),
  )

it('control characters have their names, whether they come as they are or as pictures', () => {
  expect(flat("printf '\u001b[32mok\u241b[0m\\n'\r\nls\u0000\u007f")).toEqual([
    "printf '[ESC][32mok[ESC][0m\\n'[CR]",
    'ls[NUL][DEL]',
  ])
})

it('characters that turn, hide or imitate text are marked by their number', () => {
  expect(flat('rm\u00a0-rf\u202e /\u200b\u2028\u3164\ud800\u0085')).toEqual([
    'rm[U+00A0]-rf[U+202E] /[U+200B][U+2028][U+3164][U+D800][U+0085]',
  ])
})

it('a number in place of a hidden character is a mark as well', () => {
  expect(flat('rm ⟨U+202E⟩x ⟨U+1F⟩')).toEqual(['rm [U+202E]x ⟨U+1F⟩'])
})

it('plain text of any language stays as it is, with its tabs and blanks', () => {
  const text = '\tтест 测试  é 🚀 "$HOME"'
  expect(flat(text)).toEqual([text])
  expect(shownText(text)).toMatchObject({ markCount: 0, marks: [] })
})

it('lines, characters and marks are counted', () => {
  const { lines, characters, marks, markCount } = shownText('a\u001bb\u001b\n🚀\u202e\n')
  expect([lines.length, characters, markCount, marks]).toEqual([2, 8, 3, ['ESC', 'U+202E']])
})
