import type { Migration } from '../../migration.ts'

/** Records of the pairing port as JSON by kind and id, and the history by shelf and number within the shelf. */
export const pairing0001: Migration = {
  number: 1,
  name: 'pairing',
  sql: `
    CREATE TABLE pairing_records (
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      value TEXT NOT NULL,
      sweep_at INTEGER,
      PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pairing_records_sweep ON pairing_records (sweep_at) WHERE sweep_at IS NOT NULL;

    CREATE TABLE pairing_history (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      shelf TEXT NOT NULL,
      number INTEGER NOT NULL,
      at INTEGER NOT NULL,
      runner_id TEXT,
      outcome TEXT NOT NULL,
      entry TEXT NOT NULL,
      UNIQUE (shelf, number)
    ) STRICT;
  `,
}
