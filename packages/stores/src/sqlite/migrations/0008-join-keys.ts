import type { Migration } from '../../migration.ts'

/** What the operator writes about a device, what its end is, the keys with which machines join by themselves, and whom
 * notices call. */
export const joinKeys0008: Migration = {
  number: 8,
  name: 'join-keys',
  sql: `
    ALTER TABLE mesh_nodes ADD COLUMN note TEXT NOT NULL DEFAULT '';
    ALTER TABLE mesh_nodes ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE mesh_nodes ADD COLUMN app_rights TEXT;
    ALTER TABLE mesh_nodes ADD COLUMN last_address TEXT;
    ALTER TABLE mesh_nodes ADD COLUMN told_end INTEGER;
    ALTER TABLE mesh_nodes ADD COLUMN removal_at INTEGER;

    CREATE TABLE join_keys (
      join_key TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      tags TEXT NOT NULL,
      is_reusable INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      use_count INTEGER NOT NULL,
      last_used_at INTEGER,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE notice_watchers (
      id TEXT PRIMARY KEY,
      endpoint TEXT NOT NULL,
      label TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE notice_table (id TEXT PRIMARY KEY, kinds TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
}
