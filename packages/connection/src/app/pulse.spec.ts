import { expect, it } from 'vitest'
import { Pulse } from './pulse.ts'

it('a connection proves itself by an answer, and goes silent, then dead, without one', () => {
  const pulse = new Pulse(0)
  expect(pulse.verdict(0)).toBe('unproven')
  pulse.answer(pulse.ask(0), 40)
  expect(pulse.roundTripMs).toBe(40)
  expect(pulse.verdict(1_000_000), 'nobody asked').toBe('alive')
  pulse.ask(1_000_000)
  expect(pulse.verdict(1_003_000)).toBe('alive')
  expect(pulse.verdict(1_003_001)).toBe('silent')
  expect(pulse.verdict(1_006_001)).toBe('dead')
})

it('output shows life too, but not that this end is heard', () => {
  const pulse = new Pulse(0)
  pulse.answer(pulse.ask(0), 1)
  pulse.ask(10)
  for (let nowMs = 0; nowMs < 20_000; nowMs += 1_000) {
    pulse.heard(nowMs)
    expect(pulse.verdict(nowMs + 500)).toBe('alive')
  }
  pulse.heard(20_011)
  expect(pulse.verdict(20_011)).toBe('dead')
})

it('an answer counts once, and only to a question', () => {
  const pulse = new Pulse(0)
  const first = pulse.ask(0)
  const second = pulse.ask(10)
  expect(pulse.answer(second, 15)).toBe(5)
  expect(pulse.hasAnswered(first), 'answered in order, so the first was too').toBe(true)
  expect(pulse.answer(first, 20)).toBeNull()
  expect(pulse.answer(99, 20)).toBeNull()
})
