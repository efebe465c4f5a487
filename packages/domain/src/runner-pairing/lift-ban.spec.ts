import { expect, test } from 'vitest'
import { defaultLimits } from '../limits/budget.ts'
import { BROKER_SUBJECT, secretSubjects } from '../limits/subjects.ts'
import { offerSecret } from './attempts.ts'
import { liftBans, subjectsNamed } from './lift-ban.ts'
import { World } from './world.fixture.ts'

const lift = (world: World, named: string) => world.run(liftBans(subjectsNamed(named)))
const wrongCodes = (world: World, times: number, app = 'a') =>
  Array.from({ length: times }, () => world.typed('ZZZ-ZZZ-ZZZ', app))

test('a session whose ban is lifted begins anew, with all its failures forgotten', () => {
  const world = new World()
  wrongCodes(world, 6)
  expect(world.typed('ZZZ-ZZZ-ZZZ')).toBe('RATE_LIMITED')
  expect(lift(world, 'a')).toMatchObject([{ subject: 'session:a' }])
  expect(wrongCodes(world, 6)).toEqual(Array.from({ length: 6 }, () => 'CODE_NOT_FOUND'))
  expect(world.typed('ZZZ-ZZZ-ZZZ')).toBe('RATE_LIMITED')
})

test('an address is let in again with its secrets and its new apps, and no other one is', () => {
  const world = new World()
  for (const address of ['192.0.2.1', '192.0.2.2'])
    for (let time = 0; time < 6; time++)
      world.run(offerSecret({ isRight: false, subjects: secretSubjects(address) }, defaultLimits))
  expect(lift(world, '192.0.2.1').map(({ subject }) => subject)).toEqual(['secret:address:192.0.2.1'])
  const right = (address: string) =>
    world.run(offerSecret({ isRight: true, subjects: secretSubjects(address) }, defaultLimits)).status
  expect([right('192.0.2.1'), right('192.0.2.2')]).toEqual(['right', 'banned'])
})

test('it is remembered, and counts as what gives access', () => {
  const world = new World()
  wrongCodes(world, 6)
  lift(world, 'a')
  expect(world.remembered.at(-1)).toEqual({
    at: world.now,
    appSessionId: 'a',
    runnerId: null,
    maskedCode: expect.any(String),
    outcome: 'lifted',
    errorCode: null,
    subject: 'session:a',
  })
})

test('who is not banned keeps the failures that count, and nothing is written', () => {
  const world = new World()
  wrongCodes(world, 5)
  expect(lift(world, 'a')).toEqual([])
  expect(world.remembered.map(({ outcome }) => outcome)).not.toContain('lifted')
  expect(wrongCodes(world, 2)).toEqual(['CODE_NOT_FOUND', 'RATE_LIMITED'])
})

test('a ban that has ended is none', () => {
  const world = new World()
  wrongCodes(world, 6)
  world.wait(defaultLimits.session.banMs)
  expect(lift(world, 'a')).toEqual([])
})

test.each([
  ['192.0.2.7', 'address:192.0.2.7'],
  ['192.0.2.7', 'secret:address:192.0.2.7'],
  ['192.0.2.7', 'newcomers:address:192.0.2.7'],
  ['::ffff:192.0.2.7', 'address:192.0.2.7'],
  ['2001:db8:0:1::9', 'address:2001:db8:0:1::/64'],
  ['2001:db8:0:1::/64', 'address:2001:db8:0:1::/64'],
  ['2001:db8:0::/48', 'prefix:2001:db8:0::/48'],
  ['192.0.2', 'prefix:192.0.2'],
  ['some-runner', 'runner:some-runner'],
])('%s names %s', (named, subject) => {
  expect(subjectsNamed(named)).toContain(subject)
})

test('nothing names the breaker, which closes by itself', () => {
  expect(subjectsNamed('broker')).not.toContain(BROKER_SUBJECT)
  expect(subjectsNamed('nonsense')).not.toContain('address:unknown')
})
