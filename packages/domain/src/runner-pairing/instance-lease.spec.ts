import { describe, expect, it } from 'vitest'
import { getAppsByRunnerId, isRunnerOnline } from './founding-sessions.ts'
import { endInstance, instanceOf, renewInstance } from './instance-lease.ts'
import { authorise, pairingStatus } from './pairing-session.ts'
import { endIfDue, fallSilent, heartbeat, lose, sayGoodbye } from './presence.ts'
import { type InstanceId, parseInstanceId } from './records.ts'
import { rotateCode } from './register.ts'
import { defaultPairingRules } from './rules.ts'
import { appNamed, codeNamed, runnerNamed, World } from './world.fixture.ts'

const CODE = 'AAA-AAA-AAA'
const NODE_LEASE_MS = defaultPairingRules.instanceLeaseMs
const GRACE_MS = defaultPairingRules.graceMs
const runnerId = runnerNamed('r')

const instanceNamed = (digit: string): InstanceId => {
  const instance = parseInstanceId(digit.repeat(32))
  if (instance === null) throw new Error('a test used a name that is none')
  return instance
}
const A = instanceNamed('a')
const B = instanceNamed('b')

/** A world with brokers in it. */
class Brokers extends World {
  renew(nodeId: InstanceId) {
    const summary = { host: 'h', version: '1', runners: 0, apps: 0, terminals: 0 }
    const facts = { nodeId, address: `http://192.0.2.1:1`, publicUrl: null, summary }
    return this.run(renewInstance({ facts }, this.rules))
  }

  /** Its process goes on renewing, and comes this far. */
  wakeFor(nodeId: InstanceId, ms: number) {
    for (let left = ms; left > 0; left -= 3_000) {
      this.wait(Math.min(left, 3_000))
      this.renew(nodeId)
    }
  }

  isOnline = () => this.run(isRunnerOnline({ runnerId }))
  due = () => this.run(endIfDue({ runnerId }, this.rules))
}

function paired(rules = defaultPairingRules) {
  const world = new Brokers(rules)
  world.renew(A)
  const registered = world.registered({ node: A })
  expect(world.typed(CODE)).toBe('paired with r')
  return { world, from: { runnerId, epoch: registered.epoch } }
}

describe('a clock that was a day ahead and is set right', () => {
  const DAY_MS = 86_400_000

  it('leaves no broker that seems to live, and its runner may come back to another one', () => {
    const { world } = paired()
    world.wait(-DAY_MS)
    expect(world.isOnline()).toBe(false)
    world.renew(B)
    expect(world.typed(CODE, 'b')).not.toBe('paired with r')
    const again = world.registered({ node: B })
    expect(again.code).toBe(CODE)
    expect(world.isOnline()).toBe(true)
    expect(world.typed(CODE, 'b')).toBe('paired with r')
  })

  it('leaves a broker that goes on renewing with all that it holds', () => {
    const { world } = paired()
    world.wait(-DAY_MS)
    world.renew(A)
    expect(world.isOnline()).toBe(true)
  })

  it('lets the next one end the leases of those that are known to be gone', () => {
    const { world } = paired()
    world.wait(-DAY_MS)
    world.run(endInstance({ nodeId: A }, world.rules))
    expect(world.get('node', A)?.leaseUntil).toBe(world.now)
  })
})

describe('a runner that a broker process holds', () => {
  it('is there as long as that process renews its lease, with no heartbeat written', () => {
    const { world } = paired()
    const before = world.get('runner', 'r')
    world.wakeFor(A, 3_600_000)
    expect(world.isOnline()).toBe(true)
    expect(world.typed(CODE, 'b')).toBe('paired with r')
    expect(world.due()).toMatchObject({ status: 'not-due' })
    expect(before?.presence.status).toBe('online')
  })

  it('is away from the end of that lease, and may come back until the grace is over', () => {
    const { world } = paired()
    world.wait(NODE_LEASE_MS - 1)
    expect(world.isOnline()).toBe(true)
    world.wait(1)
    expect(world.isOnline()).toBe(false)
    expect(world.typed(CODE, 'b')).toBe('RUNNER_OFFLINE')
    const status = world.run(pairingStatus({ appSessionId: appNamed('a') }, world.rules))
    expect(status).toMatchObject({ paired: true, runnerOnline: false, heldUntil: world.now + GRACE_MS })
  })

  it('comes back to another process with the same code and apps, under a later epoch', () => {
    const { world, from } = paired()
    world.wait(NODE_LEASE_MS + 5_000)
    world.renew(B)
    const back = world.registered({ node: B, proposedCode: codeNamed('BBB-BBB-BBB') })
    expect(back).toMatchObject({ resumed: true, code: CODE, apps: ['a'] })
    expect(back.epoch).toBeGreaterThan(from.epoch)
    const record = world.get('runner', 'r')
    expect(record && instanceOf(record)).toBe(B)
    world.wakeFor(B, 600_000)
    expect(world.isOnline()).toBe(true)
  })

  it('is over a grace after that lease, once, whoever notices, and its code is dead', () => {
    const { world, from } = paired()
    world.wait(NODE_LEASE_MS + GRACE_MS)
    expect(world.run(getAppsByRunnerId({ runnerId }, world.rules))).toEqual([])
    expect(world.typed(CODE, 'b')).toBe('CODE_EXPIRED')
    expect(world.due()).toEqual({ status: 'gone', epoch: from.epoch, formerApps: ['a'] })
    expect(world.due()).toMatchObject({ status: 'not-due', endsAt: null })
    expect(world.run(authorise({ appSessionId: appNamed('a') }, world.rules)).ok).toBe(false)
  })

  it('is there again when the process renews its lease, however late, unless its end was recorded meanwhile', () => {
    const slept = paired()
    slept.world.wait(NODE_LEASE_MS + 2 * GRACE_MS)
    slept.world.renew(A)
    expect(slept.world.isOnline()).toBe(true)
    expect(slept.world.typed(CODE, 'b')).toBe('paired with r')

    const ended = paired()
    ended.world.wait(NODE_LEASE_MS + GRACE_MS)
    expect(ended.world.due()).toMatchObject({ status: 'gone' })
    ended.world.renew(A)
    expect(ended.world.isOnline()).toBe(false)
    expect(ended.world.run(heartbeat(ended.from, ended.world.rules)).ok).toBe(false)
    expect(ended.world.typed(CODE, 'b')).toBe('CODE_EXPIRED')
  })

  it('is not taken in by a process whose lease has run out', () => {
    const world = new Brokers()
    expect(world.register({ node: A })).toEqual({ ok: false, refusal: { reason: 'node-lapsed' } })
    world.renew(A)
    world.wait(NODE_LEASE_MS)
    expect(world.register({ node: A })).toEqual({ ok: false, refusal: { reason: 'node-lapsed' } })
    expect(world.get('runner', 'r')).toBeUndefined()
  })

  it('is away at once when the process goes on purpose', () => {
    const { world } = paired()
    world.wait(1_000)
    world.run(endInstance({ nodeId: A }, world.rules))
    expect(world.isOnline()).toBe(false)
    world.run(endInstance({ nodeId: A }, world.rules))
    expect(world.due()).toEqual({ status: 'not-due', endsAt: world.now + GRACE_MS, node: A })
  })

  it('keeps the time its code died at when its process begins anew', () => {
    const { world } = paired()
    world.wait(NODE_LEASE_MS + GRACE_MS)
    world.due()
    world.renew(A)
    world.renew(B)
    world.wait(defaultPairingRules.tombstoneMs - 1)
    world.renew(B)
    const other = { runnerId: runnerNamed('other'), node: B }
    expect(world.register(other)).toMatchObject({ ok: false, refusal: { reason: 'duplicate-code' } })
    world.wait(1)
    expect(world.register(other).ok).toBe(true)
  })
})

describe('a runner that says nothing on a connection that is there', () => {
  it('is away, and back by a word', () => {
    const { world, from } = paired()
    const silent = world.run(fallSilent(from, world.rules))
    expect(silent).toMatchObject({ ok: true, value: { status: 'suspended', apps: ['a'] } })
    expect(world.isOnline()).toBe(false)
    expect(world.typed(CODE, 'b')).toBe('RUNNER_OFFLINE')
    world.wakeFor(A, 20_000)
    const back = world.run(heartbeat(from, world.rules))
    expect(back).toMatchObject({ ok: true, value: { returned: true } })
    expect(world.isOnline()).toBe(true)
    expect(world.run(heartbeat(from, world.rules))).toMatchObject({ value: { returned: false } })
  })

  it('is over when the grace ends, whether its connection is lost by then or not', () => {
    for (const loses of [false, true]) {
      const { world, from } = paired()
      world.run(fallSilent(from, world.rules))
      const endsAt = world.now + GRACE_MS
      world.wakeFor(A, 20_000)
      const lost = loses ? world.run(lose(from, world.rules)) : { value: { until: endsAt } }
      expect(lost).toMatchObject({ value: { until: endsAt } })
      world.wakeFor(A, GRACE_MS - 20_001)
      expect(world.due()).toMatchObject({ status: 'not-due', endsAt })
      world.wait(1)
      expect(world.due()).toMatchObject({ status: 'gone' })
    }
  })

  it('is over at once without a grace, and by its goodbye', () => {
    const without = paired({ ...defaultPairingRules, graceMs: 0 })
    expect(without.world.run(fallSilent(without.from, without.world.rules))).toMatchObject({
      value: { status: 'gone', formerApps: ['a'] },
    })
    const { world, from } = paired()
    world.run(fallSilent(from, world.rules))
    expect(world.run(sayGoodbye(from, world.rules))).toMatchObject({ value: { status: 'gone' } })
  })

  it('may rotate its code, and is superseded by another connection', () => {
    const { world, from } = paired()
    world.run(fallSilent(from, world.rules))
    const subjects = { self: 'runner:r', address: 'address:x', prefix: 'prefix:x' }
    const rotated = rotateCode({ ...from, proposedCode: codeNamed('CCC-CCC-CCC'), subjects }, world.rules)
    expect(world.run(rotated).ok).toBe(true)
    expect(world.registered({ node: A })).toMatchObject({ resumed: true, supersededEpoch: from.epoch })
  })

  it('is not made so by an older connection, nor once it is lost', () => {
    const { world, from } = paired()
    expect(world.run(fallSilent({ ...from, epoch: from.epoch - 1 }, world.rules)).ok).toBe(false)
    world.run(lose(from, world.rules))
    expect(world.run(fallSilent(from, world.rules)).ok).toBe(false)
    expect(world.run(heartbeat(from, world.rules)).ok, 'a word that comes after the loss').toBe(false)
  })
})

it('names a process by 128 bits in hex, and nothing else', () => {
  expect(parseInstanceId('A'.repeat(32))).toBeNull()
  expect(parseInstanceId('a'.repeat(31))).toBeNull()
  expect(parseInstanceId('0123456789abcdef'.repeat(2))).not.toBeNull()
})
