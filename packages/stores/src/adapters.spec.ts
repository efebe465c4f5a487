import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { expect, test } from 'vitest'
import {
  COMMANDS_MIN,
  COMMANDS_MIN_REMOTE,
  CONTRACT_HISTORY_KEPT,
  pairingStoreContract,
  type StoreUnderTest,
} from './contract/pairing-store.contract.ts'
import { durablePairingStore } from './durable/pairing.store.ts'
import { postgresRegistry } from './durable/registry.ts'
import { memoryPairingStore } from './memory/pairing.store.ts'
import { openPostgres } from './postgres/database.ts'
import { postgresPairingStore } from './postgres/pairing.store.ts'
import { openRedis } from './redis/connection.ts'
import { redisPairingStore } from './redis/pairing.store.ts'
import { openSqlite } from './sqlite/database.ts'
import { sqlitePairingStore } from './sqlite/pairing.store.ts'
import { type PostgresServer, startPostgresServer } from './testing/postgres-server.ts'
import { startRedisServer } from './testing/redis-server.ts'

type Open = (clock: () => number) => Promise<StoreUnderTest>

/** Asked over a socket: each command costs a few round trips. */
const REMOTE = new Set(['durable', 'postgres', 'redis'])

/** A busy machine is not a server that is away. */
const PATIENT = { answerTimeoutMs: 20_000 }

let postgres: Promise<PostgresServer> | null = null

/** A store that can be closed and opened again with all that it has. `release` ends what it stands on. */
async function reopening(
  open: () => Promise<PairingStore>,
  audits: boolean,
  release: () => Promise<void> | void,
): Promise<StoreUnderTest> {
  let store = await open()
  return {
    store,
    audits,
    reopen: async () => {
      await store.close()
      store = await open()
      return store
    },
    dispose: async () => {
      await store.close()
      await release()
    },
  }
}

const newDatabase = async (): Promise<string> => {
  postgres ??= startPostgresServer()
  return (await postgres).createDatabase()
}

/** The pairing port's row of the table: every adapter there is, and how a test opens it. */
const pairingStores: Readonly<Record<string, Open>> = {
  memory: async (clock) => {
    const store = memoryPairingStore({ clock, historyKept: CONTRACT_HISTORY_KEPT })
    return { store, reopen: null, audits: true, dispose: () => store.close() }
  },
  durable: async (clock) => {
    const url = await newDatabase()
    const server = await startRedisServer()
    const open = async () =>
      durablePairingStore(
        redisPairingStore(await openRedis({ url: server.url }, PATIENT), {
          clock,
          historyKept: CONTRACT_HISTORY_KEPT,
        }),
        await postgresRegistry(await openPostgres(url, PATIENT)),
      )
    return reopening(open, true, () => server.stop())
  },
  postgres: async (clock) => {
    const url = await newDatabase()
    const open = async () =>
      postgresPairingStore(await openPostgres(url, PATIENT), { clock, historyKept: CONTRACT_HISTORY_KEPT })
    return reopening(open, true, () => {})
  },
  redis: async (clock) => {
    const server = await startRedisServer()
    const open = async () =>
      redisPairingStore(await openRedis({ url: server.url }, PATIENT), {
        clock,
        historyKept: CONTRACT_HISTORY_KEPT,
      })
    return reopening(open, false, () => server.stop())
  },
  sqlite: async (clock) => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'))
    const open = async () =>
      sqlitePairingStore(await openSqlite(join(folder, 'latchkey.db')), {
        clock,
        historyKept: CONTRACT_HISTORY_KEPT,
      })
    return reopening(open, true, () => rmSync(folder, { recursive: true }))
  },
}

for (const [name, open] of Object.entries(pairingStores))
  pairingStoreContract(name, open, REMOTE.has(name) ? COMMANDS_MIN_REMOTE : COMMANDS_MIN)

test('every adapter folder that implements a port is in the table of that port', () => {
  const here = import.meta.dirname
  const adapters = readdirSync(here, { withFileTypes: true }).filter(
    (found) => found.isDirectory() && found.name !== 'contract',
  )
  const implementing = adapters
    .filter(({ name }) => existsSync(join(here, name, 'pairing.store.ts')))
    .map(({ name }) => name)
  expect(implementing.sort()).toEqual(Object.keys(pairingStores).sort())
})

test('every port of the domain has a contract, and every contract a port', () => {
  const here = import.meta.dirname
  const domain = join(here, '../../domain/src')
  const ports = readdirSync(domain, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/ports.ts'))
    .flatMap(
      (path) =>
        readFileSync(join(domain, path), 'utf8').match(/(?<=export interface )\w+(?:Store|Repository)\b/g) ??
        [],
    )
  const contracts = readdirSync(join(here, 'contract')).filter((name) => name.endsWith('.contract.ts'))
  const named = ports.map((port) => `${port.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.contract.ts`)
  expect(contracts.sort()).toEqual(named.sort())
})
