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
  expect(encodedKey('ArrowUp', CTRL, kitty(1))).toBe('\u001b[1;5A')
  expect(encodedKey('PageUp', CTRL, kitty(1))).toBeNull()
})

const held = (modifiers: string) => ({
  ctrl: modifiers.includes('c'),
  alt: modifiers.includes('a'),
  shift: modifiers.includes('s'),
})

// From the protocol's own tables ("Legacy functional keys", "Legacy text keys", "Functional key definitions"): in flag 1 those
// that a terminal could not tell apart get a code, all others stay.
test.each([
  ['Escape', '', '[27u'],
  ['Escape', 'c', '[27;5u'],
  ['Escape', 'a', '[27;3u'],
  ['Escape', 's', '[27;2u'],
  ['Enter', '', null],
  ['Enter', 's', '[13;2u'],
  ['Enter', 'a', '[13;3u'],
  ['Enter', 'c', '[13;5u'],
  ['Enter', 'cs', '[13;6u'],
  ['Tab', '', null],
  ['Tab', 's', '[9;2u'],
  ['Tab', 'c', '[9;5u'],
  ['Tab', 'cs', '[9;6u'],
  ['Backspace', '', null],
  ['Backspace', 'c', '[127;5u'],
  ['Backspace', 'a', '[127;3u'],
  ['ArrowUp', '', '[A'],
  ['ArrowLeft', 'ca', '[1;7D'],
  ['Home', 's', '[1;2H'],
  ['F1', '', '[P'],
  ['F3', 'c', '[13;5~'],
  ['F4', 's', '[1;2S'],
] as const)('kitty, flag 1: %s with modifiers %j', (key, modifiers, sequence) => {
  expect(encodedKey(key, held(modifiers), kitty(1))).toBe(sequence === null ? null : `\u001b${sequence}`)
})

test.each([
  ['c', 'c', '[99;5u'],
  ['i', 'c', '[105;5u'],
  ['m', 'c', '[109;5u'],
  ['[', 'c', '[91;5u'],
  [' ', 'c', '[32;5u'],
  ['A', 'cs', '[97;6u'],
  ['b', 'a', '[98;3u'],
  ['x', 'ca', '[120;7u'],
  ['ц', 'c', '[1094;5u'],
] as const)('kitty, flag 1: the character %s with modifiers %j', (character, modifiers, sequence) => {
  expect(encodedText(character, held(modifiers), kitty(1))).toBe(`\u001b${sequence}`)
})

test('the shifted key is told as well where it was asked for', () => {
  expect(encodedText('A', held('cs'), kitty(5))).toBe('\u001b[97:65;6u')
  expect(encodedText('a', held('c'), kitty(5))).toBe('\u001b[97;5u')
  expect(encodedText('B', NONE, kitty(12))).toBe('\u001b[98:66;2u')
})

test('an agent that asked for nothing gets a new line by Shift with Enter, and keys as ever', () => {
  const agent: KeyboardAsked = { kitty: 0, modifyOtherKeys: 0, lineFeed: true }
  expect(encodedKey('Enter', SHIFT, agent)).toBe('\n')
  expect(encodedKey('Enter', NONE, agent)).toBeNull()
  expect(encodedKey('Enter', SHIFT, { ...agent, kitty: 1 })).toBe('\u001b[13;2u')
  for (const key of ['Escape', 'Tab', 'ArrowUp', 'F1'] as const)
    expect(encodedKey(key, CTRL, agent)).toBeNull()
  expect(encodedText('c', CTRL, agent)).toBeNull()
})

test('a program that asked for nothing gets from every key what it always got', () => {
  for (const key of ['Escape', 'Enter', 'Tab', 'Backspace', 'ArrowUp', 'Home', 'F1', 'F3', 'Delete'] as const)
    for (const modifiers of ['', 's', 'c', 'a', 'cs', 'ca', 'csa'])
      expect(encodedKey(key, held(modifiers), kitty(0))).toBeNull()
  for (const character of ['a', 'A', '[', ' ', 'я', '\u0003'])
    for (const modifiers of ['', 'c', 'a', 'ca'])
      expect(encodedText(character, held(modifiers), kitty(0))).toBeNull()
})
