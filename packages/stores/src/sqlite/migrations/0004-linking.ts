import type { Migration } from '../../migration.ts'

/** Records of the linking port as JSON by kind and id, and the sealed credentials of each session, row by row. */
export const linking0004: Migration = {
  number: 4,
  name: 'linking',
  sql: `
    CREATE TABLE linking_records (
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      value TEXT NOT NULL,
      sweep_at INTEGER,
      PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX linking_records_sweep ON linking_records (sweep_at) WHERE sweep_at IS NOT NULL;

    CREATE TABLE linking_credentials (
      session_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      sealed BLOB NOT NULL,
      PRIMARY KEY (session_id, kind, name)
    ) STRICT;
  `,
}
