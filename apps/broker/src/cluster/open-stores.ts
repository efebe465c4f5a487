import type { ApiKeyStore } from '@latchkey/domain/api-keys/ports'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { invariant } from '@latchkey/domain/kernel'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { WebhookStore } from '@latchkey/domain/webhooks/ports'
import { MARKETPLACE } from '@latchkey/protocol/accounts'
import { apiKeyStore } from '@latchkey/stores/api-keys/api-key-sql'
import { durablePairingStore } from '@latchkey/stores/durable/pairing.store'
import { postgresRegistry } from '@latchkey/stores/durable/registry'
import { MissingRights } from '@latchkey/stores/missing-rights'
import { postgresConversations } from '@latchkey/stores/postgres/conversations'
import { openPostgres, type PostgresDatabase } from '@latchkey/stores/postgres/database'
import { postgresPairingRepository } from '@latchkey/stores/postgres/pairing.repository'
import { postgresPairingStore } from '@latchkey/stores/postgres/pairing.store'
import { sharedSecrets } from '@latchkey/stores/postgres/secrets'
import { openRedis, type RedisConnection, type RedisTimes } from '@latchkey/stores/redis/connection'
import { redisPairingStore } from '@latchkey/stores/redis/pairing.store'
import { sqliteConversations } from '@latchkey/stores/sqlite/conversations'
import { openSqlite, writeOnce } from '@latchkey/stores/sqlite/database'
import { sqlitePairingRepository } from '@latchkey/stores/sqlite/pairing.repository'
import { sqlitePairingStore } from '@latchkey/stores/sqlite/pairing.store'
import { webhookStore } from '@latchkey/stores/webhooks/webhook-sql'
import { type DataDirectory, keepShared, type Secrets, type SetByHand } from '../config/data-directory.ts'
import { lockDataDirectory } from '../config/data-lock.ts'
import { redisAddress } from '../config/redis-address.ts'
import type { Settings } from '../config/settings.ts'
import type { Needed } from '../health/needed.ts'

/** Where this broker keeps things, by its settings. */
export interface Stores {
  /** what people read: sqlite, redis, postgres, redis+postgres */
  readonly kind: string
  readonly store: PairingStore
  /** where devices are: PostgreSQL when there is one, else this machine's file */
  readonly devices: PairingRepository
  /** beside the devices */
  readonly apiKeys: ApiKeyStore
  readonly webhooks: WebhookStore
  /** the same for all brokers that share the store */
  readonly secrets: Secrets
  /** for what brokers tell each other; null without Redis */
  readonly redis: RedisConnection | null
  /** whether several brokers may work on it */
  readonly isShared: boolean
  /** servers that have to answer for this broker to do its work */
  readonly needed: Needed
  /** what an operator should hear about the servers' settings, in sentences */
  readonly warnings: readonly string[]
  close(): Promise<void>
}

const OPEN_TIMEOUT_MS = 5_000
const TRIED_EVERY_MS = 300

/**
 * Opens SQLite when neither Redis nor PostgreSQL is set, else what is. Rejects with a sentence when one of them does not answer,
 * and then leaves nothing open.
 * @param clock milliseconds since the epoch, for SQLite: servers have their own
 */
export async function openStores(
  settings: Settings,
  data: DataDirectory,
  clock: () => number,
): Promise<Stores> {
  const historyKept = settings.historySize
  const address = redisAddress(settings)
  const { databaseUrl } = settings
  if (address === null && databaseUrl === undefined) {
    return onSqlite(data, clock, historyKept)
  }
  const db = databaseUrl === undefined ? null : await postgresAt(databaseUrl, settings)
  const opened: { close(): Promise<void> }[] = db === null ? [] : [db]
  try {
    const secrets = db === null ? data.secrets : await secretsIn(db, data, settings)
    const redis = address === null ? null : await openRedis(address, redisTimes(settings))
    if (redis !== null) opened.push(redis)
    const devices = db === null ? await devicesHere(data, clock, opened) : onPostgres(db)
    const store = await storeOn(redis, db, historyKept)
    return {
      kind: [redis && 'redis', db && 'postgres'].filter((name) => name !== null).join('+'),
      store,
      devices: devices.repository,
      apiKeys: devices.apiKeys,
      webhooks: devices.webhooks,
      secrets,
      redis,
      isShared: redis !== null && db !== null,
      needed: { ...(redis && { Redis: () => redis.redis.ping() }), ...devices.needed },
      warnings: redis?.warnings ?? [],
      close: async () => {
        await store.close()
        for (const each of opened) await each.close()
      },
    }
  } catch (problem) {
    for (const each of opened) await each.close()
    throw problem
  }
}

/** A single broker with one database file. Holding the folder's lock, it knows that no other broker uses the file. */
async function onSqlite(data: DataDirectory, clock: () => number, historyKept: number): Promise<Stores> {
  const lock = await lockDataDirectory(data)
  try {
    const file = await openSqlite(data.database)
    const store = sqlitePairingStore(file, { clock, historyKept })
    const devices = sqlitePairingRepository(file, { clock })
    const apiKeys = apiKeyStore(sqliteConversations(file, { clock }))
    const webhooks = webhookStore(sqliteConversations(file, { clock }))
    const close = async () => {
      await store.close()
      lock.release()
    }
    const alone = { kind: 'sqlite', redis: null, isShared: false, needed: {}, warnings: [] }
    return { ...alone, store, devices, apiKeys, webhooks, secrets: data.secrets, close }
  } catch (problem) {
    lock.release()
    throw problem
  }
}

const redisTimes = (settings: Settings): RedisTimes => ({
  namespaces: namespacesOf(settings),
  answerTimeoutMs: settings.redisTimeoutMs,
})

/** Where brokers tell each other things over Redis. */
const namespacesOf = ({ whatsapp }: Settings): readonly string[] => ['/', ...(whatsapp ? [MARKETPLACE] : [])]

/** With both, Redis is fast and PostgreSQL keeps what must outlive it. */
async function storeOn(
  redis: RedisConnection | null,
  db: PostgresDatabase | null,
  historyKept: number,
): Promise<PairingStore> {
  if (redis !== null) {
    const fast = redisPairingStore(redis, { historyKept })
    return db === null ? fast : durablePairingStore(fast, await postgresRegistry(db))
  }
  invariant(db !== null, 'one of them was named')
  return postgresPairingStore(db, { historyKept })
}

/** The stores that are where devices are, and the check that they take writes. */
interface Devices {
  readonly repository: PairingRepository
  readonly apiKeys: ApiKeyStore
  readonly webhooks: WebhookStore
  readonly needed: Needed
}

const onPostgres = (db: PostgresDatabase): Devices => ({
  repository: postgresPairingRepository(db),
  apiKeys: apiKeyStore(postgresConversations(db, { lock: 'latchkey api keys' })),
  webhooks: webhookStore(postgresConversations(db, { lock: 'latchkey webhooks' })),
  needed: { PostgreSQL: () => db.write() },
})

/** Redis may lose what it has, so a broker that has nothing else keeps its devices in its own file. */
async function devicesHere(
  data: DataDirectory,
  clock: () => number,
  opened: { close(): Promise<void> }[],
): Promise<Devices> {
  const lock = await lockDataDirectory(data)
  opened.push({ close: async () => lock.release() })
  const file = await openSqlite(data.database)
  opened.push({ close: async () => void file.close() })
  return {
    repository: sqlitePairingRepository(file, { clock }),
    apiKeys: apiKeyStore(sqliteConversations(file, { clock })),
    webhooks: webhookStore(sqliteConversations(file, { clock })),
    needed: { 'the data folder': async () => writeOnce(file) },
  }
}

/** Tries for a few seconds, as for Redis: what starts together is not there at the same moment. Says where it looked, and nothing of who. */
async function postgresAt(
  url: string,
  { databaseConnections, databaseTimeoutMs }: Settings,
): Promise<PostgresDatabase> {
  const untilMs = performance.now() + OPEN_TIMEOUT_MS
  const server = `PostgreSQL at ${new URL(url).host}`
  const where = (problem: unknown) =>
    new Error(`${server}: ${problem instanceof Error ? problem.message : String(problem)}`, {
      cause: problem,
    })
  for (;;) {
    try {
      return await openPostgres(url, {
        connectionsMax: databaseConnections,
        answerTimeoutMs: databaseTimeoutMs,
      })
    } catch (problem) {
      // Missing rights do not appear while one waits.
      if (problem instanceof MissingRights) throw problem.at(server)
      if (performance.now() < untilMs) {
        await new Promise((resolve) => setTimeout(resolve, TRIED_EVERY_MS))
        continue
      }
      throw where(problem)
    }
  }
}

/** The first broker's secrets become those of all. */
async function secretsIn(
  db: PostgresDatabase,
  data: DataDirectory,
  { runnerSecret, operatorSecret }: SetByHand,
): Promise<Secrets> {
  const mine = data.secrets
  const { enrolment, operator, signingKey } = await sharedSecrets(db, {
    enrolment: mine.enrolment,
    operator: mine.operator,
    signingKey: mine.signingKey.toString('base64url'),
  })
  agree('LATCHKEY_RUNNER_SECRET is not the enrolment secret', runnerSecret, enrolment, data.secretFile)
  agree(
    "LATCHKEY_OPERATOR_SECRET is not the operator's secret",
    operatorSecret,
    operator,
    data.operatorSecretFile,
  )
  return { enrolment, operator, signingKey: Buffer.from(signingKey, 'base64url') }
}

/** A secret that was set by hand has to be the shared one; a file shall tell the shared one too. */
function agree(refusal: string, setByHand: string | undefined, shared: string, file: string): void {
  if (setByHand === undefined) keepShared(file, shared)
  else if (setByHand !== shared) throw new Error(`${refusal} that the brokers of this database share`)
}
