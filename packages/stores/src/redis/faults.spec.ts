import { appSubjects, runnerSubjects } from '@latchkey/domain/limits/subjects'
import {
  incrementUsageCount,
  registerCode,
  validateCode,
} from '@latchkey/domain/runner-pairing/founding-codes'
import { pair } from '@latchkey/domain/runner-pairing/pair'
import type { Operation, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { registerRunner } from '@latchkey/domain/runner-pairing/register'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { afterEach, assert, expect, test } from 'vitest'
import { FaultProxy, NO_FAULT, seeded } from '../../../../test/faults/fault-proxy.ts'
import { appNamed, codeOf, contractRules as rules, runnerNamed } from '../contract/commands.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts'
import { openRedis, type RedisTimes } from './connection.ts'
import { redisPairingStore } from './pairing.store.ts'

/** Ten thousand when it is run in full: LATCHKEY_STORE_FAULTS=10000. */
const OPERATIONS = Number(process.env.LATCHKEY_STORE_FAULTS ?? 600)

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const run of cleanUps.splice(0).reverse()) await run()
})

async function aServer(): Promise<RedisServer> {
  const server = await startRedisServer()
  cleanUps.push(() => server.stop())
  return server
}

async function aStore(url: string, times: RedisTimes = {}): Promise<PairingStore> {
  const store = redisPairingStore(await openRedis({ url }, times))
  cleanUps.push(() => store.close())
  return store
}

/** A way to the server that fails as it is told to, and the store at its other end. */
async function behindProxy(server: RedisServer, times: RedisTimes = {}) {
  const proxy = new FaultProxy(server.port)
  const url = (await proxy.listen()).replace('http', 'redis')
  cleanUps.push(() => proxy.close())
  return { proxy, store: await aStore(url, times) }
}

const run = <Answer>(store: PairingStore, operation: Operation<Answer>) => store.run(operation)

const register = (index: number) => {
  const runnerId = runnerNamed(`r${index}`)
  return registerRunner(
    {
      runnerId,
      proposedCode: codeOf(index, 1),
      incarnation: `process ${index}`,
      publicKey: null,
      label: '',
      node: null,
      routeTickets: [],
      proof: { secret: true, signature: false },
      subjects: runnerSubjects(runnerId, '192.0.2.1'),
    },
    rules,
  )
}

const pairing = (index: number) => {
  const by = { via: 'code', candidates: [codeOf(index, 1)] } as const
  const subjects = appSubjects(`a${index}`, '192.0.2.7')
  return pair({ appSessionId: appNamed(`a${index}`), by, pid: 'pid', maskedCode: '***', subjects }, rules)
}

/** What became of a call. */
const tried = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (problem: unknown) => (problem instanceof StoreUnavailable ? problem.outcome : String(problem)),
  )

/** Why a call failed, as an operator reads it; empty when it did not. */
const told = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => '',
    (problem: unknown) => String(problem),
  )

test('an answer lost on its way is asked for again: nothing happens twice and no code is told to be taken', async () => {
  const server = await aServer()
  const { proxy, store } = await behindProxy(server, { answerTimeoutMs: 10_000 })
  const random = seeded(7)
  proxy.plan = () => ({ kind: 'lose-answer', afterBytes: 2_000 + random() * 60_000 })
  proxy.cutAll()
  for (let index = 0; index < OPERATIONS; index++) {
    expect(await untilKnown(store, register(index))).toMatchObject({ ok: true, value: { resumed: false } })
    expect(await untilKnown(store, pairing(index))).toMatchObject({ ok: true })
  }
  expect(proxy.cuts).toBeGreaterThan(OPERATIONS / 60)
  proxy.plan = () => NO_FAULT
  const calm = await aStore(server.url)
  const runners = await calm.list('runner')
  expect(runners).toHaveLength(OPERATIONS)
  expect(runners.filter((runner) => runner.code?.usedCount !== 1)).toEqual([])
  const history = await calm.history({ limit: 2_000, outcome: 'paired' })
  expect(history).toHaveLength(Math.min(OPERATIONS, 1_000))
  expect(new Set(history.map(({ runnerId }) => runnerId)).size).toBe(history.length)
})

test('what two brokers count on one Redis adds up, and one code goes to one of many', async () => {
  const server = await aServer()
  const stores = await Promise.all([0, 1].map(() => aStore(server.url, { answerTimeoutMs: 10_000 })))
  const [first] = stores
  assert.exists(first)
  const code = codeOf(0, 0)
  await run(first, registerCode({ code, runnerId: runnerNamed('r') }, rules))
  const count = (store: PairingStore) => run(store, incrementUsageCount({ code }, rules))
  const counts = await Promise.all(stores.flatMap((store) => Array.from({ length: 500 }, () => count(store))))
  expect(new Set(counts).size).toBe(1_000)
  expect(await run(first, validateCode({ code }, rules))).toMatchObject({
    value: { entry: { usedCount: 1_000 } },
  })

  const claims = await Promise.all(
    stores.flatMap((store, broker) =>
      Array.from({ length: 50 }, (_, index) =>
        run(store, registerCode({ code: codeOf(9, 9), runnerId: runnerNamed(`${broker}-${index}`) }, rules)),
      ),
    ),
  )
  expect(claims.filter(({ ok }) => ok)).toHaveLength(1)
})

test('guesses made at two brokers at once draw on one budget', async () => {
  const server = await aServer()
  const stores = await Promise.all([0, 1].map(() => aStore(server.url, { answerTimeoutMs: 10_000 })))
  const guess = (store: PairingStore, index: number) => {
    const by = { via: 'code', candidates: [codeOf(5, index)] } as const
    const subjects = appSubjects('guesser', '192.0.2.7')
    const command = { appSessionId: appNamed('guesser'), by, pid: 'pid', maskedCode: '***', subjects }
    return run(store, pair(command, defaultPairingRules))
  }
  const answers = await Promise.all(
    stores.flatMap((store) => Array.from({ length: 50 }, (_, index) => guess(store, index))),
  )
  const evaluated = answers.filter((answer) => !answer.ok && answer.refusal.code !== 'RATE_LIMITED')
  expect(evaluated).toHaveLength(defaultPairingRules.limits.session.bansAtFailure)
})

test('while Redis is gone calls fail at once, and soon after it is back they go well', async () => {
  const server = await aServer()
  const store = await aStore(server.url)
  await run(store, register(0))
  await server.kill()
  await tried(run(store, pairing(0)))
  for (let index = 0; index < 20; index++) {
    expect(await tried(run(store, pairing(0)))).toBe('nothing-written')
  }
  await server.start()
  expect(await untilKnown(store, register(0))).toMatchObject({ ok: true, value: { resumed: false } })
})

test('while Redis is silent calls are given up, and what was given up does not happen later', async () => {
  const server = await aServer()
  const store = await aStore(server.url, { answerTimeoutMs: 200 })
  await run(store, register(0))
  server.pause()
  const askedAtMs = Date.now()
  const calls = await Promise.all(Array.from({ length: 40 }, () => tried(run(store, pairing(0)))))
  expect(calls).not.toContain('done')
  // The server, which reads the same clock, sees that they come too late.
  await expect.poll(() => Date.now() - askedAtMs).toBeGreaterThan(500)
  server.resume()
  await untilKnown(store, validateCode({ code: codeOf(0, 1) }, rules))
  const [runner] = await (await aStore(server.url)).list('runner')
  expect(runner?.code?.usedCount).toBe(0)
})

test('more than anybody would wait for is refused at once, and what was taken is carried out', async () => {
  const server = await aServer()
  const store = await aStore(server.url, { answerTimeoutMs: 20_000 })
  const code = codeOf(0, 0)
  await run(store, registerCode({ code, runnerId: runnerNamed('r') }, rules))
  const calls = await Promise.all(
    Array.from({ length: 12_000 }, () => tried(run(store, incrementUsageCount({ code }, rules)))),
  )
  const done = calls.filter((outcome) => outcome === 'done').length
  expect(done).toBeGreaterThan(1_000)
  expect(calls.filter((outcome) => outcome === 'nothing-written')).toHaveLength(12_000 - done)
  expect(done).toBeLessThan(12_000)
  const answer = await run(store, validateCode({ code }, rules))
  expect(answer).toMatchObject({ value: { entry: { usedCount: done } } })
})

test('when Redis comes back empty, no epoch is given twice and no former pairing counts', async () => {
  const server = await aServer()
  const store = await aStore(server.url)
  const before = await run(store, register(0))
  await run(store, pairing(0))
  await server.restartEmpty()
  const after = await untilKnown(store, register(0))
  assert(before.ok && after.ok)
  expect(after.value.epoch).toBeGreaterThan(before.value.epoch)
  expect(after.value.apps).toEqual([])
  expect(await store.list('session')).toEqual([])
})

test('a Redis that is a fifth of a second away is waited for', async () => {
  const server = await aServer()
  const { proxy, store } = await behindProxy(server)
  await run(store, register(0))
  proxy.delayMs = 100
  const calls = await Promise.all(
    Array.from({ length: 100 }, (_, index) => tried(run(store, register(index + 1)))),
  )
  expect(new Set(calls)).toEqual(new Set(['done']))
})

test('a server that has never heard the script, or has forgotten it, is told it', async () => {
  const server = await aServer()
  const connection = await openRedis({ url: server.url })
  const store = redisPairingStore(connection)
  cleanUps.push(() => store.close())
  await run(store, register(0))
  await connection.redis.script('FLUSH')
  expect(await run(store, pairing(0))).toMatchObject({ ok: true })
})

test('a Redis whose memory is full says so, writes nothing, and works on when there is room', async () => {
  const server = await aServer()
  const connection = await openRedis({ url: server.url })
  const store = redisPairingStore(connection)
  cleanUps.push(() => store.close())
  await connection.redis.config('SET', 'maxmemory', '1kb')
  await expect(run(store, register(0))).rejects.toThrow('its memory is full')
  await connection.redis.config('SET', 'maxmemory', '0')
  expect(await store.list('runner')).toEqual([])
  expect(await run(store, register(0))).toMatchObject({ ok: true })
})

/** As a client does that heard of an outage: again, until there is an answer. */
async function untilKnown<Answer>(store: PairingStore, operation: Operation<Answer>): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run(store, operation)
    } catch (problem) {
      if (!(problem instanceof StoreUnavailable) || attempt === 200) throw problem
      assert.equal(problem.outcome, 'nothing-written')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

test('a user who loses a right while brokers work is told so at once: nothing is written, and no race was lost', async () => {
  const server = await aServer()
  const admin = await openRedis({ url: server.url })
  cleanUps.push(() => admin.close())
  await admin.redis.call('ACL', 'SETUSER', 'broker', 'on', '>pass', '~*', '&*', '+@all')
  const store = await aStore(server.url.replace('redis://', 'redis://broker:pass@'))
  expect(await run(store, register(1))).toMatchObject({ ok: true })

  for (const right of ['-lpush', '-pexpire', 'resetkeys']) {
    await admin.redis.call('ACL', 'SETUSER', 'broker', '~*', '+@all', right)
    if (right === 'resetkeys')
      await admin.redis.call('ACL', 'SETUSER', 'broker', '~pairing:*', '~latchkey:[^h]*')
    const before = await admin.redis.keys('pairing:session:*')
    const refused = await run(store, pairing(1)).then(
      () => expect.fail('it paired'),
      (problem: unknown) => problem,
    )
    expect(refused).toMatchObject({ name: 'StoreUnavailable', outcome: 'nothing-written' })
    expect(String(refused)).toContain('may not do all that is needed')
    expect(String(refused)).not.toContain(codeOf(1, 1))
    expect(await admin.redis.keys('pairing:session:*')).toEqual(before)
  }
  await admin.redis.call('ACL', 'SETUSER', 'broker', '~*', '+@all')
  expect(await run(store, pairing(1))).toMatchObject({ ok: true })
})

test('a demoted primary is left for the server that the address leads to now', async () => {
  const [old, next] = [await aServer(), await aServer()]
  const { proxy, store } = await behindProxy(old)
  expect(await run(store, register(1))).toMatchObject({ ok: true })

  const demoted = await openRedis({ url: old.url })
  cleanUps.push(() => demoted.close())
  await demoted.redis.replicaof('127.0.0.1', next.port)
  await expect.poll(() => told(run(store, register(2)))).toContain('replica')
  // Open connections stay where they are: only new ones reach the other server.
  proxy.leadTo(next.port)
  await expect.poll(() => tried(run(store, register(3)))).toBe('done')
})

test('a primary without its replicas is told by name, and left', async () => {
  const [lonely, next] = [await startRedisServer({ args: ['--min-replicas-to-write', '1'] }), await aServer()]
  cleanUps.push(() => lonely.stop())
  const { proxy, store } = await behindProxy(lonely)
  expect(await told(run(store, register(1)))).toContain('too few of its replicas')
  proxy.leadTo(next.port)
  await expect.poll(() => tried(run(store, register(1)))).toBe('done')
})

test('a primary that is full refuses before it writes anything', async () => {
  const server = await aServer()
  const store = await aStore(server.url)
  expect(await run(store, register(1))).toMatchObject({ ok: true })
  const admin = await openRedis({ url: server.url })
  cleanUps.push(() => admin.close())
  const before = await admin.redis.keys('*')
  await admin.redis.config('SET', 'maxmemory', '1')
  expect(await told(run(store, register(2)))).toContain('memory is full')
  expect((await admin.redis.keys('*')).toSorted()).toEqual(before.toSorted())
  await admin.redis.config('SET', 'maxmemory', '0')
  expect(await run(store, register(2))).toMatchObject({ ok: true })
})
