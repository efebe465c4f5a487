import { linkingStoreContract } from './contract/linking-store.contract.ts'
import { memoryLinkingStore } from './memory/linking.store.ts'
import { openPostgres } from './postgres/database.ts'
import { postgresLinkingStore } from './postgres/linking.store.ts'
import { openSqlite } from './sqlite/database.ts'
import { sqliteLinkingStore } from './sqlite/linking.store.ts'
import { type PostgresServer, startPostgresServer } from './testing/postgres-server.ts'

let postgres: Promise<PostgresServer> | null = null

linkingStoreContract('memory', async (clock) => ({
  store: memoryLinkingStore({ clock }),
  other: null,
  dispose: async () => {},
}))

linkingStoreContract('sqlite', async (clock) => {
  const db = await openSqlite(':memory:')
  return {
    store: sqliteLinkingStore(db, { clock }),
    other: sqliteLinkingStore(db, { clock }),
    dispose: async () => void db.close(),
  }
})

linkingStoreContract('postgres', async (clock) => {
  postgres ??= startPostgresServer()
  const url = await (await postgres).createDatabase()
  const one = await openPostgres(url, { answerTimeoutMs: 20_000 })
  const two = await openPostgres(url, { answerTimeoutMs: 20_000 })
  return {
    store: postgresLinkingStore(one, { clock }),
    other: postgresLinkingStore(two, { clock }),
    dispose: async () => {
      await one.close()
      await two.close()
    },
  }
})
