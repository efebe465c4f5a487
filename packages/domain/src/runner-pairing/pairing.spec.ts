import { describe, expect, test } from 'vitest'
import { appSubjects, runnerSubjects } from '../limits/subjects.ts'
import { recordFailure } from './attempts.ts'
import {
  findCodeByRunnerId,
  incrementUsageCount,
  invalidateCode,
  registerCode,
  validateCode,
} from './founding-codes.ts'
import { createSession, getSession } from './founding-sessions.ts'
import { authorise, pairingStatus } from './pairing-session.ts'
import { endIfDue, heartbeat, lose, sayGoodbye } from './presence.ts'
import { rotateCode } from './register.ts'
import { defaultPairingRules as rules } from './rules.ts'
import { appNamed, codeNamed, runnerNamed, World } from './world.fixture.ts'

const r = runnerNamed('r')
const AAA = codeNamed('AAA-AAA-AAA')
const BBB = codeNamed('BBB-BBB-BBB')
const WRONG = 'ZZZ-ZZZ-ZZZ'
const DAY_MS = 86_400_000

/** A world with one runner online under AAA-AAA-AAA. */
function online(differently: Parameters<World['registered']>[0] = {}) {
  const world = new World()
  const { epoch } = world.registered(differently)
  return {
    world,
    epoch,
    beat: () => world.run(heartbeat({ runnerId: r, epoch: world.get('runner', 'r')?.epoch ?? 0 }, rules)),
  }
}

describe('who may register', () => {
  const key = 'ed25519-key'
  const proven = { publicKey: key, proof: { secret: false, signature: true } }

  test.each([
    ['a stranger without a secret', {}, { proof: { secret: false, signature: false } }, 'secret-required'],
    ['a stranger with a key alone', {}, proven, 'secret-required'],
    [
      'a stranger who names a key without signing',
      {},
      { publicKey: key, proof: { secret: true, signature: false } },
      'key-required',
    ],
    [
      'a known one that leaves its key out',
      { publicKey: key, proof: { secret: true, signature: true } },
      {},
      'key-required',
    ],
    [
      'a known one with another key',
      { publicKey: key, proof: { secret: true, signature: true } },
      { publicKey: 'other', proof: { secret: true, signature: true } },
      'key-mismatch',
    ],
  ])('%s is refused', (_who, first, then, reason) => {
    const world = new World()
    if ('publicKey' in first) world.registered(first)
    expect(world.register(then)).toMatchObject({ ok: false, refusal: { reason } })
  })

  test('a known one needs its key and no secret', () => {
    const world = new World()
    world.registered({ publicKey: key, proof: { secret: true, signature: true } })
    expect(world.register(proven)).toMatchObject({ ok: true, value: { resumed: true } })
  })

  test('a code that somebody has is refused, and the fourth such proposal within an hour bans the runner', () => {
    const { world } = online()
    const other = { runnerId: runnerNamed('other') }
    for (let time = 0; time < 4; time++)
      expect(world.register(other)).toMatchObject({ refusal: { reason: 'duplicate-code' } })
    expect(world.register(other)).toMatchObject({
      refusal: { reason: 'rate-limited', retryAfterMs: 3_600_000 },
    })
    expect(world.remembered.map(({ outcome }) => outcome)).toEqual([
      'refused',
      'refused',
      'refused',
      'banned',
    ])
  })

  test('a banned address keeps strangers out, but not a runner that comes back by key', () => {
    const world = new World()
    world.registered({ publicKey: key, proof: { secret: true, signature: true } })
    for (let time = 0; time < 20; time++)
      world.run(recordFailure(appSubjects(`a${time}`, '192.0.2.1'), rules.limits))
    expect(world.register({ runnerId: runnerNamed('new'), proposedCode: BBB })).toMatchObject({
      refusal: { reason: 'rate-limited' },
    })
    expect(world.register({ ...proven, incarnation: 'process-2', proposedCode: BBB })).toMatchObject({
      ok: true,
    })
  })
})

describe('a runner that comes back', () => {
  test('as the same process keeps its code, its generation and its apps, under a higher epoch', () => {
    const { world, epoch } = online()
    world.type(AAA)
    world.run(lose({ runnerId: r, epoch }, rules))
    world.wait(59_999)
    const back = world.registered({ proposedCode: BBB })
    expect(back).toMatchObject({ code: AAA, gen: 1, resumed: true, apps: ['a'], formerApps: [] })
    expect(back.epoch).toBeGreaterThan(epoch)
  })

  test('a millisecond after the grace begins a new life: new code, higher generation, its apps must pair again', () => {
    const { world, epoch } = online()
    world.type(AAA)
    world.run(lose({ runnerId: r, epoch }, rules))
    world.wait(60_000)
    expect(world.register()).toMatchObject({ refusal: { reason: 'duplicate-code' } })
    expect(world.registered({ proposedCode: BBB })).toMatchObject({
      code: BBB,
      gen: 3,
      resumed: false,
      formerApps: ['a'],
    })
    expect(world.run(pairingStatus({ appSessionId: appNamed('a') }, rules))).toEqual({
      paired: false,
      formerRunnerId: 'r',
    })
    expect(world.typed(AAA)).toBe('CODE_EXPIRED')
  })

  test('counts the same whether a clean-up recorded its end or not', () => {
    const [lazy, eager] = [online(), online()]
    for (const { world } of [lazy, eager]) world.wait(90_000)
    eager.world.run(endIfDue({ runnerId: r }, rules))
    const [a, b] = [lazy, eager].map(({ world }) => world.registered({ proposedCode: BBB }))
    // The silent socket may still be open on another broker instance, and is then to be closed.
    expect({ ...a, supersededEpoch: null }).toEqual(b)
    expect(lazy.world.get('code', AAA)).toEqual(eager.world.get('code', AAA))
  })

  test('as another process takes over at once, and says whose socket is to be closed', () => {
    const { world, epoch } = online()
    const taken = world.registered({ incarnation: 'process-2', proposedCode: BBB })
    expect(taken).toMatchObject({ resumed: false, supersededEpoch: epoch })
    expect(world.run(heartbeat({ runnerId: r, epoch }, rules))).toMatchObject({
      refusal: { reason: 'stale' },
    })
  })

  test('without an incarnation is the same process by its code', () => {
    const { world } = online({ incarnation: null })
    expect(world.registered({ incarnation: null })).toMatchObject({ resumed: true, code: AAA })
    expect(world.registered({ incarnation: null, proposedCode: BBB })).toMatchObject({
      resumed: false,
      code: BBB,
    })
  })

  test('after its unused code died of age takes a new one and keeps its apps', () => {
    const { world } = online()
    world.run(createSession({ appSessionId: appNamed('a'), runnerId: r }, rules))
    for (let waited = 0; waited < DAY_MS; waited += 30_000) {
      world.wait(30_000)
      world.registered({ proposedCode: BBB })
    }
    expect(world.registered({ proposedCode: codeNamed('CCC-CCC-CCC') })).toMatchObject({
      resumed: true,
      gen: 1,
      apps: ['a'],
    })
  })
})

describe('presence', () => {
  test('holds 30 s after a heartbeat, and the silence is forgiven for a grace more', () => {
    const { world, beat } = online()
    world.wait(29_999)
    expect(world.typed(AAA)).toBe('paired with r')
    world.wait(1)
    expect(world.typed(AAA)).toBe('RUNNER_OFFLINE')
    expect(beat()).toMatchObject({ ok: true, value: { returned: true } })
    world.wait(89_999)
    expect(beat()).toMatchObject({ ok: true })
    world.wait(90_000)
    expect(beat()).toMatchObject({ refusal: { reason: 'stale' } })
  })

  test('that was lost silently ends a grace after the lease, not after the news', () => {
    const { world, epoch } = online()
    world.wait(60_000)
    const lost = world.run(lose({ runnerId: r, epoch }, rules))
    expect(lost).toMatchObject({ value: { status: 'suspended', until: world.now + 30_000 } })
    expect(world.typed(AAA)).toBe('RUNNER_OFFLINE')
  })

  test('without a grace ends with the connection', () => {
    const world = new World({ ...rules, graceMs: 0 })
    const { epoch } = world.registered()
    world.type(AAA)
    expect(world.run(lose({ runnerId: r, epoch }, world.rules))).toMatchObject({
      value: { status: 'gone', formerApps: ['a'] },
    })
    expect(world.typed(AAA)).toBe('CODE_EXPIRED')
  })

  test('ends at once by a goodbye', () => {
    const { world, epoch } = online()
    world.type(AAA)
    expect(world.run(sayGoodbye({ runnerId: r, epoch }, rules))).toMatchObject({
      value: { status: 'gone', formerApps: ['a'] },
    })
    expect(world.run(sayGoodbye({ runnerId: r, epoch }, rules))).toMatchObject({
      refusal: { reason: 'stale' },
    })
    expect(world.run(getSession({ appSessionId: appNamed('a') }, rules))).toBeNull()
  })

  test('that is over is reported once, with the apps to tell', () => {
    const { world } = online()
    world.type(AAA)
    expect(world.run(endIfDue({ runnerId: r }, rules))).toMatchObject({
      status: 'not-due',
      endsAt: world.now + 90_000,
    })
    world.wait(90_000)
    expect(world.run(endIfDue({ runnerId: r }, rules))).toMatchObject({ status: 'gone', formerApps: ['a'] })
    expect(world.run(endIfDue({ runnerId: r }, rules))).toMatchObject({ status: 'not-due', endsAt: null })
  })
})

describe('a code', () => {
  test.each([
    [-1, 'paired with r', 'paired with r'],
    [0, 'CODE_EXPIRED', 'paired with r'],
    [1, 'CODE_EXPIRED', 'paired with r'],
  ])('24 h %i ms after its birth: unused %s, used %s', (afterMs, unused, used) => {
    const birth = (use: boolean) => {
      const { world, beat } = online()
      if (use) world.run(incrementUsageCount({ code: AAA }, rules))
      for (let waited = 0; waited < DAY_MS - 30_000; waited += 30_000) {
        world.wait(30_000)
        beat()
      }
      world.wait(29_999)
      beat()
      world.wait(1 + afterMs)
      return world.typed(AAA)
    }
    expect([birth(false), birth(true)]).toEqual([unused, used])
  })

  test.each([
    [DAY_MS - 1, 'CODE_EXPIRED'],
    [DAY_MS, 'CODE_NOT_FOUND'],
  ])('%i ms after its runner left is %s', (afterMs, told) => {
    const { world, epoch } = online()
    world.run(sayGoodbye({ runnerId: r, epoch }, rules))
    world.wait(afterMs)
    expect(world.typed(AAA)).toBe(told)
  })

  test('that is rotated dies, its successor leads to the same pairings', () => {
    const { world, epoch } = online()
    world.type(AAA)
    const subjects = runnerSubjects('r', '192.0.2.1')
    const rotated = world.run(rotateCode({ runnerId: r, epoch, proposedCode: BBB, subjects }, rules))
    expect(rotated).toMatchObject({ ok: true, value: { code: BBB } })
    expect(world.typed(AAA, 'b')).toBe('CODE_EXPIRED')
    expect(world.typed(BBB, 'b')).toBe('paired with r')
    expect(world.run(authorise({ appSessionId: appNamed('a') }, rules))).toMatchObject({
      ok: true,
      value: { gen: 1 },
    })
  })

  test('that is invalidated does not exist, twice as well as once, and may be registered again', () => {
    const { world } = online()
    world.run(invalidateCode({ code: AAA }, rules))
    world.run(invalidateCode({ code: AAA }, rules))
    expect(world.run(validateCode({ code: AAA }, rules))).toMatchObject({
      refusal: { code: 'CODE_NOT_FOUND' },
    })
    expect(world.run(findCodeByRunnerId({ runnerId: r }, rules))).toBeNull()
    expect(world.run(registerCode({ code: AAA, runnerId: runnerNamed('s') }, rules))).toMatchObject({
      ok: true,
    })
  })

  test('with a look-alike typed wrong is found by the second reading', () => {
    const { world } = online({ proposedCode: codeNamed('A01-A01-A01') })
    const by = { via: 'code' as const, candidates: [codeNamed('AOI-AOI-AOI'), codeNamed('A01-A01-A01')] }
    expect(world.typed(WRONG, 'a', { by })).toBe('paired with r')
  })
})
