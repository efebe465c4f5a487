import { expect, it } from 'vitest'
import { Visits } from './visits.ts'

const MINUTE_MS = 60_000

it('a mark counts as visited only after a doctor asked for it, and for ten minutes', () => {
  let nowMs = 0
  const visits = new Visits(() => nowMs)
  expect(visits.visit('a')).toBe(false)
  expect(visits.expect('a')).toBe(false)
  expect(visits.visit('a')).toBe(true)
  expect(visits.expect('a')).toBe(true)
  expect(visits.expect('b')).toBe(false)
  nowMs = 10 * MINUTE_MS
  expect(visits.visit('a')).toBe(false)
  expect(visits.expect('a')).toBe(false)
})

it('strangers who ask for many marks take no more memory than 256 of them', () => {
  const visits = new Visits(() => 0)
  for (let at = 0; at < 1_000; at++) visits.expect(`mark-${at}`)
  const living = Array.from({ length: 1_000 }, (_, at) => visits.visit(`mark-${at}`)).filter(Boolean)
  expect(living).toHaveLength(256)
  expect(visits.visit('mark-999')).toBe(true)
})
