import { expect, test } from 'vitest'
import { later } from '../kernel.ts'
import { retireCode } from './life.ts'
import type { View } from './ports.ts'
import { heartbeat } from './presence.ts'
import type { CodeClaim, RunnerRecord } from './records.ts'
import { codeNamed, runnerNamed, World } from './world.fixture.ts'

test('a sign of life that comes after the end reopens nothing', () => {
  const world = new World()
  const runnerId = runnerNamed('r')
  const { epoch } = world.registered()
  const beat = () => world.run(heartbeat({ runnerId, epoch }, world.rules))
  world.wait(world.rules.leaseMs + world.rules.graceMs - 1)
  expect(beat(), 'silent, and back within its grace').toMatchObject({ ok: true, value: { returned: true } })
  world.wait(world.rules.leaseMs + world.rules.graceMs)
  const before = world.get('runner', runnerId)
  expect(beat()).toMatchObject({ ok: false, refusal: { reason: 'stale' } })
  expect(world.get('runner', runnerId)).toEqual(before)
  expect(world.type('AAA-AAA-AAA', 'b')).toMatchObject({ ok: false })
})

test('a sign of life of an earlier connection changes nothing', () => {
  const world = new World()
  const runnerId = runnerNamed('r')
  const { epoch } = world.registered()
  world.registered()
  const before = world.get('runner', runnerId)
  expect(world.run(heartbeat({ runnerId, epoch }, world.rules))).toMatchObject({ ok: false })
  expect(world.get('runner', runnerId)).toEqual(before)
})

test('an end that comes late takes a code from its own holder alone', () => {
  const world = new World()
  world.registered()
  const runner = world.get('runner', runnerNamed('r'))
  if (runner === undefined) throw new Error('not registered')
  const retiredBy = (claim: CodeClaim | undefined) => {
    const view = { get: () => claim, has: () => true } as unknown as View
    return retireCode(view, runner satisfies RunnerRecord, world.rules, world.now)
  }
  const own = world.get('code', codeNamed('AAA-AAA-AAA'))
  expect(retiredBy(own)).toMatchObject([{ put: 'code', value: { status: 'tombstone' } }])
  expect(retiredBy({ status: 'live', runnerId: runnerNamed('another') })).toEqual([])
  expect(retiredBy({ status: 'tombstone', until: later(world.now, 1) })).toEqual([])
  expect(retiredBy(undefined)).toEqual([])
})
