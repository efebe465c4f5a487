import { type Instant, instant, invariant } from '@latchkey/domain/kernel'
import type {
  Key,
  Operation,
  Outcome,
  RecordKind,
  Records,
  View,
} from '@latchkey/domain/runner-pairing/ports'

/** Reads one record as it stands inside the running transaction. */
export type Read = <K extends RecordKind>(kind: K, id: string) => Records[K] | undefined

/** What a decision came to, all it asked for having been read. */
export type Settled<Answer> = Exclude<Outcome<Answer>, { readonly need: readonly Key[] }>

/** A decision came to records that have not been read yet: read them, and run it again. */
export interface Lacking {
  readonly lacks: readonly Key[]
}

/** Whether a record has been read, so that `Read` may be asked for it. */
export type Loaded = (key: Key) => boolean

/** A decision that asks for more this often goes in circles. */
const ROUNDS_MAX = 16

/** Runs a decision, showing it the records it named and then those it asks for, until it knows what to write. */
export function settle<Answer>(read: Read, operation: Operation<Answer>, now: Instant): Settled<Answer> {
  const settled = settleFrom(read, () => true, operation, now)
  invariant(!('lacks' in settled), 'everything can be read')
  return settled
}

/** As `settle`, for a store that reads ahead of the decision: answers with what it lacks instead of reading it. */
export function settleFrom<Answer>(
  read: Read,
  loaded: Loaded,
  { keys, decide }: Operation<Answer>,
  now: Instant,
): Settled<Answer> | Lacking {
  const named = new Map(keys.map((key) => [nameOf(key), key]))
  const view: View = {
    has: (kind, id) => named.has(nameOf({ kind, id })),
    get: (kind, id) => {
      invariant(named.has(nameOf({ kind, id })), `a decision read ${kind} without naming it`)
      return read(kind, id)
    },
  }
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const lacks = [...named.values()].filter((key) => !loaded(key))
    if (lacks.length > 0) return { lacks }
    const outcome = decide(view, now)
    if (!('need' in outcome)) return outcome
    const before = named.size
    for (const key of outcome.need) named.set(nameOf(key), key)
    invariant(named.size > before, 'a decision asked for what it has been shown')
  }
  invariant(false, 'a decision kept asking for more')
}

/** What `run` answers, or what it throws. */
export function attempt<T>(run: () => T): { readonly value: T } | { readonly thrown: unknown } {
  try {
    return { value: run() }
  } catch (thrown) {
    return { thrown }
  }
}

/** A record's name as one string: kinds hold no colon, so the first one ends the kind. */
export const nameOf = ({ kind, id }: Key): string => `${kind}:${id}`

/** The store's time: the given clock in whole milliseconds, never running backwards. */
export function storeTime(clock: () => number): () => Instant {
  let latestMs = Number.NEGATIVE_INFINITY
  return () => {
    latestMs = Math.max(latestMs, Math.floor(clock()))
    return instant(latestMs)
  }
}
