import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composedInput, isInsertedPaste, pasteInput, pasting, plainText } from './paste.ts'

/** How many random clipboards are pasted. */
const CLIPBOARDS = Number(process.env['LATCHKEY_CLIPBOARDS'] ?? 1_000)

const BEGIN = '\u001b[200~'
const END = '\u001b[201~'
const character = fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code))
/** Pieces of end marks, whole ones, line ends and control characters: what an attacker would nest. */
const piece = fc.oneof(
  character,
  fc.constantFrom(
    END,
    BEGIN,
    '\u001b[20',
    '1~',
    '\u001b',
    '[201~',
    '\u009b201~',
    '\r\n',
    '\n',
    '\r',
    '\u0003',
    'rm x',
  ),
  fc.string({ maxLength: 6 }),
)
const clipboard = fc.array(piece, { maxLength: 60, size: 'max' }).map((pieces) => pieces.join(''))
// biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
const ACTING = /[\u0000-\u0008\u000a-\u000c\u000e-\u001f\u007f-\u009f]/

test('no clipboard types anything that runs by itself', () => {
  fc.assert(
    fc.property(clipboard, fc.boolean(), (text, bracketed) => {
      const { doubt, text: shown } = pasting(text, bracketed)
      const typed = pasteInput(text, bracketed, false)
      const inner = bracketed ? typed.slice(BEGIN.length, -END.length) : typed
      expect(typed).toBe(bracketed ? `${BEGIN}${inner}${END}` : inner)
      expect(inner).not.toMatch(ACTING)
      // Without a question and outside of a quotation there is no Enter either.
      expect(doubt === null && !bracketed && inner.includes('\r')).toBe(false)
      expect(doubt?.control ?? false).toBe(shown !== text)
      expect(plainText(shown)).toBe(shown)
    }),
    { numRuns: CLIPBOARDS },
  )
})

test('what a composed text types has no control character but its own line ends', () => {
  fc.assert(
    fc.property(clipboard, fc.boolean(), (text, bracketed) => {
      const typed = composedInput(text, bracketed).replace(BEGIN, '').replace(END, '')
      expect(typed).not.toMatch(ACTING)
      expect(typed.at(-1)).toBe('\r')
    }),
    { numRuns: CLIPBOARDS },
  )
})

test('an end mark inside an end mark does not end the quotation, and is asked about', () => {
  const text = 'echo hi \u001b[20\u001b[201~1~; touch FILE\n'
  expect(pasteInput(text, true, true)).toBe(`${BEGIN}echo hi \u241b[20\u241b[201~1~; touch FILE\r${END}`)
  expect(pasting(text, true).doubt).toEqual({ lines: 1, control: true })
})

test('an interrupt in a quoted paste is a sign, not an interrupt', () => {
  expect(pasteInput('a\u0003b', true, true)).toBe(`${BEGIN}a\u2403b${END}`)
})

test('one plain line pastes without a question, and waits for Enter', () => {
  expect(pasting('ls -l', false).doubt).toBeNull()
  expect(pasting('ls -l\r\n', false).doubt).toBeNull()
  expect(pasteInput('ls -l\n', false, false)).toBe('ls -l')
})

test('several lines ask first, unless the program takes them as text', () => {
  expect(pasting('a\nb\nc\n', false).doubt).toEqual({ lines: 3, control: false })
  expect(pasting('a\nb', true).doubt).toBeNull()
  expect(pasteInput('a\nb\n', false, true)).toBe('a\rb\r')
})

test('control characters ask first, whatever the program takes', () => {
  for (const bracketed of [true, false])
    expect(pasting('a\u0003b', bracketed).doubt).toEqual({ lines: 1, control: true })
})

test('one composed line is typed, as at the keys', () => {
  expect(composedInput(':q!', true)).toBe(':q!\r')
  expect(composedInput('', true)).toBe('\r')
})

test('several composed lines are one paste, then Enter', () => {
  expect(composedInput('a\nb', true)).toBe(`${BEGIN}a\rb${END}\r`)
  expect(composedInput('a\nb', false)).toBe('a\rb\r')
  expect(composedInput('a\tb', true)).toBe(`${BEGIN}a\tb${END}\r`)
})

test('a clipboard key of a soft keyboard is told from typing', () => {
  expect(isInsertedPaste('a\nb')).toBe(true)
  expect(isInsertedPaste('x\u001b[201~')).toBe(true)
  expect(isInsertedPaste('\r')).toBe(false)
  expect(isInsertedPaste('several words')).toBe(false)
})
