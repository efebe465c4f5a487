import { describe, expect, test } from 'vitest'
import { appSubjects } from '../limits/subjects.ts'
import { defaultPairingRules } from './rules.ts'
import { codeNamed, runnerNamed, World } from './world.fixture.ts'

const AAA = 'AAA-AAA-AAA'
const WRONG = 'ZZZ-ZZZ-ZZZ'

const from = (app: string, address: string) => ({ subjects: appSubjects(app, address) })

describe('apps that nobody has seen before', () => {
  test('thirty of one address come within a minute, whatever becomes of them, the next ones wait a minute', () => {
    const world = new World()
    world.registered()
    for (let n = 0; n < 30; n++)
      expect(world.typed(n % 2 ? AAA : WRONG, `a${n}`, from(`a${n}`, `2001:db8::${n}`))).not.toBe(
        'RATE_LIMITED',
      )
    const late = () => world.type(AAA, 'late', from('late', '2001:db8::ffff'))
    expect(late()).toMatchObject({ refusal: { code: 'RATE_LIMITED', retryAfterMs: 60_000 } })
    expect(world.typed(AAA, 'elsewhere', from('elsewhere', '192.0.2.1'))).toBe('paired with r')
    world.wait(25_000)
    world.registered()
    world.wait(25_000)
    world.registered()
    world.wait(10_000)
    expect(late()).toMatchObject({ ok: true })
  })

  test('are not those that were paired before, that failed before, or that have a link', () => {
    const world = new World()
    world.registered({ routeTickets: ['ticket'] })
    expect(world.typed(AAA, 'paired')).toBe('paired with r')
    expect(world.typed(WRONG, 'failed')).toBe('CODE_NOT_FOUND')
    for (let n = 0; n < 28; n++) world.typed(AAA, `a${n}`)
    expect(world.typed(AAA, 'late')).toBe('RATE_LIMITED')
    expect(world.typed(AAA, 'paired')).toBe('paired with r')
    expect(world.typed(AAA, 'failed')).toBe('paired with r')
    const by = { via: 'route' as const, runnerId: runnerNamed('r'), routeTicketDigest: 'ticket' }
    expect(world.typed(AAA, 'linked', { by })).toBe('paired with r')
  })
})

describe('codes that are refused alike', () => {
  test('are unknown, ended or of a runner that is away: all in one word, and all charged', () => {
    const world = new World({ ...defaultPairingRules, refusesAlike: true })
    world.registered()
    world.registered({ runnerId: runnerNamed('other'), proposedCode: codeNamed('BBB-BBB-BBB') })
    world.registered({
      runnerId: runnerNamed('other'),
      incarnation: 'process-2',
      proposedCode: codeNamed('CCC-CCC-CCC'),
    })
    expect(world.typed(WRONG)).toBe('CODE_NOT_FOUND')
    expect(world.typed('BBB-BBB-BBB')).toBe('CODE_NOT_FOUND')
    world.wait(30_000)
    expect(world.typed(AAA)).toBe('CODE_NOT_FOUND')
    expect(world.remembered.map(({ errorCode }) => errorCode)).toEqual([
      'CODE_NOT_FOUND',
      'CODE_EXPIRED',
      'RUNNER_OFFLINE',
    ])
  })

  test('are looked for equally often', () => {
    const world = new World({ ...defaultPairingRules, refusesAlike: true })
    world.registered()
    world.wait(30_000)
    const looks = (code: string, app: string) => {
      const before = world.looks
      world.typed(code, app)
      return world.looks - before
    }
    expect(looks(AAA, 'a')).toBe(looks(WRONG, 'b'))
  })
})
