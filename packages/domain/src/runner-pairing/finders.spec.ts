import { assert, expect, test } from 'vitest'
import { depositRouteTickets, heartbeat } from './presence.ts'
import { defaultPairingRules as rules } from './rules.ts'
import { runnerNamed, World } from './world.fixture.ts'

const AAA = 'AAA-AAA-AAA'

/** Which of these apps, pairing by the code one after the other, were one too many. */
function oneTooMany(world: World, apps: readonly string[]): readonly string[] {
  return apps.filter((app) => {
    const answer = world.type(AAA, app)
    assert(answer.ok, `${app} was refused`)
    return answer.value.codeIsKnown
  })
}

const apps = (count: number, prefix = 'a') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

test('the tenth app that finds a code within the hour while none gets further is one too many, once', () => {
  const world = new World()
  world.registered()
  expect(oneTooMany(world, apps(15))).toEqual(['a9'])
  expect(oneTooMany(world, apps(6, 'b'))).toEqual(['b4'])
})

test('an app that comes again is the same app', () => {
  const world = new World()
  world.registered()
  expect(oneTooMany(world, [...apps(9), ...apps(9), ...apps(9)])).toEqual([])
})

test('an hour later those that found it count no more', () => {
  const world = new World()
  const { epoch } = world.registered()
  expect(oneTooMany(world, apps(9))).toEqual([])
  for (let beat = 0; beat < 180; beat++) {
    world.wait(20_000)
    world.run(heartbeat({ runnerId: runnerNamed('r'), epoch }, rules))
  }
  expect(oneTooMany(world, ['late'])).toEqual([])
})

test('an app that got all the way in, as the runner’s tickets tell, clears the others', () => {
  const world = new World()
  const runnerId = runnerNamed('r')
  const { epoch } = world.registered({ routeTickets: ['first'] })
  const deposit = (routeTickets: readonly string[]) =>
    world.run(depositRouteTickets({ runnerId, epoch, routeTickets }, rules))
  oneTooMany(world, apps(9))
  deposit(['changed'])
  expect(oneTooMany(world, ['a9'])).toEqual(['a9'])
  oneTooMany(world, apps(9, 'b'))
  deposit(['changed', 'another'])
  expect(oneTooMany(world, apps(9, 'c'))).toEqual([])
})
