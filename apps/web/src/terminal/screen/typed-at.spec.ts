import { expect, test } from 'vitest'
import { isTypedAt } from './typed-at.ts'

const visible = { hidden: false, fullScreen: false, typedHere: false }
const inProgram = { ...visible, fullScreen: true }

test('a hidden cursor is never followed, wherever it is parked', () => {
  for (const fullScreen of [true, false])
    expect(isTypedAt({ hidden: true, fullScreen, typedHere: true }, { x: 1, y: 1 }, { x: 2, y: 1 })).toBe(
      false,
    )
})

test('at a prompt the cursor is followed', () => {
  expect(isTypedAt(visible, null, { x: 120, y: 3 })).toBe(true)
})

test('a full-screen program that draws does not move the window, somebody who types there does', () => {
  expect(isTypedAt(inProgram, null, { x: 120, y: 3 })).toBe(false)
  expect(isTypedAt(inProgram, { x: 3, y: 9 }, { x: 120, y: 3 })).toBe(false)
  expect(isTypedAt(inProgram, { x: 119, y: 3 }, { x: 120, y: 3 })).toBe(true)
  expect(isTypedAt({ ...inProgram, typedHere: true }, { x: 3, y: 9 }, { x: 120, y: 3 })).toBe(true)
})
