import { expect, test } from 'vitest'
import { afterEdit, codeOfFragment, type Field } from './code-field.ts'

/** Types, deletes and pastes as a browser would, the caret marked by `|`. */
const at = (marked: string): Field => ({ text: marked.replace('|', ''), caret: marked.indexOf('|') })
const shown = ({ text, caret }: Field): string => `${text.slice(0, caret)}|${text.slice(caret)}`

function typed(field: Field, text: string): Field {
  let now = field
  for (const symbol of text) {
    const raw = now.text.slice(0, now.caret) + symbol + now.text.slice(now.caret)
    now = afterEdit(now, { text: raw, caret: now.caret + 1 }, 'insertText')
  }
  return now
}
const backspace = (field: Field): Field =>
  field.caret === 0
    ? field
    : afterEdit(
        field,
        {
          text: field.text.slice(0, field.caret - 1) + field.text.slice(field.caret),
          caret: field.caret - 1,
        },
        'deleteContentBackward',
      )
const pasted = (text: string): Field =>
  afterEdit({ text: '', caret: 0 }, { text, caret: text.length }, 'insertFromPaste')

test('dashes appear while typing', () => {
  expect(shown(typed(at('|'), 'k7m'))).toBe('K7M|')
  expect(shown(typed(at('|'), 'k7m2'))).toBe('K7M-2|')
  expect(shown(typed(at('|'), 'k7m2pqx3b'))).toBe('K7M-2PQ-X3B|')
})

test('a dash that is typed stays where it was expected', () => {
  expect(shown(typed(at('|'), 'k7m-'))).toBe('K7M-|')
  expect(shown(typed(at('|'), 'k7m-2pq-x3b'))).toBe('K7M-2PQ-X3B|')
})

test('a tenth symbol is not taken', () => {
  expect(shown(typed(at('K7M-2PQ-X3B|'), 'z'))).toBe('K7M-2PQ-X3B|')
})

test('a symbol in the middle moves the others along and keeps the caret behind it', () => {
  expect(shown(typed(at('K|M-2PQ'), '7'))).toBe('K7|M-2PQ')
  expect(shown(typed(at('K7M|-2PQ'), 'x'))).toBe('K7M-X|2P-Q')
})

test('backspace takes one symbol at a time, dashes with it', () => {
  let field = at('K7M-2PQ-X|')
  const seen: string[] = []
  while (field.text !== '') {
    field = backspace(field)
    seen.push(shown(field))
  }
  expect(seen).toEqual(['K7M-2PQ|', 'K7M-2P|', 'K7M-2|', 'K7M|', 'K7|', 'K|', '|'])
})

test('backspace right after a dash deletes the symbol before it', () => {
  expect(shown(backspace(at('K7M-|2PQ')))).toBe('K7|2-PQ')
})

test('delete right before a dash deletes the symbol after it', () => {
  const before = at('K7M|-2PQ')
  const after = afterEdit(before, { text: 'K7M2PQ', caret: 3 }, 'deleteContentForward')
  expect(shown(after)).toBe('K7M|-PQ')
})

test('a pasted link, sentence or loose code becomes the code', () => {
  expect(pasted('http://192.168.1.7:6969/p#1.K7M2PQX3B').text).toBe('K7M-2PQ-X3B')
  expect(pasted('Type k7m 2pq x3b on the phone').text).toBe('K7M-2PQ-X3B')
  expect(pasted('Ｋ７Ｍ２ＰＱＸ３Ｂ').text).toBe('K7M-2PQ-X3B')
})

test('a paste without a code stays as it is', () => {
  expect(pasted('nothing of this kind in here').text).toBe('nothing of this kind in here')
})

test('the link’s fragment gives its code, whatever follows it', () => {
  expect(codeOfFragment('#1.K7M2PQX3B')).toBe('K7M-2PQ-X3B')
  expect(codeOfFragment('#1.k7m2pqx3b.later.parts')).toBe('K7M-2PQ-X3B')
  expect(codeOfFragment('#/m/abc')).toBeNull()
})
