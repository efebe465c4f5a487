/** One numbered step of a database's schema. Never changed once released: a later one is added. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

/** Why a release leaves the tables of a later one alone. */
export const newerSchema = (done: number, known: number): string =>
  `the database is of a newer release (schema ${done}, known ${known}); start that release again, or restore a backup from before it`
