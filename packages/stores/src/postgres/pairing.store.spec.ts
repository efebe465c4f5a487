import { incrementUsageCount, registerCode } from '@latchkey/domain/runner-pairing/founding-codes'
import type { Operation, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { unseenRunner } from '@latchkey/domain/runner-pairing/records'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { FaultProxy } from '../../../../test/faults/fault-proxy.ts'
import { codeOf, contractRules, runnerNamed } from '../contract/commands.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type PostgresServer, startPostgresServer } from '../testing/postgres-server.ts'
import { ConnectionLost, openPostgres, type PostgresDatabase, type PostgresOptions } from './database.ts'
import { postgresPairingStore } from './pairing.store.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})

const opened: Array<{ close(): Promise<void> }> = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** A busy machine is not a server that is away. */
const PATIENT: PostgresOptions = { answerTimeoutMs: 20_000 }

async function openStore(
  url: string,
  options = PATIENT,
): Promise<{ readonly store: PairingStore; readonly db: PostgresDatabase }> {
  const db = await openPostgres(url, options)
  const store = postgresPairingStore(db)
  opened.push(store)
  return { store, db }
}

const run = <Answer>(store: PairingStore, operation: Operation<Answer>): Promise<Answer> =>
  store.run(operation)

const named = (id: string) => ({ kind: 'runner', id }) as const
const labelled = (id: string, label: string) =>
  ({ put: 'runner', id, value: { ...unseenRunner(runnerNamed(id)), label }, sweepAt: null }) as const

/** Writes one record, as an operation that reads it does. */
const write = (store: PairingStore, id: string, label: string) =>
  store.run({ keys: [named(id)], decide: () => ({ writes: [labelled(id, label)], answer: null }) })

const labels = async (store: PairingStore) => (await store.list('runner')).map(({ label }) => label).sort()

test('what three brokers write to one record adds up', async () => {
  const url = await server.createDatabase()
  const stores = await Promise.all([openStore(url), openStore(url), openStore(url)])
  const code = codeOf(1, 1)
  await run(stores[0].store, registerCode({ code, runnerId: runnerNamed('r') }, contractRules))
  const uses = Array.from({ length: 100 }, () => stores.map(({ store }) => store)).flat()
  const counts = await Promise.all(
    uses.map((store) => run(store, incrementUsageCount({ code }, contractRules))),
  )
  expect(counts.toSorted((a, b) => Number(a) - Number(b))).toEqual(uses.map((_, index) => index + 1))
})

test('of two brokers that each write because the other has not, one sees the other', async () => {
  const url = await server.createDatabase()
  const [first, second] = await Promise.all([openStore(url), openStore(url)])
  const unlessThere = (store: PairingStore, mine: string, others: string) =>
    store.run({
      keys: [named(mine), named(others)],
      decide: (view) =>
        view.get('runner', others) ? { writes: [], answer: 0 } : { writes: [labelled(mine, 'x')], answer: 1 },
    })
  for (let round = 0; round < 50; round++) {
    const [a, b] = [`a${round}`, `b${round}`]
    const written = await Promise.all([unlessThere(first.store, a, b), unlessThere(second.store, b, a)])
    expect(written[0] + written[1], `round ${round}`).toBe(1)
  }
})

test('transactions of thousands of records from two brokers at once come through', async () => {
  const url = await server.createDatabase()
  const stores = await Promise.all([openStore(url), openStore(url)])
  const ids = Array.from({ length: 5_000 }, (_, index) => `r${index}`)
  const all = stores.map(({ store }, index) =>
    store.run({
      keys: ids.map(named),
      decide: () => ({
        writes: ids.map((id) => labelled(id, String(index))),
        answer: null,
      }),
    }),
  )
  await Promise.all(all)
  expect(new Set(await labels(stores[0].store)).size).toBe(1)
})

test('records are found by index, also where plans were made while the table was empty', async () => {
  const { store, db } = await openStore(await server.createDatabase())
  const many = 20_000
  for (let index = 0; index < 20; index++) await write(store, `before ${index}`, '')
  await db.query({
    text: `INSERT INTO pairing_records (kind, id, value, version)
      SELECT 'runner', '"' || number || '"', '{}', 1 FROM generate_series(1, ${many}) AS number`,
  })
  for (let index = 0; index < 20; index++) await write(store, `after ${index}`, '')
  const looked = async () => {
    const [row] = await db.query<{ by_index: string; read: string }>({
      text: `SELECT idx_scan AS by_index, seq_tup_read AS read FROM pg_stat_user_tables
        WHERE relname = 'pairing_records'`,
    })
    return { byIndex: Number(row?.by_index), read: Number(row?.read) }
  }
  // The server counts when it has the time.
  await expect.poll(async () => (await looked()).byIndex).toBeGreaterThanOrEqual(80)
  expect((await looked()).read).toBeLessThan(many)
})

test('time is the server’s', async () => {
  const { store, db } = await openStore(await server.createDatabase())
  const clock = { text: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms' }
  const before = await db.query<{ ms: string }>(clock)
  const now = await store.run({ keys: [], decide: (_view, at) => ({ writes: [], answer: at }) })
  const after = await db.query<{ ms: string }>(clock)
  expect(now).toBeGreaterThanOrEqual(Number(before[0]?.ms))
  expect(now).toBeLessThanOrEqual(Number(after[0]?.ms))
})

test('a server that hangs fails everybody who waits, in the time of one', async () => {
  const own = await startPostgresServer()
  const { store } = await openStore(own.url, { answerTimeoutMs: 500 })
  await expect.poll(() => write(store, 'r', 'before').catch(() => 'away')).toBeNull()
  own.pause()
  const waiting = Array.from({ length: 20 }, () => write(store, 'r', 'during'))
  const reasons = await Promise.all(waiting.map((call) => call.catch((reason: unknown) => reason)))
  // One and the same refusal: twenty, one after the other, would each wait for the server again.
  expect(new Set(reasons).size).toBe(1)
  expect(reasons[0]).toMatchObject({ why: 'it did not answer in time', outcome: 'unknown' })
  own.resume()
  await expect.poll(() => write(store, 'r', 'after').catch(() => 'away')).toBeNull()
  expect(await labels(store)).toEqual(['after'])
  await own.stop()
})

test('a server that answers 200 ms late is slow, not away: decisions that read twice come through', async () => {
  const proxy = new FaultProxy(server.port)
  const way = new URL(await server.createDatabase())
  way.port = new URL(await proxy.listen()).port
  const { store } = await openStore(way.href, { answerTimeoutMs: 2_000 })
  proxy.delayMs = 100
  const codes = Array.from({ length: 20 }, (_, index) => codeOf(4, index))
  const register = (code: (typeof codes)[number]) =>
    run(store, registerCode({ code, runnerId: runnerNamed(code) }, contractRules))
  for (const answer of await Promise.all(codes.map(register))) expect(answer.ok).toBe(true)
  const use = (code: (typeof codes)[number]) => run(store, incrementUsageCount({ code }, contractRules))
  expect(await Promise.all(codes.map(use))).toEqual(codes.map(() => 1))
  await store.close()
  await proxy.close()
})

test('what would wait too long behind others is refused at once, and the others are carried out', async () => {
  const { store } = await openStore(await server.createDatabase())
  const asked = Array.from({ length: 10_000 }, (_, index) => write(store, 'r', String(index)))
  const outcomes = await Promise.allSettled(asked)
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused.length).toBe(10_000 - 8_192)
  expect(refused[0]?.reason).toMatchObject({ why: 'too much waits for it', outcome: 'nothing-written' })
  expect(await labels(store)).toEqual(['8191'])
})

test('a server that was killed and is back serves the next call, with all that was acknowledged', async () => {
  const own = await startPostgresServer({ durable: true })
  const { store } = await openStore(own.url)
  for (let index = 0; index < 10; index++) await write(store, `r${index}`, `label ${index}`)
  await own.kill()
  await expect(write(store, 'r', 'lost')).rejects.toThrow(StoreUnavailable)
  await own.start()
  await write(store, 'r', 'kept')
  expect(await labels(store)).toEqual(['kept', ...Array.from({ length: 10 }, (_, index) => `label ${index}`)])
  await own.stop()
})

test('a commit whose answer is lost is looked up: nothing is done twice, nothing is refused that was done', async () => {
  const rounds = Number(process.env.LATCHKEY_LOST_ANSWERS ?? 200)
  const db = await openPostgres(await server.createDatabase(), PATIENT)
  let [commits, lost] = [0, 0]
  const lossy: PostgresDatabase = {
    ...db,
    query: async (statement, within) => {
      const rows = await db.query<never>(statement, within)
      // Two losses in a row at most: a call that loses all its answers is told that its outcome is unknown.
      if (statement.name !== 'pairing-commit' || ++commits % 3 === 0) return rows
      lost++
      throw new ConnectionLost('the connection was lost', null)
    },
  }
  const store = postgresPairingStore(lossy)
  opened.push(store)
  for (let round = 0; round < rounds; round++) {
    const [code, runnerId] = [codeOf(3, round), runnerNamed(`r${round}`)]
    expect(await run(store, registerCode({ code, runnerId }, contractRules))).toMatchObject({ ok: true })
    expect(await run(store, incrementUsageCount({ code }, contractRules))).toBe(1)
  }
  expect(lost).toBeGreaterThan(rounds / 2)
  const runners = await store.list('runner')
  expect(runners.map(({ code }) => code?.usedCount)).toEqual(Array.from({ length: rounds }, () => 1))
})

test('a connection that breaks in the middle of a call is replaced, and the call is done once', async () => {
  const proxy = new FaultProxy(server.port)
  const way = new URL(await server.createDatabase())
  way.port = new URL(await proxy.listen()).port
  const { store } = await openStore(way.href)
  const code = codeOf(2, 1)
  await run(store, registerCode({ code, runnerId: runnerNamed('r') }, contractRules))
  const counts: unknown[] = []
  for (let round = 1; round <= 40; round++) {
    const used = run(store, incrementUsageCount({ code }, contractRules))
    // A little later in each round, so that reading, committing and answering are all cut somewhere.
    for (let turn = 0; turn < round / 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    proxy.cutAll()
    counts.push(await used)
  }
  expect(proxy.cuts).toBeGreaterThan(0)
  expect(counts).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  await store.close()
  await proxy.close()
})

test('a full disk is told by name, and nothing of the transaction stays', async () => {
  const { store, db } = await openStore(await server.createDatabase())
  await write(store, 'before', 'kept')
  // PostgreSQL refuses with this code when the device has no room left.
  await db.query({
    text: `CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`,
  })
  await db.query({
    text: `CREATE TRIGGER full_disk BEFORE INSERT ON pairing_records FOR EACH ROW
      WHEN (length(new.value) > 10000) EXECUTE FUNCTION no_room()`,
  })
  const big = () => ({
    writes: [labelled('first', 'x'), labelled('second', 'y'.repeat(20_000))],
    answer: null,
  })
  await expect(store.run({ keys: [], decide: big })).rejects.toThrow('the disk is full')
  expect(await labels(store)).toEqual(['kept'])
  await db.query({ text: 'DROP TRIGGER full_disk ON pairing_records' })
  await store.run({ keys: [], decide: big })
  expect(await labels(store)).toHaveLength(3)
})

test('transactions still waiting when the store closes are carried out, later ones refused', async () => {
  const { store } = await openStore(await server.createDatabase())
  const waiting = write(store, 'r', 'waiting')
  await store.close()
  expect(await waiting).toBeNull()
  await expect(write(store, 'r', 'late')).rejects.toThrow('it has been closed')
})
