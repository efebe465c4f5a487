import { expect, it } from 'vitest'
import { type Facts, mayWait } from './facts.ts'

const nothing: Facts = { runners: [], revoked: [], restored: [], audit: [] }
const some = <K extends keyof Facts>(kind: K, one: Partial<Facts[K][number]> | string): Facts => ({
  ...nothing,
  [kind]: [one],
})

it('what gives access, and what takes it, is in the registry before anybody is told', () => {
  expect(mayWait(some('revoked', { pairing: 'a' }))).toBe(false)
  expect(mayWait(some('restored', 'a'))).toBe(false)
  expect(mayWait(some('runners', { begins: true }))).toBe(false)
  expect(mayWait(some('audit', { outcome: 'paired' }))).toBe(false)
})

it('the end of a life and the note of a ban may be kept a little later', () => {
  expect(mayWait(nothing)).toBe(true)
  expect(mayWait(some('runners', { begins: false }))).toBe(true)
  expect(mayWait(some('audit', { outcome: 'banned' }))).toBe(true)
})
