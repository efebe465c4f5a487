import { expect, it } from 'vitest'
import { KeepAlive } from './keep-alive.ts'

it('a connection proves itself by an answer, and goes silent, then dead, without one', () => {
  const keepAlive = new KeepAlive(0)
  expect(keepAlive.verdict(0)).toBe('unproven')
  keepAlive.answer(keepAlive.ask(0), 40)
  expect(keepAlive.roundTripMs).toBe(40)
  expect(keepAlive.verdict(1_000_000), 'nobody asked').toBe('alive')
  keepAlive.ask(1_000_000)
  expect(keepAlive.verdict(1_003_000)).toBe('alive')
  expect(keepAlive.verdict(1_003_001)).toBe('silent')
  expect(keepAlive.verdict(1_006_001)).toBe('dead')
})

it('output shows life too, but not that this end is heard', () => {
  const keepAlive = new KeepAlive(0)
  keepAlive.answer(keepAlive.ask(0), 1)
  keepAlive.ask(10)
  for (let nowMs = 0; nowMs < 20_000; nowMs += 1_000) {
    keepAlive.heard(nowMs)
    expect(keepAlive.verdict(nowMs + 500)).toBe('alive')
  }
  keepAlive.heard(20_011)
  expect(keepAlive.verdict(20_011)).toBe('dead')
})

it('an answer counts once, and only to a question', () => {
  const keepAlive = new KeepAlive(0)
  const first = keepAlive.ask(0)
  const second = keepAlive.ask(10)
  expect(keepAlive.answer(second, 15)).toBe(5)
  expect(keepAlive.hasAnswered(first), 'answered in order, so the first was too').toBe(true)
  expect(keepAlive.answer(first, 20)).toBeNull()
  expect(keepAlive.answer(99, 20)).toBeNull()
})
