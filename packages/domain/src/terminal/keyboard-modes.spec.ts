import { expect, test } from 'vitest'
import {
  KEYBOARD_REQUESTS,
  type KeyboardModes,
  type KeyboardScreen,
  keyboardSequences,
  kittyFlags,
  LEGACY_KEYBOARD,
} from './keyboard-modes.ts'

/** The modes after requests such as `>1u` and `=8;2u`. */
function after(requests: string, screen: KeyboardScreen = 'main', modes: KeyboardModes = LEGACY_KEYBOARD) {
  return requests.split(' ').reduce((now, request) => {
    const params = request.slice(1, -1).split(';').map(Number)
    const found = KEYBOARD_REQUESTS.find(
      (each) => each.prefix === request[0] && each.final === request.at(-1),
    )
    return found === undefined ? now : found.apply(now, screen, params)
  }, modes)
}

test('what a program pushes holds until it is popped, each screen for itself', () => {
  const inEditor = after('>5u', 'alternate', after('>1u'))
  expect([kittyFlags(inEditor, 'main'), kittyFlags(inEditor, 'alternate')]).toEqual([1, 5])
  const left = after('<1u', 'alternate', inEditor)
  expect([kittyFlags(left, 'main'), kittyFlags(left, 'alternate')]).toEqual([1, 0])
})

test('popping more than was pushed leaves the keys as they ever were', () => {
  expect(after('>1u <9u')).toEqual(LEGACY_KEYBOARD)
  expect(after('<u')).toEqual(LEGACY_KEYBOARD)
})

test('flags are replaced, added and taken away', () => {
  expect(kittyFlags(after('=1u'), 'main')).toBe(1)
  expect(kittyFlags(after('=1;1u =8;2u'), 'main')).toBe(9)
  expect(kittyFlags(after('=9u =1;3u'), 'main')).toBe(8)
  expect(after('=1u =1;7u')).toEqual(after('=1u'))
})

test('a program that pushes for ever costs no more than a few flags', () => {
  const modes = after(Array.from({ length: 1_000 }, () => '>99u').join(' '))
  expect(modes.main).toHaveLength(16)
  expect(kittyFlags(modes, 'main')).toBe(3)
})

test('the level of modifyOtherKeys is set and taken back in every form', () => {
  expect(after('>4;2m').modifyOtherKeys).toBe(2)
  for (const back of ['>4;0m', '>4m', '>m', '>4n']) expect(after(`>4;1m ${back}`).modifyOtherKeys).toBe(0)
  expect(after('>4;1m >2;1m').modifyOtherKeys).toBe(1)
})

test('the modes can be said again to a terminal that begins', () => {
  const modes = after('>0u >1u >4;2m')
  expect(keyboardSequences(modes, 'main')).toBe('\u001b[>0u\u001b[>1u\u001b[>4;2m')
  expect(keyboardSequences(after('>4m', 'main', modes), 'alternate')).toBe('')
})
