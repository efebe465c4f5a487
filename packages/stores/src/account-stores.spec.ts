import { accountStoreContract } from './contract/account-store.contract.ts'
import { memoryAccountStore } from './memory/account.store.ts'
import { postgresAccountStore } from './postgres/account.store.ts'
import { openPostgres } from './postgres/database.ts'
import { sqliteAccountStore } from './sqlite/account.store.ts'
import { openSqlite } from './sqlite/database.ts'
import { type PostgresServer, startPostgresServer } from './testing/postgres-server.ts'

let postgres: Promise<PostgresServer> | null = null

accountStoreContract('memory', async (clock) => ({
  store: memoryAccountStore({ clock }),
  other: null,
  dispose: async () => {},
}))

accountStoreContract('sqlite', async (clock) => {
  const db = await openSqlite(':memory:')
  return {
    store: sqliteAccountStore(db, { clock }),
    other: sqliteAccountStore(db, { clock }),
    dispose: async () => void db.close(),
  }
})

accountStoreContract('postgres', async (clock) => {
  postgres ??= startPostgresServer()
  const url = await (await postgres).createDatabase()
  const one = await openPostgres(url, { answerTimeoutMs: 20_000 })
  const two = await openPostgres(url, { answerTimeoutMs: 20_000 })
  return {
    store: postgresAccountStore(one, { clock }),
    other: postgresAccountStore(two, { clock }),
    dispose: async () => {
      await one.close()
      await two.close()
    },
  }
})
