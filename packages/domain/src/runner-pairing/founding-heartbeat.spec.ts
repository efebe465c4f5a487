import { assert, expect, test } from 'vitest'
import { retireAgedCode, validateCode } from './founding-codes.ts'
import { isRunnerOnline, updateHeartbeat } from './founding-sessions.ts'
import { instanceOf, renewInstance } from './instance-lease.ts'
import { authorise } from './pairing-session.ts'
import { fallSilent, heartbeat, lose } from './presence.ts'
import { parseInstanceId } from './records.ts'
import { defaultPairingRules as rules } from './rules.ts'
import { appNamed, codeNamed, runnerNamed, World } from './world.fixture.ts'

const NODE = parseInstanceId('a'.repeat(32)) ?? expect.fail('a node is 32 hex digits')
const runnerId = runnerNamed('r')
const CODE = 'AAA-AAA-AAA'

/** A runner that a broker holds, and an app paired with it. */
function held() {
  const world = new World()
  const summary = { host: '', version: '', runners: 0, apps: 0, terminals: 0 }
  const renew = () =>
    world.run(renewInstance({ facts: { nodeId: NODE, address: null, publicUrl: null, summary } }, rules))
  renew()
  const { epoch } = world.registered({ node: NODE })
  world.type(CODE)
  const record = () => {
    const runner = world.get('runner', runnerId)
    assert.exists(runner)
    return runner
  }
  const presence = () => record().presence
  return {
    world,
    renew,
    record,
    presence,
    from: { runnerId, epoch },
    beat: () => world.run(updateHeartbeat({ runnerId }, rules)),
  }
}

test('another application’s heartbeat does not take a connected runner from its broker', () => {
  const { world, renew, presence, from, beat } = held()
  for (let time = 0; time < 10; time++) {
    world.wait(9_000)
    renew()
    beat()
    expect(presence()).toMatchObject({ status: 'online', node: NODE, heartbeatAt: world.now })
  }
  expect(world.run(authorise({ appSessionId: appNamed('a') }, rules))).toMatchObject({
    value: { node: NODE },
  })
  expect(world.run(heartbeat(from, rules)).ok).toBe(true)
  // It lives by the lease of its broker still, and no longer.
  world.wait(rules.instanceLeaseMs)
  expect(world.run(isRunnerOnline({ runnerId }))).toBe(false)
})

test('another application’s heartbeat brings back no runner that its broker has lost or does not hear', () => {
  for (const lost of [lose, fallSilent]) {
    const { world, record, presence, from, beat } = held()
    world.run(lost(from, rules))
    const before = presence()
    beat()
    expect(presence()).toEqual(before)
    expect(world.run(isRunnerOnline({ runnerId }))).toBe(false)
    world.wait(rules.graceMs)
    beat()
    expect(instanceOf(record()), 'a life that is over is no broker’s').toBe(null)
    expect(world.run(isRunnerOnline({ runnerId }))).toBe(true)
  }
})

test('an unused code is recorded as ended at its deadline, not before, and answers as it did', () => {
  const world = new World({ ...rules, leaseMs: 1e12 })
  world.registered()
  const look = () => world.run(retireAgedCode({ runnerId }, world.rules))
  world.wait(rules.codeLifeMs - 1)
  expect(look()).toEqual({ leftMs: 1 })
  expect(world.get('code', CODE)).toMatchObject({ status: 'live' })
  world.wait(1)
  expect(look()).toEqual({ leftMs: null })
  expect(world.get('code', CODE)).toMatchObject({
    status: 'tombstone',
    until: world.now + rules.tombstoneMs,
    runnerId,
  })
  const validate = () => world.run(validateCode({ code: codeNamed(CODE) }, world.rules))
  expect(validate()).toMatchObject({ refusal: { code: 'CODE_EXPIRED' } })
  world.wait(rules.tombstoneMs)
  expect(validate()).toMatchObject({ refusal: { code: 'CODE_NOT_FOUND' } })
})

test('a code that was used has no deadline', () => {
  const world = new World({ ...rules, leaseMs: 1e12 })
  world.registered()
  world.type(CODE)
  world.wait(10 * rules.codeLifeMs)
  expect(world.run(retireAgedCode({ runnerId }, world.rules))).toEqual({ leftMs: null })
  expect(world.typed(CODE, 'b')).toBe('paired with r')
})
