import type { Migration } from '../../migration.ts'

/** API keys as JSON: of the secret there is a keyed digest alone. `over_at`: when a key ended, ends or was revoked. */
export const apiKeys0005: Migration = {
  number: 5,
  name: 'api-keys',
  sql: `
    CREATE TABLE api_keys (
      id text COLLATE "C" PRIMARY KEY,
      value text NOT NULL,
      made_at bigint NOT NULL,
      over_at bigint
    );
  `,
}
