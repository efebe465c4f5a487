import { expect, test } from 'vitest'
import { PLAIN, sequenceOf, withModifiers } from './key-sequences.ts'
import { DOUBLE_TAP_MS, NO_MODIFIERS, pressed, released, tapped, used } from './modifiers.ts'

test('a tapped modifier is for the next key only', () => {
  const held = tapped(NO_MODIFIERS, 'ctrl', 1_000)
  expect(held.ctrl).toBe('next')
  expect(used(held).ctrl).toBe('off')
})

test('a double tap locks until the next tap', () => {
  const locked = tapped(tapped(NO_MODIFIERS, 'ctrl', 1_000), 'ctrl', 1_000 + DOUBLE_TAP_MS)
  expect(locked.ctrl).toBe('locked')
  expect(used(used(locked)).ctrl).toBe('locked')
  expect(tapped(locked, 'ctrl', 9_000).ctrl).toBe('off')
})

test('a second tap that comes late lets go instead', () => {
  const late = tapped(tapped(NO_MODIFIERS, 'alt', 1_000), 'alt', 1_001 + DOUBLE_TAP_MS)
  expect(late.alt).toBe('off')
})

test('modifiers hold beside each other', () => {
  const both = tapped(tapped(NO_MODIFIERS, 'ctrl', 0), 'alt', 100)
  expect([both.ctrl, both.alt]).toEqual(['next', 'next'])
  expect(used(both)).toMatchObject({ ctrl: 'off', alt: 'off' })
})

test('control makes the control character of a key', () => {
  const ctrl = { ctrl: true, alt: false }
  expect(withModifiers('c', ctrl)).toBe('\u0003')
  expect(withModifiers('C', ctrl)).toBe('\u0003')
  expect(withModifiers(' ', ctrl)).toBe('\u0000')
  expect(withModifiers('[', ctrl)).toBe('\u001b')
  expect(withModifiers('я', ctrl)).toBe('я')
  expect(withModifiers('x', { ctrl: true, alt: true })).toBe('\u001b\u0018')
})

test('arrows follow the mode that the program asked for', () => {
  expect(sequenceOf('ArrowUp', PLAIN)).toBe('\u001b[A')
  expect(sequenceOf('ArrowUp', { ...PLAIN, applicationCursor: true })).toBe('\u001bOA')
  expect(sequenceOf('ArrowUp', { ...PLAIN, applicationCursor: true, ctrl: true })).toBe('\u001b[1;5A')
})

test('function and editing keys have their xterm sequences', () => {
  expect(sequenceOf('F1', PLAIN)).toBe('\u001bOP')
  expect(sequenceOf('F5', PLAIN)).toBe('\u001b[15~')
  expect(sequenceOf('F12', { ...PLAIN, shift: true })).toBe('\u001b[24;2~')
  expect(sequenceOf('PageDown', PLAIN)).toBe('\u001b[6~')
  expect(sequenceOf('Tab', { ...PLAIN, shift: true })).toBe('\u001b[Z')
  expect(sequenceOf('Backspace', PLAIN)).toBe('\u007f')
})

test('a modifier that a finger rests on holds for many keys, until the finger leaves', () => {
  const held = pressed(NO_MODIFIERS, 'ctrl')
  expect(used(used(held)).ctrl).toBe('held')
  expect(released(used(held), 'ctrl').ctrl).toBe('off')
  expect(released(tapped(NO_MODIFIERS, 'alt', 0), 'alt').alt).toBe('next')
})
