import { expect, test } from 'vitest'
import { copyWanted, letterOf } from './pressed-keys.ts'

const pressed = (key: string, held: Partial<KeyboardEvent>, code = '') =>
  ({ key, code, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...held }) as KeyboardEvent

test('Control C copies while something is selected, and is an interrupt otherwise', () => {
  expect(copyWanted(pressed('c', { ctrlKey: true }), true)).toBe('copy')
  expect(copyWanted(pressed('c', { ctrlKey: true }), false)).toBe('no')
})

test('Control Shift C never interrupts', () => {
  expect(copyWanted(pressed('C', { ctrlKey: true, shiftKey: true }), true)).toBe('copy')
  expect(copyWanted(pressed('C', { ctrlKey: true, shiftKey: true }), false)).toBe('nothing')
})

test('a layout of another script copies with the same key', () => {
  expect(copyWanted(pressed('с', { ctrlKey: true }, 'KeyC'), true)).toBe('copy')
  expect(letterOf(pressed('ц', {}, 'KeyW'))).toBe('w')
})

test('Control Insert copies, Shift Insert does not', () => {
  expect(copyWanted(pressed('Insert', { ctrlKey: true }), true)).toBe('copy')
  expect(copyWanted(pressed('Insert', { ctrlKey: true, shiftKey: true }), true)).toBe('no')
})
