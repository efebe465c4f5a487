import type { AccountSessionId } from '@latchkey/domain/accounts/account'
import type { AccountStore, CredentialShelf } from '@latchkey/domain/accounts/ports'
import type { CredentialSeal } from './credential-seal.ts'

/** A write came from a broker instance that no longer has the session. */
export class LeaseLost extends Error {
  constructor() {
    super('another broker has taken this session over')
    this.name = 'LeaseLost'
  }
}

/** One session's credentials: opened when read, sealed and fenced by the lease's epoch when written. */
export function sealedShelf(parts: {
  readonly store: AccountStore
  readonly seal: CredentialSeal
  readonly sessionId: AccountSessionId
  readonly epoch: () => number
  /** told how long each write took, milliseconds */
  readonly onWritten: (tookMs: number) => void
}): CredentialShelf {
  const { store, seal, sessionId, epoch } = parts
  const placeOf = (kind: string, name: string) => [sessionId, kind, name]
  return {
    async read(kind, names) {
      const rows = await store.readCredentials(sessionId, { kind, names })
      return new Map(rows.map((row) => [row.name, seal.open(placeOf(kind, row.name), row.sealed)]))
    },
    async write(rows) {
      const startedAt = performance.now()
      const sealed = rows.map(({ kind, name, text }) => ({
        kind,
        name,
        sealed: text === null ? null : seal.seal(placeOf(kind, name), text),
      }))
      if (!(await store.writeCredentials(sessionId, epoch(), sealed))) throw new LeaseLost()
      parts.onWritten(performance.now() - startedAt)
    },
  }
}

/**
 * Seals every row of a session with the key in use now; answers with how many were sealed with an older one. Rejects when a row
 * cannot be opened, and then has written nothing.
 */
export async function reseal(
  store: AccountStore,
  seal: CredentialSeal,
  sessionId: AccountSessionId,
  epoch: number,
): Promise<number> {
  const old = (await store.readCredentials(sessionId, 'all')).filter(({ sealed }) => !seal.isCurrent(sealed))
  if (old.length === 0) return 0
  const rows = old.map(({ kind, name, sealed }) => {
    const place = [sessionId, kind, name]
    return { kind, name, sealed: seal.seal(place, seal.open(place, sealed)) }
  })
  if (!(await store.writeCredentials(sessionId, epoch, rows))) throw new LeaseLost()
  return old.length
}
