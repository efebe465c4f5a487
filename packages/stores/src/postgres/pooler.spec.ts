import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerCode } from '@latchkey/domain/runner-pairing/founding-codes'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { codeOf, runnerNamed } from '../contract/commands.ts'
import { type PostgresServer, startPostgresServer } from '../testing/postgres-server.ts'
import { openPostgres } from './database.ts'
import { postgresPairingStore } from './pairing.store.ts'

const PATIENT = { answerTimeoutMs: 20_000 }
let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const run of cleanUps.splice(0).reverse()) await run()
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** PgBouncer before the server, with two connections for everybody, each given to another one after each transaction. */
async function behindPooler(url: string, ...settings: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pooler-'))
  chmodSync(folder, 0o755)
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  const { username } = new URL(url)
  const port = await freePort()
  const users = join(folder, 'users')
  writeFileSync(users, `"${username}" ""\n`)
  const ini = join(folder, 'pgbouncer.ini')
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${server.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${users}`,
    'pool_mode = transaction',
    'default_pool_size = 2',
    ...settings,
  ]
  writeFileSync(ini, lines.join('\n'))
  // It refuses to be root.
  const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn('pgbouncer', [...asUser, ini], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Debian keeps it where a user's PATH does not look.
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  cleanUps.push(() => ended(child))
  await untilUp(child)
  const pooled = new URL(url)
  pooled.port = String(port)
  pooled.hostname = '127.0.0.1'
  return pooled.href
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function untilUp(child: ChildProcess): Promise<void> {
  let told = ''
  const up = new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (bytes: Buffer) => {
      told += bytes.toString()
      if (told.includes('process up')) resolve()
    })
    child.once('error', () =>
      reject(new Error('The tests of poolers need pgbouncer (Debian: apt-get install pgbouncer).')),
    )
    child.once('exit', () => reject(new Error(`pgbouncer ended: ${told}`)))
  })
  await up
}

test.each([
  ['that refuses settings with a connection', []],
  [
    'that ignores them',
    ['ignore_startup_parameters = statement_timeout,lock_timeout,idle_in_transaction_session_timeout'],
  ],
])('brokers work through a pooler in transaction mode %s', async (_, settings) => {
  const url = await behindPooler(await server.createDatabase(), ...settings)
  const stores = await Promise.all(
    [0, 1, 2].map(async () => {
      const store = postgresPairingStore(await openPostgres(url, PATIENT))
      cleanUps.push(() => store.close())
      return store
    }),
  )
  const registered = await Promise.all(
    stores.flatMap((store, broker) =>
      Array.from({ length: 20 }, (_each, index) => {
        return store.run(
          registerCode(
            { code: codeOf(index * 3 + broker, 1), runnerId: runnerNamed(`r${index * 3 + broker}`) },
            defaultPairingRules,
          ),
        )
      }),
    ),
  )
  expect(registered).toHaveLength(60)
  expect(await stores[0]?.list('runner')).toHaveLength(60)
})
