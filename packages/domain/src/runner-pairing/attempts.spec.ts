import { describe, expect, test } from 'vitest'
import { appSubjects } from '../limits/subjects.ts'
import { getAppsByRunnerId } from './founding-sessions.ts'
import { authorise, pairingStatus, unpair } from './pairing-session.ts'
import { depositRouteTickets, lose } from './presence.ts'
import { defaultPairingRules as rules } from './rules.ts'
import { appNamed, codeNamed, runnerNamed, World } from './world.fixture.ts'

const AAA = 'AAA-AAA-AAA'
const WRONG = 'ZZZ-ZZZ-ZZZ'
const a = appNamed('a')
const r = runnerNamed('r')

function online(world = new World()) {
  const { epoch } = world.registered({ routeTickets: ['ticket'] })
  return { world, epoch }
}
const byTicket = (routeTicketDigest: string) => ({
  by: { via: 'route' as const, runnerId: r, routeTicketDigest },
})
const guess = (world: World, times: number, app = 'a') =>
  Array.from({ length: times }, () => world.typed(WRONG, app))

describe('failed attempts', () => {
  test('five leave the sixth free to succeed', () => {
    const { world } = online()
    guess(world, 5)
    expect(world.typed(AAA)).toBe('paired with r')
  })

  test('the sixth is evaluated and starts the ban, the seventh is not even looked at', () => {
    const { world } = online()
    guess(world, 5)
    expect(world.type(WRONG)).toMatchObject({
      refusal: { code: 'CODE_NOT_FOUND', bannedMs: 300_000, isGuess: true },
    })
    expect(world.type(AAA)).toMatchObject({ refusal: { code: 'RATE_LIMITED', retryAfterMs: 300_000 } })
    world.wait(299_999)
    expect(world.type(AAA)).toMatchObject({ refusal: { code: 'RATE_LIMITED', retryAfterMs: 1 } })
  })

  test('a ban ends by itself', () => {
    const { world } = online()
    guess(world, 6)
    world.wait(300_000)
    expect(world.typed(WRONG)).toBe('CODE_NOT_FOUND')
  })

  test('are not refilled by a success', () => {
    const { world } = online()
    guess(world, 4)
    expect(world.typed(AAA)).toBe('paired with r')
    guess(world, 2)
    expect(world.typed(AAA)).toBe('RATE_LIMITED')
  })

  test('of no readable code cost nothing', () => {
    const { world } = online()
    const unreadable = { by: { via: 'code' as const, candidates: [] } }
    for (let time = 0; time < 10; time++) expect(world.typed(WRONG, 'a', unreadable)).toBe('INVALID_FORMAT')
    expect(world.typed(AAA)).toBe('paired with r')
  })

  test('of an expired code and of an absent runner cost as much as a wrong guess', () => {
    const { world, epoch } = online()
    world.run(lose({ runnerId: r, epoch }, rules))
    for (let time = 0; time < 3; time++) expect(world.typed(AAA)).toBe('RUNNER_OFFLINE')
    world.wait(59_000)
    for (let time = 0; time < 3; time++) world.typed(WRONG)
    expect(world.typed(AAA)).toBe('RATE_LIMITED')
  })

  test('from 200 fresh sessions of one address are evaluated 20 times', () => {
    const { world } = online()
    const told = Array.from({ length: 200 }, (_, index) => world.typed(WRONG, `fresh${index}`))
    expect(told.filter((code) => code === 'CODE_NOT_FOUND')).toHaveLength(20)
    expect(world.typed(AAA, 'last')).toBe('RATE_LIMITED')
  })

  test('from 200 addresses of one /64 are evaluated 20 times', () => {
    const { world } = online()
    const told = Array.from({ length: 200 }, (_, index) =>
      world.typed(WRONG, `s${index}`, {
        subjects: appSubjects(`s${index}`, `2001:db8::${index.toString(16)}`),
      }),
    )
    expect(told.filter((code) => code === 'CODE_NOT_FOUND')).toHaveLength(20)
  })

  test('all over the world ring the alarm once at 60 a minute and open the breaker at 600, for typed codes alone', () => {
    const { world } = online()
    const far = (index: number) => ({
      subjects: appSubjects(`s${index}`, `10.${index >> 8}.${index & 255}.1`),
    })
    const answers = Array.from({ length: 600 }, (_, index) => world.type(WRONG, `s${index}`, far(index)))
    expect(
      answers.filter((answer) => !answer.ok && 'alarm' in answer.refusal && answer.refusal.alarm),
    ).toHaveLength(1)
    expect(world.typed(AAA, 'new', far(1_000))).toBe('RATE_LIMITED')
    expect(world.typed(AAA, 'new', { ...far(1_000), ...byTicket('ticket') })).toBe('paired with r')
    world.wait(60_000)
    world.registered()
    expect(world.typed(AAA, 'other', far(1_001))).toBe('paired with r')
  })

  test('during a ban are remembered once, not one by one', () => {
    const { world } = online()
    guess(world, 500)
    expect(world.remembered.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 5 }, () => 'refused'),
      'banned',
      'rate-limited',
    ])
  })
})

describe('a route ticket', () => {
  test('leads to its runner without a code', () => {
    const { world } = online()
    expect(world.typed(WRONG, 'a', byTicket('ticket'))).toBe('paired with r')
  })

  test('that the runner does not know is a failed attempt, whatever runner it names', () => {
    const { world } = online()
    expect(world.typed(WRONG, 'a', byTicket('wrong'))).toBe('CODE_NOT_FOUND')
    const nobody = {
      by: { via: 'route' as const, runnerId: runnerNamed('nobody'), routeTicketDigest: 'ticket' },
    }
    expect(world.typed(WRONG, 'a', nobody)).toBe('CODE_NOT_FOUND')
    guess(world, 4)
    expect(world.typed(WRONG, 'a', byTicket('ticket'))).toBe('RATE_LIMITED')
  })

  test('may wait for its runner as often as it likes', () => {
    const { world, epoch } = online()
    world.run(lose({ runnerId: r, epoch }, rules))
    for (let time = 0; time < 50; time++)
      expect(world.type(WRONG, 'a', byTicket('ticket'))).toMatchObject({
        refusal: { code: 'RUNNER_OFFLINE', isGuess: false },
      })
    world.registered({ routeTickets: ['ticket'] })
    expect(world.typed(WRONG, 'a', byTicket('ticket'))).toBe('paired with r')
  })

  test('is good only while the runner deposits it', () => {
    const { world, epoch } = online()
    world.run(depositRouteTickets({ runnerId: r, epoch, routeTickets: ['next'] }, rules))
    expect(world.typed(WRONG, 'a', byTicket('ticket'))).toBe('CODE_NOT_FOUND')
    expect(world.typed(WRONG, 'a', byTicket('next'))).toBe('paired with r')
    expect(
      world.run(depositRouteTickets({ runnerId: r, epoch: epoch - 1, routeTickets: [] }, rules)).ok,
    ).toBe(false)
  })
})

describe('a pairing', () => {
  test('moves with its app and leaves no trace at the first runner', () => {
    const { world } = online()
    world.registered({ runnerId: runnerNamed('s'), proposedCode: codeNamed('SSS-SSS-SSS') })
    world.type(AAA)
    expect(world.type('SSS-SSS-SSS')).toMatchObject({ value: { runnerId: 's', movedFrom: 'r' } })
    expect(world.run(getAppsByRunnerId({ runnerId: r }, rules))).toEqual([])
    expect(world.run(getAppsByRunnerId({ runnerId: runnerNamed('s') }, rules))).toEqual(['a'])
  })

  test('ends by unpairing, and a second unpairing is a success without a runner', () => {
    const { world } = online()
    world.type(AAA)
    expect(world.run(unpair({ appSessionId: a }, rules))).toEqual({ runnerId: 'r', pid: 'pid-a' })
    expect(world.run(unpair({ appSessionId: a }, rules))).toEqual({ runnerId: null, pid: null })
    expect(world.run(authorise({ appSessionId: a }, rules))).toMatchObject({
      refusal: { code: 'NOT_PAIRED' },
    })
    expect(world.typed(AAA)).toBe('paired with r')
  })

  test('is ended by its own runner only', () => {
    const { world } = online()
    world.type(AAA)
    const by = (ofRunner: string) =>
      world.run(unpair({ appSessionId: a, ofRunner: runnerNamed(ofRunner) }, rules)).runnerId
    expect([by('s'), by('r')]).toEqual([null, 'r'])
  })

  test('waits for a runner that was lost, and reaches nothing meanwhile', () => {
    const { world, epoch } = online()
    world.type(AAA)
    world.run(lose({ runnerId: r, epoch }, rules))
    expect(world.run(authorise({ appSessionId: a }, rules))).toMatchObject({
      refusal: { code: 'RUNNER_OFFLINE' },
    })
    expect(world.run(pairingStatus({ appSessionId: a }, rules))).toMatchObject({
      paired: true,
      runnerOnline: false,
      heldUntil: world.now + 60_000,
    })
  })

  test.each([
    [-1, true],
    [0, false],
  ])('unused for its idle limit and %i ms more is worth something: %s', (more, paired) => {
    const world = new World({ ...rules, leaseMs: 1e12 })
    online(world)
    world.type(AAA)
    world.wait(rules.sessionIdleMs + more)
    expect(world.run(pairingStatus({ appSessionId: a }, world.rules)).paired).toBe(paired)
  })

  test('is renewed by use', () => {
    const world = new World({ ...rules, leaseMs: 1e12 })
    online(world)
    world.type(AAA)
    for (let time = 0; time < 4; time++) {
      world.wait(rules.sessionIdleMs / 2)
      expect(world.run(pairingStatus({ appSessionId: a }, world.rules)).paired).toBe(true)
    }
  })

  test('makes room for a newer one when its runner knows as many apps as it may', () => {
    const world = new World({ ...rules, appsMax: 2 })
    online(world)
    world.type(AAA, 'a')
    world.type(AAA, 'b')
    expect(world.type(AAA, 'c')).toMatchObject({ value: { displaced: 'a' } })
    expect(world.run(getAppsByRunnerId({ runnerId: r }, world.rules))).toEqual(['b', 'c'])
    expect(world.run(authorise({ appSessionId: a }, world.rules)).ok).toBe(false)
  })
})
