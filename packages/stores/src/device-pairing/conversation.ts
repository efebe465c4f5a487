/** One statement, with `?` for each of its values. */
export interface MeshStatement {
  readonly text: string
  readonly values: readonly (string | number | null)[]
}

export type MeshRow = Readonly<Record<string, unknown>>

/**
 * The exchange with a database: statements are yielded, rows come back. One text serves both databases, of which one
 * answers at once and the other later; `?` stands for a value in either.
 */
export type Conversation<T> = Generator<MeshStatement, T, readonly MeshRow[]>

/** One statement's rows. */
export function* ask(text: string, ...values: MeshStatement['values']): Conversation<readonly MeshRow[]> {
  return yield { text, values }
}

/** Leads a conversation with a database that answers at once. */
export function converse<T>(talk: Conversation<T>, answer: (said: MeshStatement) => readonly MeshRow[]): T {
  let step = talk.next()
  while (!step.done) step = talk.next(answer(step.value))
  return step.value
}

/** Leads a conversation with a database that has to be waited for. */
export async function converseLater<T>(
  talk: Conversation<T>,
  answer: (said: MeshStatement) => Promise<readonly MeshRow[]>,
): Promise<T> {
  let step = talk.next()
  while (!step.done) step = talk.next(await answer(step.value))
  return step.value
}
