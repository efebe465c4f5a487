import { mayWrite } from '@latchkey/domain/accounts/lease'
import type {
  AccountKey,
  AccountKind,
  AccountRecords,
  AccountStore,
  AccountWrite,
  CredentialRow,
} from '@latchkey/domain/accounts/ports'
import type { AccountRecord } from '@latchkey/domain/accounts/records'
import { type Instant, instant, invariant } from '@latchkey/domain/kernel'
import { accountKeyName, decideAccounts, type SealedRow } from '../accounts/decide.ts'
import type { PostgresDatabase } from './database.ts'
import type { Query } from './query.ts'

/** The server's own time, and a lock on each record by the hash of its name: one that is not there cannot be locked. */
const LOCK = `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS now
  FROM (SELECT pg_advisory_xact_lock(hash) FROM (
    SELECT DISTINCT hashtextextended('linking ' || name, 0) AS hash FROM unnest($1::text[]) AS n (name) ORDER BY hash
  ) AS wanted) AS locked`

/**
 * Keeps sessions and sealed credentials in PostgreSQL, for any number of brokers. Time is the server's. The database stays open
 * when this store is done with.
 */
export function postgresAccountStore(
  db: PostgresDatabase,
  {
    clock,
  }: { /** instead of the server's clock: for tests that set the time */ readonly clock?: () => number } = {},
): AccountStore {
  /** Runs `work` under a lock of the named records. */
  const alone = <T>(keys: readonly AccountKey[], work: (query: Query, now: Instant) => Promise<T>) =>
    db.transaction(async (query) => {
      const [moment] = await query<{ readonly now: string }>({
        text: LOCK,
        values: [keys.map(accountKeyName)],
      })
      invariant(moment, 'a lock answers with the moment')
      return work(query, instant(Math.floor(clock?.() ?? Number(moment.now))))
    })

  return {
    run: (operation) =>
      alone(operation.keys, async (query, now) => {
        const found = await readRecords(query, operation.keys)
        const read = <K extends AccountKind>(kind: K, id: string) => found.get<K>({ kind, id })
        const { writes, answer } = decideAccounts(read, operation, now)
        for (const write of writes) await apply(query, write)
        return answer
      }),
    async sessions() {
      const rows = await db.query<{ readonly value: string }>({
        text: "SELECT value FROM linking_records WHERE kind = 'session'",
      })
      return rows.map(({ value }): AccountRecord => JSON.parse(value))
    },
    async page({ after, limit }) {
      const rows = await db.query<{ readonly value: string }>({
        text: "SELECT value FROM linking_records WHERE kind = 'session' AND id > $1 ORDER BY id LIMIT $2",
        values: [after ?? '', limit],
      })
      return rows.map(({ value }): AccountRecord => JSON.parse(value))
    },
    writeCredentials: (sessionId, epoch, rows, { replace = false } = {}) => {
      const key: AccountKey<'session'> = { kind: 'session', id: sessionId }
      return alone([key], async (query) => {
        const found = await readRecords(query, [key])
        if (!mayWrite(found.get<'session'>(key)?.lease ?? null, epoch)) return false
        if (replace)
          await query({ text: 'DELETE FROM linking_credentials WHERE session_id = $1', values: [sessionId] })
        await writeRows(query, sessionId, rows)
        return true
      })
    },
    readCredentials: (sessionId, wanted) =>
      wanted === 'all'
        ? db.query<SealedRow>({
            text: 'SELECT kind, name, sealed FROM linking_credentials WHERE session_id = $1',
            values: [sessionId],
          })
        : db.query<SealedRow>({
            text: `SELECT kind, name, sealed FROM linking_credentials
              WHERE session_id = $1 AND kind = $2 AND name = ANY ($3::text[])`,
            values: [sessionId, wanted.kind, wanted.names],
          }),
    async sweep() {
      const now = clock?.() ?? null
      const rows = await db.query<{ readonly id: string }>({
        text: `DELETE FROM linking_records
          WHERE sweep_at <= coalesce($1::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) RETURNING id`,
        values: [now === null ? null : Math.floor(now)],
      })
      return rows.length
    },
  }
}

/** Records as they were read together. */
interface Found {
  get<K extends AccountKind>(key: AccountKey<K>): AccountRecords[K] | undefined
}

async function readRecords(query: Query, keys: readonly AccountKey[]): Promise<Found> {
  const rows = await query<{ readonly kind: string; readonly id: string; readonly value: string }>({
    text: `SELECT kind, id, value FROM linking_records
      JOIN unnest($1::text[], $2::text[]) AS w (kind, id) USING (kind, id)`,
    values: [keys.map(({ kind }) => kind), keys.map(({ id }) => id)],
  })
  const texts = new Map(rows.map(({ kind, id, value }) => [`${kind}:${id}`, value]))
  return {
    get: (key) => {
      const text = texts.get(accountKeyName(key))
      // Written by this store alone, from values of the port's types.
      return text === undefined ? undefined : JSON.parse(text)
    },
  }
}

async function apply(query: Query, write: AccountWrite): Promise<void> {
  if ('drop' in write)
    await query({
      text: 'DELETE FROM linking_records WHERE kind = $1 AND id = $2',
      values: [write.drop, write.id],
    })
  else
    await query({
      text: `INSERT INTO linking_records (kind, id, value, sweep_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value, sweep_at = excluded.sweep_at`,
      values: [write.put, write.id, JSON.stringify(write.value), write.sweepAt],
    })
}

/** Two statements for any number of rows: the first login writes eight hundred. */
async function writeRows(query: Query, sessionId: string, rows: readonly CredentialRow[]): Promise<void> {
  const kept = rows.filter(({ sealed }) => sealed !== null)
  const dropped = rows.filter(({ sealed }) => sealed === null)
  if (dropped.length > 0)
    await query({
      text: `DELETE FROM linking_credentials AS c USING unnest($2::text[], $3::text[]) AS d (kind, name)
        WHERE c.session_id = $1 AND c.kind = d.kind AND c.name = d.name`,
      values: [sessionId, dropped.map(({ kind }) => kind), dropped.map(({ name }) => name)],
    })
  if (kept.length > 0)
    await query({
      text: `INSERT INTO linking_credentials (session_id, kind, name, sealed)
        SELECT $1, kind, name, sealed FROM unnest($2::text[], $3::text[], $4::bytea[]) AS k (kind, name, sealed)
        ON CONFLICT (session_id, kind, name) DO UPDATE SET sealed = excluded.sealed`,
      values: [
        sessionId,
        kept.map(({ kind }) => kind),
        kept.map(({ name }) => name),
        kept.map(({ sealed }) => Buffer.from(sealed ?? [])),
      ],
    })
}
