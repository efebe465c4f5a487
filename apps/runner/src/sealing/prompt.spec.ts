import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PIN_TTL_S } from './pairing-guard.ts'
import { Prompt } from './prompt.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function prompt() {
  const refusals: string[] = []
  const refuse = (reason: string) => refusals.push(reason)
  const made = new Prompt({ label: 'Pixel 8', address: '::1', refuse, accept: null })
  return { made, refusals }
}

it('a PIN that nobody types is taken down after 120 seconds, not before', () => {
  const { made, refusals } = prompt()
  expect(made.show('123456', 'Pixel 8', PIN_TTL_S * 1000, 5).expiresAt).toBe(120_005)
  vi.advanceTimersByTime(119_999)
  expect(refusals).toEqual([])
  expect(made.shown?.pin).toBe('123456')
  vi.advanceTimersByTime(1)
  expect(refusals).toEqual(['expired'])
})

it('once burnt it is shown no more, and the proof of it has ten seconds', () => {
  const { made, refusals } = prompt()
  made.show('123456', 'Pixel 8', PIN_TTL_S * 1000, 0)
  vi.advanceTimersByTime(60_000)
  made.burn()
  expect(made.shown).toBe(null)
  vi.advanceTimersByTime(9_999)
  expect(refusals).toEqual([])
  vi.advanceTimersByTime(1)
  expect(refusals).toEqual(['expired'])
})

it('whoever is let in to ask and says nothing makes room after ten seconds', () => {
  const { refusals } = prompt()
  vi.advanceTimersByTime(10_000)
  expect(refusals).toEqual(['expired'])
})

it('after its end it refuses nobody', () => {
  const { made, refusals } = prompt()
  made.show('123456', 'Pixel 8', PIN_TTL_S * 1000, 0)
  expect(made.end('gone')).toEqual({ type: 'pin', pin: null, outcome: 'gone', label: 'Pixel 8' })
  vi.advanceTimersByTime(1_000_000)
  expect(refusals).toEqual([])
})
