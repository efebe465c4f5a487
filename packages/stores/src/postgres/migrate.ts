import { type Migration, newerSchema } from '../migration.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { pairing0001 } from './migrations/0001-pairing.ts'
import { devicePairing0002 } from './migrations/0002-device-pairing.ts'
import { linking0003 } from './migrations/0003-linking.ts'
import { firstNode0004 } from './migrations/0004-first-node.ts'
import { apiKeys0005 } from './migrations/0005-api-keys.ts'
import { webhooks0006 } from './migrations/0006-webhooks.ts'
import { joinKeys0007 } from './migrations/0007-join-keys.ts'
import type { Query } from './query.ts'

/** In the order of their numbers, without a gap. */
export const migrations: readonly Migration[] = [
  pairing0001,
  devicePairing0002,
  linking0003,
  firstNode0004,
  apiKeys0005,
  webhooks0006,
  joinKeys0007,
]

/** Names the lock that lets one broker migrate at a time: "latchkey" as the number its eight bytes make. */
const MIGRATION_LOCK = '0x6c617463686b6579'

/** A big table may take a while to change, and the brokers that came second wait for the first. */
const MIGRATION_TIMEOUT_MS = 60_000

/**
 * Runs the missing steps inside the caller's transaction, all or none: brokers that start together do it once. A schema of a
 * newer release is refused and left alone.
 */
export async function migrate(query: Query, steps: readonly Migration[]): Promise<void> {
  const run = (text: string, values: readonly unknown[] = []) =>
    query<{ done: number | null }>({ text, values }, { timeoutMs: MIGRATION_TIMEOUT_MS })
  await run(`SET LOCAL statement_timeout = ${MIGRATION_TIMEOUT_MS}`)
  await run(`SET LOCAL lock_timeout = ${MIGRATION_TIMEOUT_MS}`)
  await run('SELECT pg_advisory_xact_lock($1)', [BigInt(MIGRATION_LOCK).toString()])
  // Even where the table exists, this statement needs the right to make tables, which a broker’s user may lack.
  const [known] = await query<{ exists: boolean }>({
    text: `SELECT to_regclass('latchkey_migrations') IS NOT NULL AS exists`,
  })
  if (known?.exists !== true)
    await run(
      `CREATE TABLE IF NOT EXISTS latchkey_migrations (
         number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
       )`,
    )
  const [row] = await run('SELECT max(number) AS done FROM latchkey_migrations')
  const done = row?.done ?? 0
  const newest = steps.at(-1)?.number ?? 0
  if (done > newest) {
    throw new StoreUnavailable(newerSchema(done, newest))
  }
  for (const step of steps.filter(({ number }) => number > done)) {
    await run(step.sql)
    await run('INSERT INTO latchkey_migrations (number, name) VALUES ($1, $2)', [step.number, step.name])
  }
}
