import { expect, it } from 'vitest'
import { isTypedFirst, typedPinsInMemory } from './typed-pins.ts'

const MINUTE_MS = 60_000

it('the same digits are refused a second time, and a third, within ten minutes', () => {
  const store = typedPinsInMemory()
  expect(isTypedFirst(store, '482913', 0)).toBe(true)
  expect(isTypedFirst(store, '482914', 1)).toBe(true)
  expect(isTypedFirst(store, '482913', 9 * MINUTE_MS)).toBe(false)
  expect(isTypedFirst(store, '482913', 18 * MINUTE_MS), 'typing them again keeps them remembered').toBe(false)
  expect(isTypedFirst(store, '482914', 18 * MINUTE_MS)).toBe(true)
})

it('what was kept by another process counts, and what is none is passed over', () => {
  const store = typedPinsInMemory()
  store.write('1000 482913\nnonsense\n99999999999999999999 000000')
  expect(isTypedFirst(store, '482913', 2_000)).toBe(false)
  expect(isTypedFirst(store, '000000', 2_000)).toBe(true)
})

it('a clock that was set back neither refuses for ever nor forgets the last try', () => {
  const store = typedPinsInMemory()
  isTypedFirst(store, '482913', 100 * MINUTE_MS)
  expect(isTypedFirst(store, '482913', 50 * MINUTE_MS)).toBe(true)
  expect(isTypedFirst(store, '482913', 51 * MINUTE_MS)).toBe(false)
})

it('remembers a bounded number', () => {
  const store = typedPinsInMemory()
  for (let pin = 100_000; pin < 100_100; pin++) isTypedFirst(store, String(pin), 1_000)
  expect(store.read().split('\n')).toHaveLength(32)
})
