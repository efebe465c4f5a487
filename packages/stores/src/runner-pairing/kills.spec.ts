import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import { durablePairingStore } from '../durable/pairing.store.ts'
import { postgresRegistry } from '../durable/registry.ts'
import { openPostgres } from '../postgres/database.ts'
import { postgresPairingStore } from '../postgres/pairing.store.ts'
import { openRedis } from '../redis/connection.ts'
import { redisPairingStore } from '../redis/pairing.store.ts'
import { openSqlite } from '../sqlite/database.ts'
import { sqlitePairingStore } from '../sqlite/pairing.store.ts'
import { startPostgresServer } from '../testing/postgres-server.ts'
import { startRedisServer } from '../testing/redis-server.ts'

/** Per store; a hundred with `LATCHKEY_PAIRING_KILLS=100 LATCHKEY_PAIRINGS=10000`, as for docs/faults.md. */
const KILLS = Number(process.env['LATCHKEY_PAIRING_KILLS'] ?? 2)
/** So many are paired in all, most of them before the kills. */
const PAIRINGS = Number(process.env['LATCHKEY_PAIRINGS'] ?? 20)
/** Each kill costs the start of a process, on a machine that does other things too. */
const TIMEOUT_MS = 60_000 + KILLS * 6_000
/** Anywhere in the middle of one pairing or another. */
const KILLED_AFTER_MS = [3, 48] as const
/** Two processes at once, as two brokers are. */
const TOGETHER = 2

/** A busy machine is not a server that is away. */
const PATIENT = { answerTimeoutMs: 20_000 }

const worker = join(import.meta.dirname, 'kill-worker.fixture.ts')
const running = new Set<ChildProcess>()
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  for (const run of cleanUps.splice(0).toReversed()) await run()
})

/** What the processes were told had gone well. */
class Acknowledged {
  /** runner by code */
  readonly codes = new Map<string, string>()
  /** runner by app */
  readonly pairings = new Map<string, string>()
  readonly doublyIssued: string[] = []

  hear(line: string): void {
    const [what, subject = '', object = ''] = line.split(' ')
    if (what === 'paired') this.pairings.set(subject, object)
    if (what !== 'registered') return
    if (this.codes.has(object)) this.doublyIssued.push(object)
    this.codes.set(object, subject)
  }
}

/** Lets a process pair until it is killed in the middle of it; answers with the whole lines it said. */
async function linesUntilKilled(kind: string, where: string, name: string): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--conditions=source', worker, kind, where, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let said = ''
  let complained = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()))
  const closed = once(child, 'close')
  while (child.exitCode === null && said.split('paired').length <= PAIRINGS / KILLS)
    await Promise.race([once(child.stdout, 'data'), closed])
  await new Promise((resolve) => setTimeout(resolve, randomInt(...KILLED_AFTER_MS)))
  child.kill('SIGKILL')
  const [, signal] = await closed
  running.delete(child)
  if (signal !== 'SIGKILL') throw new Error(`it ended by itself:\n${complained}`)
  return said.split('\n').slice(0, -1)
}

/** Kills so many processes that pair; answers with what they had acknowledged. */
async function afterKills(kind: string, where: string): Promise<Acknowledged> {
  const acknowledged = new Acknowledged()
  for (let killed = 0; killed < KILLS; killed += TOGETHER) {
    const said = await Promise.all(
      Array.from({ length: TOGETHER }, (_, index) => linesUntilKilled(kind, where, `${killed + index}`)),
    )
    for (const line of said.flat()) acknowledged.hear(line)
  }
  console.info(`${kind}: ${KILLS} kills, ${acknowledged.pairings.size} pairings acknowledged`)
  expect(acknowledged.pairings.size, 'pairings were acknowledged').toBeGreaterThanOrEqual(PAIRINGS)
  return acknowledged
}

/** Each registration and each pairing is whole or absent, and every acknowledged one is there. */
async function expectWhole(
  store: PairingStore,
  { codes, pairings, doublyIssued }: Acknowledged,
): Promise<void> {
  const [runners, claims, sessions, lists] = await Promise.all([
    store.list('runner'),
    store.list('code'),
    store.list('session'),
    store.list('apps'),
  ])
  const runnerOf = new Map(runners.map((runner) => [runner.runnerId as string, runner]))
  const sessionOf = new Map(sessions.map((session) => [session.appSessionId as string, session]))
  expect(doublyIssued, 'codes given to two runners').toEqual([])
  const held = runners.flatMap(({ code }) => (code ? [code.code as string] : []))
  expect(held.length, 'codes held by two runners').toBe(new Set(held).size)
  const claimants = claims.flatMap((claim) => (claim.status === 'live' ? [claim.runnerId as string] : []))
  expect(claimants.sort(), 'claims of no runner, or runners without a claim').toEqual(
    [...runnerOf.keys()].sort(),
  )

  const lostCodes = [...codes].filter(([code, runner]) => runnerOf.get(runner)?.code?.code !== code)
  expect(lostCodes, 'acknowledged codes that are lost').toEqual([])
  const lostPairings = [...pairings].filter(([app, runner]) => sessionOf.get(app)?.runnerId !== runner)
  expect(lostPairings, 'acknowledged pairings that are lost').toEqual([])

  const listed = lists.flat().sort()
  expect(listed, 'sessions missing from their runner’s list').toEqual([...sessionOf.keys()].sort())
  const uses = runners.reduce((sum, { code }) => sum + (code?.usedCount ?? 0), 0)
  expect(uses, 'uses counted').toBe(sessions.length)
  const foreign = sessions.filter(({ runnerId, gen }) => runnerOf.get(runnerId)?.gen !== gen)
  expect(foreign, 'sessions of another generation').toEqual([])
}

it(`after ${KILLS} kills in the middle of pairings SQLite has all that was acknowledged, and nothing by halves`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kills-'))
  cleanUps.push(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'latchkey.db')
  const acknowledged = await afterKills('sqlite', path)
  const db = await openSqlite(path)
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  const store = sqlitePairingStore(db, { clock: Date.now })
  await expectWhole(store, acknowledged)
  await store.close()
})

it(`after ${KILLS} kills Redis has all that was acknowledged, nothing by halves, and no key that lives for ever`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const server = await startRedisServer()
  cleanUps.push(() => server.stop())
  const acknowledged = await afterKills('redis', server.url)
  const store = redisPairingStore(await openRedis({ url: server.url }))
  await expectWhole(store, acknowledged)
  expect(await keysForEver(server.url)).toEqual([])
  await store.close()
})

it(`after ${KILLS} kills PostgreSQL has all that was acknowledged, and nothing by halves`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const server = await startPostgresServer({ durable: true })
  cleanUps.push(() => server.stop())
  const acknowledged = await afterKills('postgres', server.url)
  const store = postgresPairingStore(await openPostgres(server.url, PATIENT))
  await expectWhole(store, acknowledged)
  await store.close()
})

it(`after ${KILLS} kills Redis and PostgreSQL have all that was acknowledged, and each pairing once in the audit`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer({ durable: true })])
  cleanUps.push(() => Promise.all([redis.stop(), postgres.stop()]))
  const acknowledged = await afterKills('durable', `${redis.url} ${postgres.url}`)
  const fast = redisPairingStore(await openRedis({ url: redis.url }, PATIENT))
  const store = durablePairingStore(fast, await postgresRegistry(await openPostgres(postgres.url, PATIENT)))
  await expectWhole(store, acknowledged)
  const audited = await store.history({ limit: 1_000_000, audit: true, outcome: 'paired' })
  const apps = audited.map(({ appSessionId }) => appSessionId)
  expect(new Set(apps).size, 'pairings that are audited twice').toBe(apps.length)
  const missing = [...acknowledged.pairings.keys()].filter((app) => !apps.includes(app))
  expect(missing, 'acknowledged pairings that no audit tells of').toEqual([])
  await store.close()
})

async function keysForEver(url: string): Promise<readonly string[]> {
  const bare = new Redis(url)
  const keys = await bare.keys('*')
  const left = await Promise.all(keys.map((key) => bare.pttl(key)))
  bare.disconnect()
  return keys.filter((_, index) => left[index] === -1)
}
