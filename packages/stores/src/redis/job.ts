import type { Instant } from '@latchkey/domain/kernel'
import type { Key, Operation, RecordKind, Write } from '@latchkey/domain/runner-pairing/ports'
import { attempt, type Read, settle } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import type { Command } from './command.ts'
import type { Before } from './founding-keys.ts'
import type { Known, KnownRecords } from './known-records.ts'
import { ABSENT, redisKey } from './record-text.ts'
import type { Renewals } from './renewals.ts'
import { historyCommands, runnerRenewals, writeCommands } from './write-commands.ts'

/** A transaction somebody waits for. */
export interface Job {
  /** Decides on the known records. Repeated when one of them turns out to be old. */
  prepare(by: DecideBy): Prepared
  fail(problem: StoreUnavailable): void
  /** how often it was decided on old records */
  lost: number
}

export interface DecideBy {
  readonly records: KnownRecords
  readonly renewals: Renewals
  readonly now: Instant
  readonly nextVersion: () => string
  readonly historyKept: number
}

/** A record that a decision looked at, and as what. */
export interface Looked extends Key {
  readonly version: string
}

export interface Prepared {
  /** records that were read, by their key in Redis */
  readonly reads: ReadonlyMap<string, Looked>
  readonly commands: readonly Command[]
  readonly writes: readonly Write[]
  /** Tells the caller, once the server has committed it. */
  readonly tell: () => void
}

export function jobOf<Answer>(
  operation: Operation<Answer>,
  resolve: (answer: Answer) => void,
  reject: (problem: unknown) => void,
): Job {
  return {
    lost: 0,
    fail: reject,
    prepare: ({ records, renewals, now, nextVersion, historyKept }) => {
      const looked = new Look(records)
      const decided = attempt(() => settle(looked.read, operation, now))
      // Thrown by what may be old: it counts only once the server says that it is not.
      if ('thrown' in decided)
        return { reads: looked.reads, commands: [], writes: [], tell: () => reject(decided.thrown) }
      const { writes, history = [], answer } = decided.value
      const commands = looked.renewed(renewals, now)
      commands.push(
        ...writeCommands(writes, looked.before, now, nextVersion, (write, put) =>
          remember(records, write, put),
        ),
        ...historyCommands(history, historyKept),
      )
      return { reads: looked.reads, commands, writes, tell: () => resolve(answer) }
    },
  }
}

/** What one decision looks at, and with which versions. */
class Look {
  readonly reads = new Map<string, Looked>()
  readonly #records: KnownRecords

  constructor(records: KnownRecords) {
    this.#records = records
  }

  /** An unknown record is taken for absent, as a new code and a clean budget are; the server corrects a wrong guess. */
  readonly read: Read = (kind, id) => {
    const known = this.#records.get(kind, id)
    this.reads.set(redisKey(kind, id), { kind, id, version: known?.version ?? ABSENT })
    if (known?.newer) throw new StoreUnavailable('a record was written by a newer release')
    return known?.value
  }

  readonly before: Before = (kind, id) => {
    if (!this.reads.has(redisKey(kind, id))) return UNSEEN
    const known = this.#records.get(kind, id)
    return { seen: true, value: known?.value, version: known?.version ?? ABSENT }
  }

  /** A runner that is read is in use: its records must not expire. */
  renewed(renewals: Renewals, now: Instant): Command[] {
    const commands: Command[] = []
    for (const { kind, id } of this.reads.values()) {
      const runner = kind === 'runner' ? this.#records.get(kind, id)?.value : undefined
      if (runner !== undefined && renewals.isDue(id, now)) commands.push(...runnerRenewals(runner))
    }
    return commands
  }
}

const UNSEEN = { seen: false, value: undefined, version: ABSENT } as const

/** A decision is known from now on, before the server has heard of it: the next decision builds upon it. */
function remember(
  records: KnownRecords,
  write: Write,
  put: { readonly version: string; readonly chars: number } | null,
): void {
  if ('drop' in write || put === null) return records.forget(kindOf(write), write.id)
  keep(records, write.put, write.id, { value: write.value, newer: false, ...put })
}

/** A function of its own, since only so the compiler sees that kind and value belong together. */
const keep = <K extends RecordKind>(records: KnownRecords, kind: K, id: string, known: Known<K>): void =>
  records.set(kind, id, known)

export const kindOf = (write: Write): RecordKind => ('drop' in write ? write.drop : write.put)
