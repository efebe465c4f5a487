import { expect, it } from 'vitest'
import { StoreClock } from './store-clock.ts'

it('agrees with the store, by the answer that was under way for the shortest time', () => {
  let own = 1_000
  const clock = new StoreClock(() => own)
  expect(clock.now()).toBe(1_000)
  clock.observe(600_990)
  clock.observe(600_999)
  clock.observe(600_900)
  expect(clock.now(), 'a late answer is no news').toBe(600_999)
  own += 5_000
  expect(clock.now()).toBe(605_999)
})

it('follows a store whose clock was set', () => {
  const clock = new StoreClock(() => 1_000)
  clock.observe(600_000)
  clock.observe(2_000)
  expect(clock.now()).toBe(2_000)
})
