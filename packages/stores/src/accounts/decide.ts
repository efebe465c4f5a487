import type {
  AccountDecide,
  AccountKey,
  AccountKind,
  AccountOperation,
  AccountRecords,
  AccountView,
} from '@latchkey/domain/accounts/ports'
import { type Instant, invariant } from '@latchkey/domain/kernel'

/** Reads one record as it stands inside the running transaction. */
export type ReadAccounts = <K extends AccountKind>(kind: K, id: string) => AccountRecords[K] | undefined

/** One row of credentials as it is kept. */
export interface SealedRow {
  readonly kind: string
  readonly name: string
  readonly sealed: Uint8Array
}

/** Runs a decision on the records it named, and on no others. */
export function decideAccounts<Answer>(
  read: ReadAccounts,
  { keys, decide }: AccountOperation<Answer>,
  now: Instant,
): ReturnType<AccountDecide<Answer>> {
  const named = new Set(keys.map(accountKeyName))
  const view: AccountView = {
    get: (kind, id) => {
      invariant(named.has(accountKeyName({ kind, id })), `a decision read ${kind} without naming it`)
      return read(kind, id)
    },
  }
  return decide(view, now)
}

/** A record's name as one string: kinds hold no colon, so the first one ends the kind. */
export const accountKeyName = ({ kind, id }: AccountKey): string => `${kind}:${id}`
