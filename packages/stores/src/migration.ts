/** One numbered step of a database's schema. Never changed once released: a later one is added. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}
