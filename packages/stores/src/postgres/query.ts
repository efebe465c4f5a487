/** One statement. A named one is prepared once on each connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
}

/** Runs one statement and answers with its rows, which are as wide as its SELECT says; the caller names their shape. */
export type Query = <Row extends object>(statement: Statement, within?: Within) => Promise<readonly Row[]>

export interface Within {
  /** how long the answer may take; `answerTimeoutMs` of the database unless given */
  readonly timeoutMs: number
}
