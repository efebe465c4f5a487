import type { Migration } from '../../migration.ts'

/** API keys as JSON: of the secret there is a keyed digest alone. `over_at`: when a key ended, ends or was revoked. */
export const apiKeys0006: Migration = {
  number: 6,
  name: 'api-keys',
  sql: `
    CREATE TABLE api_keys (
      id TEXT PRIMARY KEY,
      value TEXT NOT NULL,
      made_at INTEGER NOT NULL,
      over_at INTEGER
    ) STRICT, WITHOUT ROWID;
  `,
}
