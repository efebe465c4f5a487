import { appSubjects, runnerSubjects } from '@latchkey/domain/limits/subjects'
import {
  incrementUsageCount,
  registerCode,
  retireAgedCode,
  validateCode,
} from '@latchkey/domain/runner-pairing/founding-codes'
import {
  createSession,
  isRunnerOnline,
  updateHeartbeat,
} from '@latchkey/domain/runner-pairing/founding-sessions'
import { pair } from '@latchkey/domain/runner-pairing/pair'
import { unpair } from '@latchkey/domain/runner-pairing/pairing-session'
import type { Operation, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { sayGoodbye } from '@latchkey/domain/runner-pairing/presence'
import { registerRunner, rotateCode } from '@latchkey/domain/runner-pairing/register'
import { defaultPairingRules as rules } from '@latchkey/domain/runner-pairing/rules'
import { Redis } from 'ioredis'
import { afterEach, assert, beforeEach, expect, test } from 'vitest'
import { appNamed, codeNamed, runnerNamed } from '../contract/commands.ts'
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts'
import { openRedis } from './connection.ts'
import { redisPairingStore } from './pairing.store.ts'

const CODE = 'ABC-123-XYZ'
const DAY_MS = 24 * 60 * 60 * 1_000

let server: RedisServer
let store: PairingStore
/** somebody else's client, which knows the founding documents and nothing of ours */
let bare: Redis

beforeEach(async () => {
  server = await startRedisServer()
  store = redisPairingStore(await openRedis({ url: server.url }))
  bare = new Redis(server.url)
})
afterEach(async () => {
  bare.disconnect()
  await store.close()
  await server.stop()
})

const run = <Answer>(operation: Operation<Answer>) => store.run(operation)

async function register(runner: string, code: string): Promise<number> {
  const answer = await run(
    registerRunner(
      {
        runnerId: runnerNamed(runner),
        proposedCode: codeNamed(code),
        incarnation: `process of ${runner}`,
        publicKey: null,
        label: '',
        node: null,
        routeTickets: [],
        proof: { secret: true, signature: false },
        subjects: runnerSubjects(runner, '192.0.2.1'),
      },
      rules,
    ),
  )
  assert(answer.ok)
  return answer.value.epoch
}

async function pairBy(app: string, code: string): Promise<void> {
  const by = { via: 'code', candidates: [codeNamed(code)] } as const
  const subjects = appSubjects(app, '192.0.2.7')
  const command = { appSessionId: appNamed(app), by, pid: 'pid', maskedCode: '***', subjects }
  expect((await run(pair(command, rules))).ok).toBe(true)
}

const json = async (key: string): Promise<unknown> => JSON.parse((await bare.get(key)) ?? 'null')
const apps = async (runner: string) => (await bare.smembers(`pairing:apps:${runner}`)).sort()

test('a registered code is there with its runner, its times and the way back', async () => {
  const before = Date.now()
  await register('runner-1', CODE)
  const entry = await json(`pairing:code:${CODE}`)
  expect(entry).toMatchObject({ code: CODE, runnerId: 'runner-1', usedCount: 0, isActive: true })
  const { createdAt, expiresAt } = entry as { createdAt: number; expiresAt: number }
  expect(createdAt).toBeGreaterThanOrEqual(before - 1_000)
  expect(expiresAt - createdAt).toBe(DAY_MS)
  expect(await bare.get('pairing:runner:runner-1')).toBe(CODE)
})

test('a heartbeat is a stamp in milliseconds that expires after a minute', async () => {
  await run(updateHeartbeat({ runnerId: runnerNamed('runner-1') }, rules))
  const stamp = Number(await bare.get('runner:heartbeat:runner-1'))
  const [seconds, micros] = await bare.time()
  expect(Math.abs(Number(seconds) * 1_000 + Number(micros) / 1_000 - stamp)).toBeLessThan(1_000)
  const left = await bare.pttl('runner:heartbeat:runner-1')
  expect(left).toBeGreaterThan(55_000)
  expect(left).toBeLessThanOrEqual(60_000)
})

test('a pairing is there as a session and in the set of its runner, and the code counts its use', async () => {
  await register('runner-1', CODE)
  await pairBy('app-1', CODE)
  await pairBy('app-2', CODE)
  expect(await json('pairing:session:app-1')).toMatchObject({
    appSessionId: 'app-1',
    runnerId: 'runner-1',
    pairedAt: expect.any(Number),
    isActive: true,
  })
  expect(await bare.type('pairing:apps:runner-1')).toBe('set')
  expect(await apps('runner-1')).toEqual(['app-1', 'app-2'])
  expect(await json(`pairing:code:${CODE}`)).toMatchObject({ usedCount: 2, isActive: true })
})

test('an app that pairs with another runner leaves no trace in the first one’s set', async () => {
  await register('runner-1', CODE)
  await register('runner-2', 'DEF-456-UVW')
  await pairBy('app-1', CODE)
  await pairBy('app-1', 'DEF-456-UVW')
  expect(await apps('runner-1')).toEqual([])
  expect(await apps('runner-2')).toEqual(['app-1'])
  expect(await json('pairing:session:app-1')).toMatchObject({ runnerId: 'runner-2' })
})

test('an unpaired app is gone from everywhere, and the code lives on', async () => {
  await register('runner-1', CODE)
  await pairBy('app-1', CODE)
  await run(unpair({ appSessionId: appNamed('app-1') }, rules))
  expect(await bare.exists('pairing:session:app-1')).toBe(0)
  expect(await apps('runner-1')).toEqual([])
  expect(await json(`pairing:code:${CODE}`)).toMatchObject({ isActive: true })
})

test('a new code takes the place of the old one, which is no longer active', async () => {
  const epoch = await register('runner-1', CODE)
  const subjects = runnerSubjects('runner-1', '192.0.2.1')
  const command = {
    runnerId: runnerNamed('runner-1'),
    epoch,
    proposedCode: codeNamed('NEW-456-NEW'),
    subjects,
  }
  expect((await run(rotateCode(command, rules))).ok).toBe(true)
  expect(await bare.get('pairing:runner:runner-1')).toBe('NEW-456-NEW')
  expect(await json(`pairing:code:${CODE}`)).toMatchObject({ isActive: false })
  expect(await json('pairing:code:NEW-456-NEW')).toMatchObject({ runnerId: 'runner-1', isActive: true })
})

test('when a runner ends, its code is not active, its index, stamp and set are gone, and its sessions are void', async () => {
  const epoch = await register('runner-1', CODE)
  await pairBy('app-1', CODE)
  await run(sayGoodbye({ runnerId: runnerNamed('runner-1'), epoch }, rules))
  expect(await json(`pairing:code:${CODE}`)).toMatchObject({
    code: CODE,
    runnerId: 'runner-1',
    isActive: false,
  })
  const gone = ['pairing:runner:runner-1', 'runner:heartbeat:runner-1', 'pairing:apps:runner-1']
  expect(await bare.exists(...gone)).toBe(0)
  await store.sweep()
  expect(await json('pairing:session:app-1')).toMatchObject({ runnerId: 'runner-1', isActive: false })
})

test('nothing of all this is there for ever', async () => {
  const epoch = await register('runner-1', CODE)
  await pairBy('app-1', CODE)
  await run(createSession({ appSessionId: appNamed('app-2'), runnerId: runnerNamed('runner-3') }, rules))
  await run(sayGoodbye({ runnerId: runnerNamed('runner-1'), epoch }, rules))
  const keys = await bare.keys('*')
  expect(keys.length).toBeGreaterThan(5)
  for (const key of keys) expect([key, await bare.pttl(key)]).not.toEqual([key, -1])
})

test('what is kept for a runner that is looked at does not run out', async () => {
  await register('runner-1', CODE)
  await pairBy('app-1', CODE)
  const kept = [
    'latchkey:runner:runner-1',
    'latchkey:apps:runner-1',
    'pairing:apps:runner-1',
    'pairing:runner:runner-1',
    `pairing:code:${CODE}`,
  ]
  for (const key of kept) expect(await bare.pexpire(key, 60_000)).toBe(1)
  const other = redisPairingStore(await openRedis({ url: server.url }))
  expect(await other.run(isRunnerOnline({ runnerId: runnerNamed('runner-1') }))).toBe(true)
  for (const key of kept) expect(await bare.pttl(key)).toBeGreaterThan(30 * DAY_MS)
  await other.close()
})

test('an unused code lives its day in Redis, and its record another; the way back ends with the code', async () => {
  await register('runner-1', CODE)
  const ttl = async () => [
    await bare.pttl(`pairing:code:${CODE}`),
    await bare.pttl('pairing:runner:runner-1'),
  ]
  const [code = 0, back = 0] = await ttl()
  expect(code).toBeGreaterThan(2 * DAY_MS - 60_000)
  expect(code).toBeLessThanOrEqual(2 * DAY_MS + 60 * 60_000)
  expect(back).toBeGreaterThan(DAY_MS - 60_000)
  expect(back).toBeLessThanOrEqual(DAY_MS)
  // Looking at its runner puts nothing off.
  const other = redisPairingStore(await openRedis({ url: server.url }))
  await other.run(isRunnerOnline({ runnerId: runnerNamed('runner-1') }))
  await other.close()
  expect((await ttl())[0]).toBeLessThanOrEqual(2 * DAY_MS + 60 * 60_000)
  // Once used it lives until its runner goes.
  await pairBy('app-1', CODE)
  for (const ms of await ttl()) expect(ms).toBeGreaterThan(30 * DAY_MS)
  await pairBy('app-2', CODE)
  for (const ms of await ttl()) expect(ms).toBeGreaterThan(30 * DAY_MS)
})

test('a code that died of age is shown so: by its deadline, or by the clean-up where nobody kept the deadline', async () => {
  let now = Date.now()
  const dated = redisPairingStore(await openRedis({ url: server.url }), { clock: () => now })
  const runDated = <Answer>(operation: Operation<Answer>) => dated.run(operation)
  const codes = { 'runner-1': CODE, 'runner-2': 'DEF-456-UVW', 'runner-3': 'GHJ-789-RST' } as const
  for (const [runner, code] of Object.entries(codes))
    await runDated(registerCode({ code: codeNamed(code), runnerId: runnerNamed(runner) }, rules))
  await runDated(incrementUsageCount({ code: codeNamed(codes['runner-3']) }, rules))
  now += DAY_MS
  await runDated(retireAgedCode({ runnerId: runnerNamed('runner-1') }, rules))
  expect(await json(`pairing:code:${CODE}`)).toMatchObject({ runnerId: 'runner-1', isActive: false })
  expect(await bare.exists('pairing:runner:runner-1')).toBe(0)
  await dated.sweep()
  expect(await json(`pairing:code:${codes['runner-2']}`)).toMatchObject({
    runnerId: 'runner-2',
    usedCount: 0,
    isActive: false,
  })
  expect(await json(`pairing:code:${codes['runner-3']}`)).toMatchObject({ usedCount: 1, isActive: true })
  for (const code of [CODE, codes['runner-2']] as const)
    expect(await runDated(validateCode({ code: codeNamed(code) }, rules))).toMatchObject({
      refusal: { code: 'CODE_EXPIRED' },
    })
  await dated.close()
})

test('a founding key that somebody else has made into something else is taken back', async () => {
  await bare.set('pairing:apps:runner-1', 'not a set')
  await bare.sadd(`pairing:code:${CODE}`, 'not a text')
  await register('runner-1', CODE)
  await pairBy('app-1', CODE)
  expect(await apps('runner-1')).toEqual(['app-1'])
  expect(await json(`pairing:code:${CODE}`)).toMatchObject({ runnerId: 'runner-1', usedCount: 1 })
})

test('a record of a newer release is not guessed at', async () => {
  await register('runner-1', CODE)
  const text = (await bare.get('latchkey:runner:runner-1')) ?? ''
  await bare.set(
    'latchkey:runner:runner-1',
    text.replace('"format":1', '"format":2').replace(/.{4}"}$/, 'zzzz"}'),
  )
  await expect(run(updateHeartbeat({ runnerId: runnerNamed('runner-1') }, rules))).rejects.toThrow(
    'newer release',
  )
})
