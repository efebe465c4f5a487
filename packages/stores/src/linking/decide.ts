import { type Instant, invariant } from '@latchkey/domain/kernel'
import type {
  LinkingDecide,
  LinkingKey,
  LinkingKind,
  LinkingOperation,
  LinkingRecords,
  LinkingView,
} from '@latchkey/domain/linking/ports'

/** Reads one record as it stands inside the running transaction. */
export type ReadLinking = <K extends LinkingKind>(kind: K, id: string) => LinkingRecords[K] | undefined

/** One row of credentials as it is kept. */
export interface SealedRow {
  readonly kind: string
  readonly name: string
  readonly sealed: Uint8Array
}

/** Runs a decision on the records it named, and on no others. */
export function decideLinking<Answer>(
  read: ReadLinking,
  { keys, decide }: LinkingOperation<Answer>,
  now: Instant,
): ReturnType<LinkingDecide<Answer>> {
  const named = new Set(keys.map(linkingName))
  const view: LinkingView = {
    get: (kind, id) => {
      invariant(named.has(linkingName({ kind, id })), `a decision read ${kind} without naming it`)
      return read(kind, id)
    },
  }
  return decide(view, now)
}

/** A record's name as one string: kinds hold no colon, so the first one ends the kind. */
export const linkingName = ({ kind, id }: LinkingKey): string => `${kind}:${id}`
