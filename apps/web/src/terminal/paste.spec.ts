import { expect, test } from 'vitest'
import { composedInput, pasteDoubt, pasteInput } from './paste.ts'

test('one plain line pastes without a question', () => {
  expect(pasteDoubt('ls -l', false)).toBeNull()
  expect(pasteDoubt('ls -l\n', false)).toBeNull()
})

test('several lines, or control characters, ask first', () => {
  expect(pasteDoubt('a\nb\nc\n', false)).toEqual({ lines: 3, control: false })
  expect(pasteDoubt('a\u0003b', false)).toEqual({ lines: 1, control: true })
})

test('a program with bracketed paste takes text as text, so nothing is asked', () => {
  expect(pasteDoubt('a\nb', true)).toBeNull()
})

test('a paste cannot end its own quotation', () => {
  expect(pasteInput('a\u001b[201~rm -rf /', true)).toBe('\u001b[200~arm -rf /\u001b[201~')
})

test('a composed text is one paste, then Enter', () => {
  expect(composedInput('a\nb', true)).toBe('\u001b[200~a\rb\u001b[201~\r')
  expect(composedInput('ls', false)).toBe('ls\r')
  expect(composedInput('', true)).toBe('\r')
})
