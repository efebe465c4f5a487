import { DatabaseError, Pool, type PoolClient } from 'pg'
import { StoreUnavailable } from '../store-unavailable.ts'
import { whenLate } from '../when-late.ts'
import { migrate, migrations } from './migrate.ts'
import type { Query, Statement, Within } from './query.ts'
import { demandRights, mayNotMigrate } from './rights.ts'

/** An open database: a bounded pool of connections that fails fast. All rejections are StoreUnavailable. */
export interface PostgresDatabase {
  /** how long a call may take before its caller is told that the store is away */
  readonly answerTimeoutMs: number
  readonly query: Query
  /**
   * Runs `work` in one SQL transaction on one connection: committed when it resolves, rolled back when it rejects. What
   * `work` itself throws passes as it is. READ COMMITTED: lock what you decide on.
   */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** Writes one row anew: resolves when the server takes writes, and is neither a standby nor full. */
  write(): Promise<void>
  /** Waits for running calls, and refuses all later ones. */
  close(): Promise<void>
}

export interface PostgresOptions {
  /** connections at once, from this process */
  readonly connectionsMax?: number
  /** how long a connection may take to open, and a statement to be answered, before the caller is told that the store is away */
  readonly answerTimeoutMs?: number
}

/** A handful keeps one server's default hundred enough for ten brokers. */
const CONNECTIONS_MAX = 8

/** As for Redis: a person waits, and a server that has not answered by then hangs. */
const ANSWER_TIMEOUT_MS = 500

/** The pool ends its own waiting after so many times that: its callers are told before, by `inTime`. */
const GIVEN_UP_AFTER = 4

/** For statements that read whole tables: only their own caller waits. */
export const LONG: Within = { timeoutMs: 5_000 }

/** What the server itself ends, so that nothing that we gave up goes on there for long. */
const TIMEOUTS = {
  statement_timeout: 5_000,
  lock_timeout: 2_000,
  idle_in_transaction_session_timeout: 10_000,
}

/** Behind a pooler they are said in each transaction, and end with it. */
const BEGIN_POOLED = [
  'BEGIN',
  ...Object.entries(TIMEOUTS).map(([name, ms]) => `SET LOCAL ${name} = ${ms}`),
].join('; ')

/** The oldest that its makers still mended when this was written; `hashtextextended` and advisory locks are older. */
const SERVER_VERSION_MIN = 130_000

/**
 * Opens the database and brings its schema up to date, whichever of several brokers comes first. Rejects with
 * StoreUnavailable: unreachable, too old, not UTF-8, of a newer release.
 * @param url `postgres://user:password@host:port/database?sslmode=…`
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<PostgresDatabase> {
  const answerTimeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS
  const database = await connectTo(url, { ...options, answerTimeoutMs })
  try {
    await checkServer(database.query)
    await bringUpToDate(database)
    await demandRights(database.query)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

type Timed = PostgresOptions & { readonly answerTimeoutMs: number }

/**
 * Straight to the server, or through a pooler that gives each transaction another connection (PgBouncer): nothing may be left
 * there for later then, neither a prepared statement nor a setting.
 */
async function connectTo(url: string, options: Timed): Promise<PostgresDatabase> {
  const { answerTimeoutMs } = options
  const pool = poolOf(url, options, TIMEOUTS)
  const reached = await lookAtWay(pool)
  if (reached === 'server') return over(pool, answerTimeoutMs, false)
  if (reached === 'pooler') return over(pool, answerTimeoutMs, true)
  await pool.end()
  if (reached === 'pooler-without-settings') return over(poolOf(url, options, {}), answerTimeoutMs, true)
  throw unavailable(reached.failure)
}

type Way = 'server' | 'pooler' | 'pooler-without-settings' | { readonly failure: unknown }

/** A pooler makes up the number of the process that serves a connection, and may refuse settings that come with one. */
async function lookAtWay(pool: Pool): Promise<Way> {
  let client: PoolClient | null = null
  try {
    client = await pool.connect()
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const told = 'processID' in client ? client.processID : rows[0]?.pid
    client.release()
    return told === rows[0]?.pid ? 'server' : 'pooler'
  } catch (error) {
    client?.release(true)
    const told = error instanceof Error ? error.message : ''
    return /unsupported startup parameter/.test(told) ? 'pooler-without-settings' : { failure: error }
  }
}

function poolOf(
  url: string,
  { connectionsMax, answerTimeoutMs }: Timed,
  timeouts: Partial<typeof TIMEOUTS>,
): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'latchkey',
    max: connectionsMax ?? CONNECTIONS_MAX,
    connectionTimeoutMillis: GIVEN_UP_AFTER * answerTimeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...timeouts,
  })
  // An idle connection that breaks is replaced at the next call; without a listener it would end the process.
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  return pool
}

async function bringUpToDate(database: PostgresDatabase): Promise<void> {
  try {
    await database.transaction((query) => migrate(query, migrations))
  } catch (error) {
    if (error instanceof StoreUnavailable && isDenied(error.cause)) throw await mayNotMigrate(database.query)
    throw error
  }
}

const isDenied = (error: unknown): boolean => error instanceof DatabaseError && error.code === '42501'

/** @param isPooled whether the connection is another one in each transaction */
function over(pool: Pool, answerTimeoutMs: number, isPooled: boolean): PostgresDatabase {
  let open = true
  const take = async (): Promise<PoolClient> => {
    if (!open) throw new StoreUnavailable('it has been closed')
    const taken = pool.connect()
    return inTime(taken, answerTimeoutMs, () => void taken.then((client) => client.release(), ignore))
  }
  const on =
    (client: PoolClient): Query =>
    async <Row extends object>({ name, text, values = [] }: Statement, within?: Within) => {
      const asked = { text, values: [...values] }
      const answered = client.query<Row>(name === undefined || isPooled ? asked : { ...asked, name })
      const { rows } = await inTime(answered, within?.timeoutMs ?? answerTimeoutMs)
      return rows
    }
  return {
    answerTimeoutMs,
    async query(statement, within) {
      let client: PoolClient | null = null
      try {
        client = await take()
        const rows = await on(client)<never>(statement, within)
        client.release()
        return rows
      } catch (error) {
        client?.release(isAnswered(error) ? undefined : true)
        throw unavailable(error)
      }
    },
    async transaction(work) {
      let client: PoolClient | null = null
      const told = { thrown: null as unknown }
      try {
        client = await take()
        const query = on(client)
        await query({ text: isPooled ? BEGIN_POOLED : 'BEGIN' })
        const result = await work((statement, within) =>
          query<never>(statement, within).catch((error: unknown) => {
            throw unavailable(error)
          }),
        ).catch((error: unknown) => {
          told.thrown = error
          throw error
        })
        await query({ text: 'COMMIT' })
        client.release()
        return result
      } catch (error) {
        // Closing the connection rolls back, whatever state it is in.
        client?.release(true)
        throw told.thrown === null ? unavailable(error) : error
      }
    },
    async write() {
      await this.query({ text: 'UPDATE latchkey_migrations SET name = name WHERE number = 1' })
    },
    async close() {
      if (!open) return
      open = false
      await pool.end()
    },
  }
}

/**
 * The same promise, which rejects after `ms` with what `unavailable` takes for a late answer. The connection of a late answer has to be closed.
 * @param onLate once it has rejected so
 */
function inTime<T>(promise: Promise<T>, ms: number, onLate: () => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const came = whenLate(ms, () => {
      reject(new Error('timeout'))
      onLate()
    })
    promise.then(resolve, reject).finally(came)
  })
}

const ignore = (): void => {}

/** The server refused the statement, so the connection itself is sound. */
const isAnswered = (error: unknown): boolean => error instanceof DatabaseError && error.severity === 'ERROR'

async function checkServer(query: Query): Promise<void> {
  const [row] = await query<{ version: string; encoding: string }>({
    text: `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding`,
  })
  if (Number(row?.version) < SERVER_VERSION_MIN) {
    throw new StoreUnavailable(`PostgreSQL ${SERVER_VERSION_MIN / 10_000} or newer is needed`)
  }
  if (row?.encoding !== 'UTF8') throw new StoreUnavailable(`the database is in ${row?.encoding}, not in UTF8`)
}

/** What an operator reads, by SQLSTATE or by the socket's own code. */
const REASONS: Readonly<Record<string, string>> = {
  '25006': 'the database may only be read (a standby?)',
  '28000': 'it does not let this user in',
  '28P01': 'it does not let this user in',
  '3D000': 'there is no such database',
  '42501': 'this user may not do that here: it should own the database',
  '53100': 'the disk is full',
  '53200': 'it is out of memory',
  '53300': 'it has no connection left',
  '55P03': 'another process holds what is needed',
  '57014': 'it took too long',
  '57P01': 'it is shutting down',
  '57P02': 'it is shutting down',
  '57P03': 'it is starting or shutting down',
  ECONNREFUSED: 'it cannot be reached',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ENOTFOUND: 'its name is not known',
  ETIMEDOUT: 'it cannot be reached',
}

/** The connection is gone, so another one may do better. */
const LOST = new Set(['57P01', '57P02', 'ECONNRESET', 'EPIPE'])

/** A race was lost to somebody else's transaction: the same one may be tried again. */
const RACES = new Set(['40001', '40P01'])

/** Somebody else's transaction came between; nothing was written, and the same one may be tried again. */
export class RaceLost extends StoreUnavailable {
  constructor(cause: unknown) {
    super('a race was lost', cause)
    this.name = 'RaceLost'
  }
}

/** The connection went, or never came: whether the server did what it was asked is unknown. */
export class ConnectionLost extends StoreUnavailable {
  constructor(why: string, cause: unknown) {
    super(why, cause, 'unknown')
    this.name = 'ConnectionLost'
  }
}

/** The driver's errors in the words of the port; a StoreUnavailable passes as it is. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const told = error instanceof Error ? error.message : String(error)
  if (RACES.has(code)) return new RaceLost(error)
  const reason = REASONS[code]
  if (LOST.has(code)) return new ConnectionLost(reason ?? told, error)
  if (reason !== undefined) return new StoreUnavailable(reason, error)
  // pg names neither of these by a code.
  if (/timeout/i.test(told)) return new StoreUnavailable('it did not answer in time', error, 'unknown')
  if (/terminated|closed|not queryable/i.test(told))
    return new ConnectionLost('the connection was lost', error)
  return new StoreUnavailable(code === '' ? told : `${told} (${code})`, error)
}
