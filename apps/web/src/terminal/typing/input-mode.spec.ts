import { expect, test } from 'vitest'
import { type InputMode, readModes, withMode } from './input-mode.ts'

test('a terminal has the mode in which it was typed in last', () => {
  const once = withMode(new Map(), 'a.1', 'line')
  expect([...withMode(withMode(once, 'a.2', 'keys'), 'a.1', 'keys')]).toEqual([
    ['a.2', 'keys'],
    ['a.1', 'keys'],
  ])
})

test('the terminals that were typed in longest ago are forgotten', () => {
  let modes: ReadonlyMap<string, InputMode> = new Map()
  for (let terminal = 0; terminal < 150; terminal++) modes = withMode(modes, `a.${terminal}`, 'line')
  expect(modes.size).toBe(100)
  expect(modes.has('a.49')).toBe(false)
  expect(modes.has('a.149')).toBe(true)
})

test('what is kept and is no mode is passed over', () => {
  expect([...readModes('{"a.1":"line","a.2":"shout","a.3":7}')]).toEqual([['a.1', 'line']])
  expect(readModes('nonsense').size).toBe(0)
  expect(readModes(null).size).toBe(0)
})
