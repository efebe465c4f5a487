import type { Migration } from '../../migration.ts'

/**
 * Devices: pairings under way, members, their secrets, and events. Every secret is a digest. Moments are milliseconds
 * since the epoch. `state` is the pairing as JSON; queries use the columns beside it.
 */
export const devicePairing0002: Migration = {
  number: 2,
  name: 'device-pairing',
  sql: `
    CREATE TABLE pairing_states (
      token TEXT PRIMARY KEY,
      state TEXT NOT NULL,
      version INTEGER NOT NULL,
      method TEXT,
      user_code TEXT UNIQUE,
      deadline INTEGER,
      ended_at INTEGER,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pairing_states_deadline ON pairing_states (deadline) WHERE ended_at IS NULL;
    CREATE INDEX pairing_states_ended ON pairing_states (ended_at) WHERE ended_at IS NOT NULL;
    CREATE INDEX pairing_states_created ON pairing_states (created_at);

    CREATE TABLE mesh_nodes (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      hostname TEXT NOT NULL,
      port INTEGER,
      public_key TEXT,
      roles TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      last_seen_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX mesh_nodes_hostname ON mesh_nodes (hostname);

    CREATE TABLE issued_tokens (
      token TEXT PRIMARY KEY,
      issued_to_node_id TEXT NOT NULL REFERENCES mesh_nodes (id) ON DELETE CASCADE,
      permissions TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX issued_tokens_node ON issued_tokens (issued_to_node_id);

    CREATE TABLE device_sessions (
      session_token TEXT PRIMARY KEY,
      handle TEXT NOT NULL,
      node_id TEXT NOT NULL REFERENCES mesh_nodes (id) ON DELETE CASCADE,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX device_sessions_node ON device_sessions (node_id);

    CREATE TABLE node_runners (
      runner_id TEXT PRIMARY KEY,
      node_id TEXT NOT NULL REFERENCES mesh_nodes (id) ON DELETE CASCADE,
      enrolled_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX node_runners_node ON node_runners (node_id);

    CREATE TABLE pairing_events (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      token TEXT,
      node_id TEXT,
      event TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX pairing_events_token ON pairing_events (token);
    CREATE INDEX pairing_events_node ON pairing_events (node_id);
  `,
}
