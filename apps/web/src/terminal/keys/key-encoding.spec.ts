import { expect, test } from 'vitest'
import { encodedKey, encodedText, type KeyboardAsked } from './key-encoding.ts'

const NONE = { ctrl: false, alt: false, shift: false }
const SHIFT = { ...NONE, shift: true }
const CTRL = { ...NONE, ctrl: true }
const ALT = { ...NONE, alt: true }
const kitty = (flags: number): KeyboardAsked => ({ kitty: flags, modifyOtherKeys: 0 })
const other = (level: 1 | 2): KeyboardAsked => ({ kitty: 0, modifyOtherKeys: level })

test('Shift with Enter is a key of its own for a program that asked, by either protocol', () => {
  expect(encodedKey('Enter', SHIFT, kitty(0))).toBeNull()
  expect(encodedKey('Enter', SHIFT, kitty(1))).toBe('\u001b[13;2u')
  expect(encodedKey('Enter', SHIFT, other(1))).toBe('\u001b[27;2;13~')
  expect(encodedKey('Enter', SHIFT, other(2))).toBe('\u001b[27;2;13~')
})

test('Enter, Tab and Backspace alone stay what they were, Escape is told from a sequence', () => {
  for (const key of ['Enter', 'Tab', 'Backspace'] as const)
    for (const asked of [kitty(1), other(1), other(2)]) expect(encodedKey(key, NONE, asked)).toBeNull()
  expect(encodedKey('Escape', NONE, kitty(1))).toBe('\u001b[27u')
  expect(encodedKey('Escape', NONE, other(2))).toBeNull()
})

test('a program that asked for all keys gets all of them as codes', () => {
  expect(encodedKey('Enter', NONE, kitty(8))).toBe('\u001b[13u')
  expect(encodedText('aB', NONE, kitty(8))).toBe('\u001b[97u\u001b[98;2u')
  expect(encodedText('é', NONE, kitty(24))).toBe('\u001b[233;;233u')
})

test('Control and Alt with a letter are codes, plain text stays text', () => {
  expect(encodedText('c', CTRL, kitty(1))).toBe('\u001b[99;5u')
  expect(encodedText('C', CTRL, kitty(1))).toBe('\u001b[99;6u')
  expect(encodedText('x', ALT, kitty(1))).toBe('\u001b[120;3u')
  expect(encodedText('c', CTRL, other(2))).toBe('\u001b[27;5;99~')
  expect(encodedText('plain', NONE, kitty(1))).toBeNull()
})

test('the interrupt key of the bar is Control with C for such a program, and its old self for others', () => {
  expect(encodedText('\u0003', NONE, kitty(1))).toBe('\u001b[99;5u')
  expect(encodedText('\u0003', NONE, other(2))).toBe('\u001b[27;5;99~')
  expect(encodedText('\u0003', NONE, other(1))).toBeNull()
  expect(encodedText('\u0003', NONE, kitty(0))).toBeNull()
})

test('the first level of modifyOtherKeys leaves control characters alone', () => {
  expect(encodedText('c', CTRL, other(1))).toBeNull()
  expect(encodedText(';', CTRL, other(1))).toBe('\u001b[27;5;59~')
  expect(encodedText('x', ALT, other(1))).toBeNull()
  expect(encodedKey('Backspace', CTRL, other(1))).toBeNull()
})

test('function keys have the codes of the protocol that was asked for', () => {
  expect(encodedKey('F3', NONE, kitty(1))).toBe('\u001b[13~')
  expect(encodedKey('F1', SHIFT, kitty(1))).toBe('\u001b[1;2P')
  expect(encodedKey('ArrowUp', CTRL, kitty(1))).toBeNull()
})
