import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPairingState } from '@latchkey/domain/device-pairing/founding-repository'
import type { JoinTokenDigest } from '@latchkey/domain/device-pairing/ids'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { afterEach, expect, it } from 'vitest'
import { killRules } from '../contract/device-kill-rules.ts'
import { brokenInvariants } from '../contract/mesh-invariants.ts'
import { openPostgres } from '../postgres/database.ts'
import { postgresPairingRepository } from '../postgres/pairing.repository.ts'
import { openSqlite } from '../sqlite/database.ts'
import { sqlitePairingRepository } from '../sqlite/pairing.repository.ts'
import { startPostgresServer } from '../testing/postgres-server.ts'

/** Rounds with each database: two processes are killed in each. `LATCHKEY_DEVICE_KILLS=100` is the figure in docs. */
const ROUNDS = Number(process.env['LATCHKEY_DEVICE_KILLS'] ?? 2)
/** Two processes have to start for each round. */
const LASTS_MS_MAX = 60_000 + ROUNDS * 10_000
/** Anywhere in the middle of one pairing or another. */
const KILLED_AFTER_MS = [3, 60] as const

/** Runs the packages' TypeScript as it is, on every Node that the product runs on. */
const SOURCES = ['--experimental-strip-types', '--no-warnings', '--conditions=source']
const worker = join(import.meta.dirname, '../contract/device-kill-worker.ts')
const running = new Set<ChildProcess>()
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  for (const run of cleanUps.splice(0).toReversed()) await run()
})

/** Pairs devices in a process of its own; resolves with the tokens it acknowledged, when it is dead. */
async function pairUntilKilled(kind: string, where: string): Promise<readonly JoinTokenDigest[]> {
  const child = spawn(process.execPath, [...SOURCES, worker, kind, where], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let said = ''
  let complained = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()))
  const gone = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), gone])
  await new Promise((resolve) => setTimeout(resolve, randomInt(...KILLED_AFTER_MS)))
  child.kill('SIGKILL')
  const [, signal] = await gone
  running.delete(child)
  if (signal !== 'SIGKILL') throw new Error(`it ended by itself:\n${complained}`)
  return said.split('\n').filter((line) => line.length === 64) as JoinTokenDigest[]
}

async function expectWhole(repository: PairingRepository, acknowledged: readonly JoinTokenDigest[]) {
  expect(await brokenInvariants(repository, killRules)).toEqual([])
  for (const token of acknowledged) {
    expect((await repository.run(loadPairingState(token)))?.status).toBe('DeviceRegistered')
  }
}

it(
  `after ${ROUNDS * 2} kills of processes that pair on SQLite no device is half registered, and none that was acknowledged is lost`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-kills-'))
    cleanUps.push(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'latchkey.db')
    let count = 0
    for (let round = 0; round < ROUNDS; round++) {
      const said = await Promise.all([pairUntilKilled('sqlite', path), pairUntilKilled('sqlite', path)])
      count += said.flat().length
      const db = await openSqlite(path)
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      await expectWhole(sqlitePairingRepository(db, { clock: Date.now }), said.flat())
      db.close()
    }
    expect(count, 'pairings were acknowledged').toBeGreaterThan(ROUNDS)
    console.info(`sqlite: ${ROUNDS * 2} kills, ${count} pairings acknowledged`)
  },
  LASTS_MS_MAX,
)

it(
  `after ${ROUNDS * 2} kills of processes that pair on PostgreSQL, and one of the server, neither`,
  async () => {
    const server = await startPostgresServer({ durable: true })
    cleanUps.push(() => server.stop())
    let count = 0
    const round = async () => {
      const said = await Promise.all([
        pairUntilKilled('postgres', server.url),
        pairUntilKilled('postgres', server.url),
      ])
      count += said.flat().length
      return said.flat()
    }
    const check = async (acknowledged: readonly JoinTokenDigest[]) => {
      const db = await openPostgres(server.url)
      await expectWhole(postgresPairingRepository(db), acknowledged)
      await db.close()
    }
    for (let done = 0; done < ROUNDS; done++) await check(await round())
    const acknowledged = await round()
    await server.kill()
    await server.start()
    await check(acknowledged)
    expect(count, 'pairings were acknowledged').toBeGreaterThan(ROUNDS)
    console.info(`postgres: ${ROUNDS * 2 + 2} kills, ${count} pairings acknowledged`)
  },
  LASTS_MS_MAX,
)
