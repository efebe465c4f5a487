import { appSubjects, runnerSubjects } from '@latchkey/domain/limits/subjects'
import {
  createSession,
  removeAllSessionsForRunner,
  updateHeartbeat,
} from '@latchkey/domain/runner-pairing/founding-sessions'
import { pair } from '@latchkey/domain/runner-pairing/pair'
import { authorise, pairingStatus, unpair } from '@latchkey/domain/runner-pairing/pairing-session'
import type { Operation, PairingStore, Write } from '@latchkey/domain/runner-pairing/ports'
import { heartbeat, lose, sayGoodbye } from '@latchkey/domain/runner-pairing/presence'
import { type RegisterRunner, registerRunner } from '@latchkey/domain/runner-pairing/register'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { appNamed, codeOf, contractRules as rules, runnerNamed } from '../contract/commands.ts'
import { memoryPairingStore } from '../memory/pairing.store.ts'
import { openPostgres } from '../postgres/database.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type PostgresServer, startPostgresServer } from '../testing/postgres-server.ts'
import { durablePairingStore } from './pairing.store.ts'
import { postgresRegistry } from './registry.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})

let nowMs = 1_700_000_000_000
let url = ''
const opened: PairingStore[] = []
beforeEach(async () => {
  url = await server.createDatabase()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

/** A fast store that can be put back to how it was, as a fail-over to a replica that was behind does. */
class Forgetful {
  private readonly log: Write[] = []
  private kept = memoryPairingStore({ clock: () => nowMs })
  /** rejects the next commit that would write, as a store does that goes away at the wrong moment */
  failsNext: StoreUnavailable | null = null

  readonly store: PairingStore = {
    run: ({ keys, decide }) =>
      this.kept.run({
        keys,
        decide: (view, now) => {
          const outcome = decide(view, now)
          if ('need' in outcome) return outcome
          if (outcome.writes.length > 0 && this.failsNext) {
            const failure = this.failsNext
            this.failsNext = null
            throw failure
          }
          this.log.push(...outcome.writes)
          return outcome
        },
      }),
    list: (kind) => this.kept.list(kind),
    history: (query) => this.kept.history(query),
    sweep: () => this.kept.sweep(),
    close: () => this.kept.close(),
  }

  get moment(): number {
    return this.log.length
  }

  async fallBackTo(moment: number): Promise<void> {
    this.kept = memoryPairingStore({ clock: () => nowMs })
    const writes = this.log.splice(0).slice(0, moment)
    await this.store.run({ keys: [], decide: () => ({ writes, answer: null }) })
  }
}

async function broker(fast: Forgetful, options: { heardEveryMs?: number } = {}): Promise<PairingStore> {
  const registry = await postgresRegistry(await openPostgres(url, { answerTimeoutMs: 20_000 }), options)
  const store = durablePairingStore(fast.store, registry)
  opened.push(store)
  return store
}

const run = <Answer>(store: PairingStore, operation: Operation<Answer>): Promise<Answer> =>
  store.run(operation)

const runnerId = runnerNamed('r')
const appSessionId = appNamed('a')

const register = (store: PairingStore, differently: Partial<RegisterRunner> = {}) =>
  run(
    store,
    registerRunner(
      {
        runnerId,
        proposedCode: codeOf(1, 1),
        incarnation: 'process-1',
        publicKey: 'key',
        label: '',
        routeTickets: ['digest'],
        proof: { secret: true, signature: true },
        subjects: runnerSubjects(runnerId, '192.0.2.1'),
        node: null,
        ...differently,
      },
      rules,
    ),
  )

const registered = async (store: PairingStore, differently: Partial<RegisterRunner> = {}) => {
  const answer = await register(store, differently)
  return answer.ok ? answer.value : expect.fail(answer.refusal.reason)
}

const paired = (store: PairingStore) =>
  run(
    store,
    pair(
      {
        appSessionId,
        by: { via: 'code', candidates: [codeOf(1, 1)] },
        pid: `pid-${nowMs}`,
        maskedCode: '***',
        subjects: appSubjects('a', '192.0.2.9'),
      },
      rules,
    ),
  )

const isPaired = async (store: PairingStore) =>
  (await run(store, pairingStatus({ appSessionId }, rules))).paired

test('a runner that comes back to an empty store is asked for its key, and gets a new epoch and generation', async () => {
  const fast = new Forgetful()
  const store = await broker(fast)
  const before = await registered(store)
  await paired(store)
  await fast.fallBackTo(0)
  nowMs -= 60_000 // even of a clock that went back
  expect(await isPaired(store)).toBe(false)
  const stranger = { publicKey: null, incarnation: 'process-2', proof: { secret: true, signature: false } }
  expect(await register(store, stranger)).toMatchObject({ ok: false, refusal: { reason: 'key-required' } })
  const other = { publicKey: 'other', proof: { secret: true, signature: true } }
  expect(await register(store, other)).toMatchObject({ ok: false, refusal: { reason: 'key-mismatch' } })
  // Its key is known again, so that the enrolment secret is not needed.
  const after = await registered(store, { proof: { secret: false, signature: true } })
  expect(after.epoch).toBeGreaterThan(before.epoch)
  expect(after.gen).toBeGreaterThan(before.gen)
  expect(await isPaired(store)).toBe(false)
})

test('apps of a runner that the store forgot wait for it without a guess, and find it by their tickets', async () => {
  const fast = new Forgetful()
  const store = await broker(fast)
  await registered(store, { routeTickets: ['ticket'] })
  const byTicket = (app: string) =>
    run(
      store,
      pair(
        {
          appSessionId: appNamed(app),
          by: { via: 'route', runnerId, routeTicketDigest: 'ticket' },
          pid: `pid-${app}`,
          maskedCode: '***',
          subjects: appSubjects(app, '192.0.2.9'),
        },
        rules,
      ),
    )
  await fast.fallBackTo(0)
  const apps = Array.from({ length: 2 * rules.limits.address.bansAtFailure }, (_, n) => `app-${n}`)
  for (const app of apps)
    expect(await byTicket(app)).toMatchObject({ refusal: { code: 'RUNNER_OFFLINE', isGuess: false } })
  await registered(store, { routeTickets: ['ticket'] })
  for (const app of apps) expect(await byTicket(app)).toMatchObject({ ok: true })
})

test('a pairing that was undone stays undone when the store falls back to before, at every broker', async () => {
  const fast = new Forgetful()
  const [first, second] = [await broker(fast, { heardEveryMs: 20 }), await broker(fast, { heardEveryMs: 20 })]
  await registered(first)
  await paired(first)
  const moment = fast.moment
  expect((await run(first, unpair({ appSessionId }, rules))).runnerId).toBe(runnerId)
  await fast.fallBackTo(moment)
  expect(await fast.store.list('session')).toHaveLength(1)
  expect(await isPaired(first)).toBe(false)
  expect(await first.list('session')).toEqual([])
  expect(await run(first, authorise({ appSessionId }, rules))).toMatchObject({ ok: false })
  await expect.poll(() => isPaired(second)).toBe(false)
  // And at one that starts after.
  expect(await isPaired(await broker(fast))).toBe(false)
  nowMs += 1
  await paired(first)
  expect(await isPaired(first)).toBe(true)
  expect(await isPaired(second)).toBe(true)
})

test('a generation that a fall back has lost is not given again', async () => {
  const fast = new Forgetful()
  const store = await broker(fast)
  const first = await registered(store)
  const moment = fast.moment
  nowMs += 1
  const second = await registered(store, { incarnation: 'process-2', proposedCode: codeOf(1, 2) })
  await fast.fallBackTo(moment)
  nowMs += 1
  const third = await registered(store, { incarnation: 'process-3', proposedCode: codeOf(1, 3) })
  const gens = [first.gen, second.gen, third.gen]
  expect(gens).toEqual(gens.toSorted((a, b) => a - b))
  expect(new Set(gens).size).toBe(3)
})

test('while the registry is away nobody new comes in, what is there goes on, and ends are kept for later', async () => {
  const own = await startPostgresServer({ durable: true })
  const fast = new Forgetful()
  const registry = await postgresRegistry(await openPostgres(own.url, { answerTimeoutMs: 500 }))
  const store = durablePairingStore(fast.store, registry)
  opened.push(store)
  const { epoch, gen } = await registered(store)
  await paired(store)
  await own.kill()
  await expect(register(store, { runnerId: runnerNamed('new') })).rejects.toThrow(StoreUnavailable)
  const restarted = { incarnation: 'process-2', proposedCode: codeOf(1, 2) }
  await expect(register(store, restarted)).rejects.toThrow(StoreUnavailable)
  await expect(run(store, unpair({ appSessionId }, rules))).rejects.toThrow(StoreUnavailable)
  expect(await isPaired(store)).toBe(true)
  expect(await run(store, heartbeat({ runnerId, epoch }, rules))).toMatchObject({ ok: true })
  expect(await run(store, lose({ runnerId, epoch }, rules))).toMatchObject({ ok: true })
  nowMs += 1
  const back = await registered(store)
  expect(back).toMatchObject({ resumed: true, gen })
  expect(await isPaired(store)).toBe(true)
  expect(await run(store, sayGoodbye({ runnerId, epoch: back.epoch }, rules))).toMatchObject({ ok: true })
  await own.start()
  await expect.poll(() => registry.lookUp(runnerId).catch(() => null)).toMatchObject({ gen })
  await store.sweep()
  expect(await registry.lookUp(runnerId)).toEqual({ epoch: back.epoch, gen: gen + 1, publicKey: 'key' })
})

test('a crash between registry and store leaves no pairing, no audit of one, and a runner that comes back', async () => {
  const fast = new Forgetful()
  const store = await broker(fast)
  const first = await registered(store)
  fast.failsNext = new StoreUnavailable('it went away')
  await expect(paired(store)).rejects.toThrow('it went away')
  expect(await isPaired(store)).toBe(false)
  expect(await store.history({ limit: 10, audit: true })).toEqual([])
  nowMs += 1
  fast.failsNext = new StoreUnavailable('it went away', undefined, 'unknown')
  await expect(register(store, { incarnation: 'process-2', proposedCode: codeOf(1, 2) })).rejects.toThrow()
  nowMs += 1
  const second = await registered(store, { incarnation: 'process-2', proposedCode: codeOf(1, 2) })
  expect(second.epoch).toBeGreaterThan(first.epoch)
  expect(second.gen).toBeGreaterThan(first.gen)
})

test('each success has one row in the audit, however many tries it took', async () => {
  const fast = new Forgetful()
  const [first, second] = [await broker(fast), await broker(fast)]
  await registered(first)
  for (let round = 0; round < 20; round++) {
    nowMs += 1
    await Promise.all([paired(first), paired(second)])
  }
  await run(second, unpair({ appSessionId }, rules))
  const shown = await fast.store.history({ limit: 1_000 })
  const audited = await first.history({ limit: 1_000, audit: true })
  expect(audited.map(({ outcome, at }) => [outcome, at])).toEqual(
    shown.map(({ outcome, at }) => [outcome, at]),
  )
  expect(audited).toHaveLength(41)
})

test('old revocations and runners without a key that nobody has seen for long are forgotten; keys never are', async () => {
  const fast = new Forgetful()
  const registry = await postgresRegistry(await openPostgres(url, { answerTimeoutMs: 20_000 }))
  const store = durablePairingStore(fast.store, registry)
  opened.push(store)
  // The clock of this test is years behind the server's.
  const keyless = runnerNamed('keyless')
  await registered(store)
  const foreign = { publicKey: null, proof: { secret: true, signature: false }, proposedCode: codeOf(1, 9) }
  await registered(store, { runnerId: keyless, ...foreign })
  await paired(store)
  await run(store, unpair({ appSessionId }, rules))
  expect(await registry.lookUp(keyless)).not.toBeNull()
  await store.sweep()
  expect(await registry.lookUp(keyless)).toBeNull()
  expect(await registry.lookUp(runnerId)).toMatchObject({ publicKey: 'key' })
  const db = await openPostgres(url, { answerTimeoutMs: 20_000 })
  expect(await db.query({ text: 'SELECT * FROM revoked_pairings' })).toEqual([])
  await db.close()
})

test('a pairing that is made again within the millisecond, without a name of its own, is good', async () => {
  const fast = new Forgetful()
  const registry = await postgresRegistry(await openPostgres(url, { answerTimeoutMs: 20_000 }))
  const store = durablePairingStore(fast.store, registry)
  opened.push(store)
  const other = runnerNamed('other')
  await run(store, updateHeartbeat({ runnerId }, rules))
  nowMs += rules.leaseMs + rules.graceMs
  await run(store, createSession({ appSessionId, runnerId: other }, rules))
  await run(store, removeAllSessionsForRunner({ runnerId: other }, rules))
  // Ends the runner's life too, so that there are two facts to keep.
  await run(store, createSession({ appSessionId, runnerId }, rules))
  expect(await isPaired(store)).toBe(true)
  const [runner] = (await store.list('runner')).filter((each) => each.runnerId === runnerId)
  expect(runner?.gen).toBe(1)
  expect(await registry.lookUp(runnerId)).toMatchObject({ gen: 1 })
})

test('what a decision throws reaches its caller, and the registry keeps nothing of it', async () => {
  const fast = new Forgetful()
  const store = await broker(fast)
  const broken = store.run({
    keys: [{ kind: 'runner', id: 'r' }],
    decide: () => {
      throw new Error('a bug')
    },
  })
  await expect(broken).rejects.toThrow('a bug')
})
