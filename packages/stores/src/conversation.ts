import type { Instant } from '@latchkey/domain/kernel'

/** One statement, with `?` for each of its values. */
export interface SqlStatement {
  readonly text: string
  readonly values: readonly (string | number | null)[]
}

export type SqlRow = Readonly<Record<string, unknown>>

/**
 * The exchange with a database: statements are yielded, rows come back. One text serves both databases, of which one
 * answers at once and the other later; `?` stands for a value in either.
 */
export type Conversation<T> = Generator<SqlStatement, T, readonly SqlRow[]>

/** One statement's rows. */
export function* ask(text: string, ...values: SqlStatement['values']): Conversation<readonly SqlRow[]> {
  return yield { text, values }
}

/** Leads a conversation with a database that answers at once. */
export function converse<T>(talk: Conversation<T>, answer: (said: SqlStatement) => readonly SqlRow[]): T {
  let step = talk.next()
  while (!step.done) step = talk.next(answer(step.value))
  return step.value
}

/** Leads a conversation with a database that has to be waited for. */
export async function converseLater<T>(
  talk: Conversation<T>,
  answer: (said: SqlStatement) => Promise<readonly SqlRow[]>,
): Promise<T> {
  let step = talk.next()
  while (!step.done) step = talk.next(await answer(step.value))
  return step.value
}

/** How a database is spoken with. All of them reject with StoreUnavailable when the database failed. */
export interface Conversations {
  /** One transaction that no other change comes between, from its first read to its commit: all of it or nothing. */
  change<T>(talk: (now: Instant) => Conversation<T>): Promise<T>
  /** Reads of one moment. */
  look<T>(talk: (now: Instant) => Conversation<T>): Promise<T>
  /** Statements that each stand for themselves. */
  ask<T>(talk: Conversation<T>): Promise<T>
}
