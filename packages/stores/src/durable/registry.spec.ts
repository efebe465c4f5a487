import { instant } from '@latchkey/domain/kernel'
import { beforeAll, expect, test } from 'vitest'
import { openPostgres, type PostgresDatabase } from '../postgres/database.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type PostgresServer, startPostgresServer } from '../testing/postgres-server.ts'
import type { Facts } from './facts.ts'
import { postgresRegistry } from './registry.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})

const ended = (runnerId: string): Facts => ({
  runners: [{ runnerId, epoch: 1, gen: 1, genBefore: 0, publicKey: 'key', begins: false }],
  revoked: [{ pairing: `pairing of ${runnerId}`, at: instant(1_700_000_000_000) }],
  restored: [],
  audit: [],
})

/** A database on the way to which statements are refused, or wait. */
function onTheWay(db: PostgresDatabase) {
  const way = { isAway: false, opens: Promise.resolve() }
  const query: PostgresDatabase['query'] = async (statement, within) => {
    if (way.isAway) throw new StoreUnavailable('it cannot be reached')
    await way.opens
    return db.query(statement, within)
  }
  return { way, db: { ...db, query } }
}

test('an end that waits for the registry is kept, also when the one before it is taken back while it is being kept', async () => {
  const { way, db } = onTheWay(await openPostgres(await server.createDatabase()))
  const registry = await postgresRegistry(db)
  way.isAway = true
  for (const name of ['first', 'second']) expect(await registry.record(name, ended(name), true)).toBeNull()
  way.isAway = false
  let open = (): void => {}
  way.opens = new Promise((resolve) => {
    open = resolve
  })
  const sweeping = registry.sweep()
  await registry.withdraw('first', ended('first'), null)
  open()
  await sweeping
  expect(await registry.lookUp('second')).toEqual({ epoch: 1, gen: 1, publicKey: 'key' })
  await registry.close()
})
