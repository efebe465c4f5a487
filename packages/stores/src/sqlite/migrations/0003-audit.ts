import type { Migration } from '../../migration.ts'

/** What no failure pushes out of the history: pairings, their ends, and bans. */
export const audit0003: Migration = {
  number: 3,
  name: 'audit',
  sql: `
    CREATE TABLE pairing_audit (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      runner_id TEXT,
      outcome TEXT NOT NULL,
      entry TEXT NOT NULL
    ) STRICT;
    CREATE INDEX pairing_audit_at ON pairing_audit (at DESC, seq DESC);
    CREATE INDEX pairing_audit_runner ON pairing_audit (runner_id, at DESC, seq DESC);
  `,
}
