import { expect, test } from 'vitest'
import { defaultLimits } from '../limits/budget.ts'
import { secretSubjects } from '../limits/subjects.ts'
import { offerSecret } from './attempts.ts'
import { World } from './world.fixture.ts'

const offer = (world: World, isRight: boolean, address = '192.0.2.1') =>
  world.run(offerSecret({ isRight, subjects: secretSubjects(address) }, defaultLimits))

const wrong = (world: World, times: number, address?: string) =>
  Array.from({ length: times }, () => offer(world, false, address).status)

test('the sixth wrong secret within a minute is still judged, after it not even the right one is', () => {
  const world = new World()
  expect(wrong(world, 5)).toEqual(Array.from({ length: 5 }, () => 'wrong'))
  expect(offer(world, true).status).toBe('right')
  expect(offer(world, false)).toMatchObject({ status: 'wrong', charged: { bannedMs: 300_000 } })
  expect(offer(world, true)).toEqual({ status: 'banned', leftMs: 300_000 })
  world.wait(300_000)
  expect(offer(world, true).status).toBe('right')
})

test('wrong secrets and wrong codes of one address draw on one budget', () => {
  const world = new World()
  for (let time = 0; time < 19; time++) {
    wrong(world, 1, '192.0.2.9')
    world.wait(20_000)
  }
  expect(world.typed('ZZZ-ZZZ-ZZZ', 'fresh')).toBe('CODE_NOT_FOUND')
  expect(world.typed('ZZZ-ZZZ-ZZZ', 'fresher')).toBe('RATE_LIMITED')
  expect(offer(world, true, '192.0.2.9').status).toBe('banned')
  expect(offer(world, true, '192.0.2.10').status).toBe('right')
})

test('wrong secrets are remembered, and say nothing of the secret', () => {
  const world = new World()
  wrong(world, 6)
  const outcomes = world.remembered.map(({ outcome }) => outcome)
  expect(outcomes).toEqual(['refused', 'refused', 'refused', 'refused', 'refused', 'banned'])
  expect(world.remembered[0]).toMatchObject({ errorCode: 'INVALID_SECRET', subject: 'address:192.0.2.1' })
})

test('the failure that opens the breaker says so, and it alone', () => {
  const world = new World()
  const said: boolean[] = []
  for (let address = 0; address < 125; address++) {
    for (let time = 0; time < 5; time++) {
      const answer = offer(world, false, `10.${address}.0.1`)
      if (answer.status === 'wrong') said.push(answer.charged.breaker)
    }
  }
  expect(said.indexOf(true)).toBe(599)
  expect(said.filter(Boolean)).toHaveLength(1)
})

test('the breaker is no ban of whoever made the failure that opened it', () => {
  const world = new World()
  for (let address = 0; address < 120; address++)
    for (let time = 0; time < 5; time++) {
      if (address === 119 && time === 4) break
      offer(world, false, `10.${address}.0.1`)
    }
  const last = offer(world, false, '192.0.2.77')
  expect(last).toMatchObject({ status: 'wrong', charged: { breaker: true, bannedMs: 0 } })
  expect(offer(world, true, '192.0.2.77').status).toBe('right')
})
