import type { HistoryEntry, HistoryQuery } from '@latchkey/domain/audit/history'
import { AUDIT_KEPT_MAX } from '@latchkey/domain/audit/history'
import type { AppSession } from '@latchkey/domain/runner-pairing/records'
import { LONG, type PostgresDatabase } from '../postgres/database.ts'
import { audit, forgetAudit, idText } from '../postgres/pairing.sql.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type Facts, isEmpty, pairingName, type RegistryRow } from './facts.ts'
import * as sql from './registry.sql.ts'

/** The facts that must outlive the fast store, in PostgreSQL. */
export interface PostgresRegistry {
  /** The runner's row, or null where there is none. */
  lookUp(runnerId: string): Promise<RegistryRow | null>
  /**
   * Keeps the facts of one transaction, all or none. Answers null when they are kept; else nothing is kept, and it
   * answers with the rows of the runners of which the registry knows something newer. With `mayWait` an unreachable
   * registry delays no caller: the facts are remembered here and kept when it is back.
   */
  record(id: string, facts: Facts, mayWait: boolean): Promise<ReadonlyMap<string, RegistryRow> | null>
  /** Takes back the audit of a transaction that did not come true; not when it may have, after `error`. Never rejects. */
  withdraw(id: string, recorded: Facts | null, error: unknown): Promise<void>
  /** Whether this very pairing was undone, as far as this process knows: from others it hears within seconds. */
  readonly isRevoked: (session: AppSession) => boolean
  audit(query: HistoryQuery): Promise<readonly HistoryEntry[]>
  /** Keeps the facts that had to wait, and drops unused ones. Never rejects. */
  sweep(): Promise<void>
  close(): Promise<void>
}

export interface PostgresRegistryOptions {
  /** how often other brokers' revocations are asked for */
  readonly heardEveryMs?: number
}

/** A fail-over takes longer than this, and what it brings back is known by then. */
const HEARD_EVERY_MS = 2_000

/** Numbers are given out before they are committed, so one that is a little lower may come later. */
const HEARD_AGAIN = 1_000

/** The newest revocations are known to each process; a fast store that is behind by more has lost weeks, not seconds. */
const REVOKED_KNOWN_MAX = 100_000

/** A pairing that was unused for 30 days is over anyway, so an older revocation says nothing. */
const REVOKED_KEPT_MS = 31 * 24 * 60 * 60 * 1_000

/** A runner without a key cannot come back to anything by then: its pairings ended 30 days after their last use. */
const NAMELESS_KEPT_MS = 90 * 24 * 60 * 60 * 1_000

/** What waits for a registry that is away; beyond it the oldest are given up, which loses notes, never access. */
const WAITING_MAX = 10_000

/** Opens the registry, knowing all that was revoked. `close` closes the database too. */
export async function postgresRegistry(
  db: PostgresDatabase,
  options: PostgresRegistryOptions = {},
): Promise<PostgresRegistry> {
  const revoked = new Set<string>()
  let heardUpTo = 0
  let waiting: Array<{ readonly id: string; readonly facts: Facts }> = []

  const know = (pairing: string): void => {
    revoked.add(pairing)
    if (revoked.size <= REVOKED_KNOWN_MAX) return
    const [oldest] = revoked
    if (oldest !== undefined) revoked.delete(oldest)
  }

  const hear = async (): Promise<void> => {
    const rows = await db.query<sql.RevokedRow>(sql.revokedAfter(heardUpTo - HEARD_AGAIN, REVOKED_KNOWN_MAX))
    for (const { seq, pairing } of rows) {
      know(pairing)
      heardUpTo = Math.max(heardUpTo, Number(seq))
    }
  }

  const keep = async (id: string, facts: Facts): Promise<ReadonlyMap<string, RegistryRow> | null> => {
    const rows = await db.query<sql.BehindRow>(sql.record(id, facts))
    if (rows.length > 0) {
      const ids = new Map(facts.runners.map(({ runnerId }) => [idText(runnerId), runnerId]))
      return new Map(rows.map((row) => [ids.get(row.runner_id) ?? row.runner_id, sql.rowOf(row)]))
    }
    for (const { pairing } of facts.revoked) know(pairing)
    for (const pairing of facts.restored) revoked.delete(pairing)
    return null
  }

  const keepWaiting = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const kept = next
      // A registry that is ahead knows more than what waited.
      await keep(kept.id, kept.facts)
      // By itself: meanwhile it may have been withdrawn, or given up for newer ones, and another one is the first.
      waiting = waiting.filter((one) => one !== kept)
    }
  }

  await hear()
  const hearing = setInterval(() => void hear().catch(ignore), options.heardEveryMs ?? HEARD_EVERY_MS)
  hearing.unref()

  return {
    isRevoked: (session) => revoked.has(pairingName(session)),
    async lookUp(runnerId) {
      const [row] = await db.query<sql.BehindRow>(sql.lookUp(runnerId))
      return row ? sql.rowOf(row) : null
    },
    async record(id, facts, mayWait) {
      try {
        return await keep(id, facts)
      } catch (error) {
        if (!mayWait) throw error
        waiting = [...waiting.slice(-WAITING_MAX + 1), { id, facts }]
        return null
      }
    },
    async withdraw(id, recorded, error) {
      const mayBeTrue = error instanceof StoreUnavailable && error.outcome === 'unknown'
      if (recorded === null || isEmpty(recorded) || mayBeTrue) return
      waiting = waiting.filter((one) => one.id !== id)
      if (recorded.audit.length > 0) await db.query(sql.withdraw(id)).catch(ignore)
    },
    async audit(query) {
      const rows = await db.query<{ entry: string }>(audit(query), LONG)
      return rows.map(({ entry }): HistoryEntry => JSON.parse(entry))
    },
    async sweep() {
      try {
        await keepWaiting()
        await db.query(sql.forgetRevoked(REVOKED_KEPT_MS), LONG)
        await db.query(sql.forgetRunners(NAMELESS_KEPT_MS), LONG)
        await db.query(forgetAudit(AUDIT_KEPT_MAX), LONG)
      } catch (error) {
        ignore(error)
      }
    },
    async close() {
      clearInterval(hearing)
      await keepWaiting().catch(ignore)
      await db.close()
    },
  }
}

/** The registry is away: it is asked again, and those who need it now are told by their own calls. */
const ignore = (_error: unknown): void => {}
