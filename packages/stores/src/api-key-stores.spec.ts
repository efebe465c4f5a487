import { apiKeyStore } from './api-keys/api-key-sql.ts'
import { apiKeyStoreContract } from './contract/api-key-store.contract.ts'
import { memoryApiKeyStore } from './memory/api-key.store.ts'
import { postgresConversations } from './postgres/conversations.ts'
import { openPostgres } from './postgres/database.ts'
import { sqliteConversations } from './sqlite/conversations.ts'
import { openSqlite } from './sqlite/database.ts'
import { type PostgresServer, startPostgresServer } from './testing/postgres-server.ts'

let postgres: Promise<PostgresServer> | null = null

apiKeyStoreContract('memory', async (clock) => {
  const store = memoryApiKeyStore({ clock })
  return { store, other: store, dispose: async () => {} }
})

apiKeyStoreContract('sqlite', async (clock) => {
  const db = await openSqlite(':memory:')
  return {
    store: apiKeyStore(sqliteConversations(db, { clock })),
    other: apiKeyStore(sqliteConversations(db, { clock })),
    dispose: async () => void db.close(),
  }
})

apiKeyStoreContract('postgres', async (clock) => {
  postgres ??= startPostgresServer()
  const url = await (await postgres).createDatabase()
  const brokers = await Promise.all([1, 2].map(() => openPostgres(url, { answerTimeoutMs: 20_000 })))
  const [one, two] = brokers.map((db) =>
    apiKeyStore(postgresConversations(db, { lock: 'latchkey api keys', clock })),
  )
  if (one === undefined || two === undefined) throw new Error('two were opened')
  return {
    store: one,
    other: two,
    dispose: async () => {
      for (const db of brokers) await db.close()
    },
  }
})
