import { expect, it } from 'vitest'
import { editsBetween, nearest } from './suggestion.ts'

const words = ['up', 'run', 'attach', 'status']

it('a typing slip finds the word that was meant', () => {
  expect(nearest('statsu', words)).toBe('status')
  expect(nearest('atach', words)).toBe('attach')
  expect(nearest('Up', words)).toBe('up')
  expect(nearest('rn', words)).toBe('run')
})

it('the beginning of a word finds it', () => {
  expect(nearest('att', words)).toBe('attach')
})

it('nothing is suggested for what resembles nothing', () => {
  expect(nearest('frobnicate', words)).toBeNull()
  expect(nearest('x', ['attach', 'status'])).toBeNull()
})

it('a swap of neighbours is one edit', () => {
  expect(editsBetween('prot', 'port')).toBe(1)
  expect(editsBetween('', 'abc')).toBe(3)
})
