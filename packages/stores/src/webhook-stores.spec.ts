import { webhookStoreContract } from './contract/webhook-store.contract.ts'
import { postgresConversations } from './postgres/conversations.ts'
import { openPostgres } from './postgres/database.ts'
import { sqliteConversations } from './sqlite/conversations.ts'
import { openSqlite } from './sqlite/database.ts'
import { type PostgresServer, startPostgresServer } from './testing/postgres-server.ts'
import { webhookStore } from './webhooks/webhook-sql.ts'

let postgres: Promise<PostgresServer> | null = null

webhookStoreContract('sqlite', async (clock) => {
  const db = await openSqlite(':memory:')
  return {
    store: webhookStore(sqliteConversations(db, { clock })),
    other: webhookStore(sqliteConversations(db, { clock })),
    dispose: async () => void db.close(),
  }
})

webhookStoreContract('postgres', async (clock) => {
  postgres ??= startPostgresServer()
  const url = await (await postgres).createDatabase()
  const one = await openPostgres(url, { answerTimeoutMs: 20_000 })
  const two = await openPostgres(url, { answerTimeoutMs: 20_000 })
  const storeOn = (db: typeof one) =>
    webhookStore(postgresConversations(db, { lock: 'latchkey webhooks', clock }))
  return {
    store: storeOn(one),
    other: storeOn(two),
    dispose: async () => {
      await one.close()
      await two.close()
    },
  }
})
