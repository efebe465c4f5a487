import type { Instant } from '@latchkey/domain/kernel'
import type { Decide, Key, RecordKind, Write } from '@latchkey/domain/runner-pairing/ports'
import { type Read, settle } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import type { Command, Transaction } from './commit.ts'
import type { Before } from './founding-keys.ts'
import type { KnownRecords } from './known-records.ts'
import { ABSENT, redisKey, versionIn } from './record-text.ts'
import { historyCommands, RENEWED_EVERY_MS, runnerRenewals, writeCommands } from './write-commands.ts'

/** A transaction somebody waits for. */
export interface Job {
  /** Decides by what is known. To be done again when what was known turns out to be old. */
  prepare(by: DecideBy): Prepared
  fail(problem: StoreUnavailable): void
  /** how often it was decided by what was old */
  lost: number
}

export interface DecideBy {
  readonly records: KnownRecords
  readonly now: Instant
  readonly nextVersion: () => string
  readonly historyKept: number
}

export interface Prepared {
  readonly transaction: Transaction
  /** the records that were read, by their keys in Redis */
  readonly read: ReadonlyMap<string, Key>
  readonly written: readonly Key[]
  /** Knows again what was read before it was written over: the server refused the transaction for the sake of other records. */
  readonly putBack: () => void
  /** Tells the caller, once the server has committed it. */
  readonly tell: () => void
}

export function jobOf<Answer>(
  keys: readonly Key[],
  decide: Decide<Answer>,
  resolve: (answer: Answer) => void,
  reject: (problem: unknown) => void,
): Job {
  return {
    lost: 0,
    fail: reject,
    prepare: ({ records, now, nextVersion, historyKept }) => {
      const looked = new Look(records)
      const decided = attempt(() => settle(looked.read, keys, decide, now))
      // Thrown by what may be old: it counts only once the server says that it is not.
      if ('thrown' in decided) return looked.prepared([], [], () => reject(decided.thrown))
      const { writes, history = [], answer } = decided.value
      const renewed = looked.renewals(now)
      const { commands, texts } = writeCommands(writes, looked.before, now, nextVersion)
      for (const write of writes) remember(records, write, texts.get(write), now)
      const all = [...renewed, ...commands, ...historyCommands(history, historyKept)]
      return looked.prepared(all, writes, () => resolve(answer))
    },
  }
}

/** What one decision looks at, and with which versions. */
class Look {
  readonly #versions = new Map<string, string>()
  readonly #keys = new Map<string, Key>()
  readonly #putBack = new Map<string, () => void>()
  readonly #records: KnownRecords

  constructor(records: KnownRecords) {
    this.#records = records
  }

  /** What is not known is taken for absent, which a new code and a clean budget are; the server knows better if it is not. */
  readonly read: Read = (kind, id) => {
    const known = this.#records.get(kind, id)
    const name = redisKey({ kind, id })
    this.#versions.set(name, known?.version ?? ABSENT)
    this.#keys.set(name, { kind, id })
    if (known) this.#putBack.set(name, () => this.#records.set(kind, id, known))
    if (known?.newer) throw new StoreUnavailable('a record was written by a newer release')
    return known?.value
  }

  readonly before: Before = (kind, id) => {
    const seen = this.#keys.has(redisKey({ kind, id }))
    const known = seen ? this.#records.get(kind, id) : undefined
    return { seen, value: known?.value, version: known?.version ?? ABSENT }
  }

  /** Runners that are looked at are in use: they shall not run out, nor what is kept for them. */
  renewals(now: Instant): readonly Command[] {
    return [...this.#keys.values()].flatMap(({ kind, id }) => {
      const known = kind === 'runner' ? this.#records.get(kind, id) : undefined
      if (!known?.value || (known.renewedAtMs !== null && now - known.renewedAtMs < RENEWED_EVERY_MS))
        return []
      known.renewedAtMs = now
      return runnerRenewals(known.value)
    })
  }

  prepared(commands: readonly Command[], writes: readonly Write[], tell: () => void): Prepared {
    const written = writes.map((write) => ({ kind: kindOf(write), id: write.id }))
    return {
      transaction: { reads: this.#versions, commands },
      read: this.#keys,
      written,
      putBack: () => {
        for (const key of written) this.#putBack.get(redisKey(key))?.()
      },
      tell,
    }
  }
}

/** What was decided is known from now on, before the server has heard of it: the next decision builds upon it. */
function remember(records: KnownRecords, write: Write, text: string | undefined, now: Instant): void {
  if ('drop' in write || text === undefined) return records.forget(kindOf(write), write.id)
  keep(records, write, text, now)
}

function keep<K extends RecordKind>(
  records: KnownRecords,
  write: {
    readonly put: K
    readonly id: string
    readonly value: Parameters<typeof records.set<K>>[2]['value']
  },
  text: string,
  now: Instant,
): void {
  const { put, id, value } = write
  records.set(put, id, {
    value,
    newer: false,
    version: versionIn(text),
    chars: text.length,
    renewedAtMs: now,
  })
}

const kindOf = (write: Write): RecordKind => ('drop' in write ? write.drop : write.put)

function attempt<T>(run: () => T): { readonly value: T } | { readonly thrown: unknown } {
  try {
    return { value: run() }
  } catch (thrown) {
    return { thrown }
  }
}
