import { afterEach, beforeAll, expect, test } from 'vitest'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type PostgresServer, startPostgresServer } from '../testing/postgres-server.ts'
import { standStill } from '../testing/stand-still.ts'
import { openPostgres, type PostgresDatabase } from './database.ts'
import { migrate, migrations } from './migrate.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})

/** A busy machine is not a server that is away. */
const PATIENT = { answerTimeoutMs: 20_000 }

const opened: PostgresDatabase[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()))
})

async function open(url: string): Promise<PostgresDatabase> {
  const db = await openPostgres(url, PATIENT)
  opened.push(db)
  return db
}

const one = (db: PostgresDatabase, text: string) => db.query<{ value: unknown }>({ text })

test('four brokers that start at once on an empty database migrate it once', async () => {
  const url = await server.createDatabase()
  const [db] = await Promise.all([open(url), open(url), open(url), open(url)])
  const done = await one(db, 'SELECT number AS value FROM latchkey_migrations ORDER BY number')
  expect(done.map(({ value }) => value)).toEqual(migrations.map(({ number }) => number))
})

test('migrations are numbered from 1 without a gap', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
})

test('a migration that fails leaves nothing of those before it', async () => {
  const db = await open(await server.createDatabase())
  const next = migrations.length + 1
  const steps = [
    ...migrations,
    { number: next, name: 'good', sql: 'CREATE TABLE good (id integer)' },
    { number: next + 1, name: 'bad', sql: 'CREATE TABLE good (id integer)' },
  ]
  await expect(db.transaction((query) => migrate(query, steps))).rejects.toThrow('already exists')
  await expect(one(db, 'SELECT * FROM good')).rejects.toThrow('does not exist')
  const [done] = await one(db, 'SELECT max(number) AS value FROM latchkey_migrations')
  expect(done?.value).toBe(migrations.length)
})

test('a database of a newer release is refused and left alone', async () => {
  const url = await server.createDatabase()
  const db = await open(url)
  await one(db, `INSERT INTO latchkey_migrations (number, name) VALUES (999, 'to come')`)
  await expect(openPostgres(url, PATIENT)).rejects.toThrow('newer release (schema 999')
})

test('what cannot be opened is refused in words, and at once', async () => {
  const nowhere = new URL(server.url)
  nowhere.pathname = '/nowhere'
  await expect(openPostgres(nowhere.href)).rejects.toThrow('there is no such database')
  nowhere.port = '1'
  await expect(openPostgres(nowhere.href)).rejects.toThrow('it cannot be reached')
  await expect(openPostgres(nowhere.href)).rejects.toBeInstanceOf(StoreUnavailable)
})

test('a server that does not answer is told by name within the time given, and is good again after', async () => {
  const own = await startPostgresServer()
  const db = await openPostgres(own.url, { answerTimeoutMs: 500 })
  opened.push(db)
  own.pause()
  await expect(one(db, 'SELECT 1 AS value')).rejects.toThrow('it did not answer in time')
  await expect(openPostgres(own.url, { answerTimeoutMs: 100 })).rejects.toThrow('it did not answer in time')
  own.resume()
  await expect.poll(() => one(db, 'SELECT 1 AS value').catch(() => null)).toEqual([{ value: 1 }])
  await own.kill()
  await expect(one(db, 'SELECT 1 AS value')).rejects.toThrow(StoreUnavailable)
  await own.start()
  await expect.poll(() => one(db, 'SELECT 1 AS value').catch(() => null)).toEqual([{ value: 1 }])
})

test('an answer that came while this process stood still is not late', async () => {
  const db = await openPostgres(await server.createDatabase(), { answerTimeoutMs: 500 })
  opened.push(db)
  const asked = one(db, `SELECT 1 AS value FROM pg_sleep(0.1)`)
  // By the next turn it is sent.
  await new Promise((resolve) => setImmediate(resolve))
  standStill(1_000)
  expect(await asked).toEqual([{ value: 1 }])
})

test('a transaction is rolled back when its work throws, and what it threw passes as it is', async () => {
  const db = await open(await server.createDatabase())
  await one(db, 'CREATE TABLE kept (value integer)')
  const thrown = new Error('a bug')
  const work = db.transaction(async (query) => {
    await query({ text: 'INSERT INTO kept VALUES (1)' })
    throw thrown
  })
  await expect(work).rejects.toBe(thrown)
  await db.transaction((query) => query({ text: 'INSERT INTO kept VALUES (2)' }))
  expect(await one(db, 'SELECT value FROM kept')).toEqual([{ value: 2 }])
})

test('a closed database refuses everything', async () => {
  const db = await open(await server.createDatabase())
  await db.close()
  await expect(one(db, 'SELECT 1 AS value')).rejects.toThrow('it has been closed')
  await expect(db.transaction(async () => null)).rejects.toThrow('it has been closed')
})
