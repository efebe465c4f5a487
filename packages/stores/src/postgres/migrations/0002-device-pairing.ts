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
      token text COLLATE "C" PRIMARY KEY,
      state text NOT NULL,
      version bigint NOT NULL,
      method text,
      user_code text COLLATE "C" UNIQUE,
      deadline bigint,
      ended_at bigint,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL
    );
    CREATE INDEX pairing_states_deadline ON pairing_states (deadline) WHERE ended_at IS NULL;
    CREATE INDEX pairing_states_ended ON pairing_states (ended_at) WHERE ended_at IS NOT NULL;
    CREATE INDEX pairing_states_created ON pairing_states (created_at);

    CREATE TABLE mesh_nodes (
      id text COLLATE "C" PRIMARY KEY,
      name text NOT NULL,
      hostname text COLLATE "C" NOT NULL,
      port integer,
      public_key text,
      roles text NOT NULL,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL,
      last_seen_at bigint NOT NULL,
      revoked_at bigint
    );
    CREATE INDEX mesh_nodes_hostname ON mesh_nodes (hostname);

    CREATE TABLE issued_tokens (
      token text COLLATE "C" PRIMARY KEY,
      issued_to_node_id text COLLATE "C" NOT NULL REFERENCES mesh_nodes (id) ON DELETE CASCADE,
      permissions text NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL,
      revoked_at bigint
    );
    CREATE INDEX issued_tokens_node ON issued_tokens (issued_to_node_id);

    CREATE TABLE device_sessions (
      session_token text COLLATE "C" PRIMARY KEY,
      handle text NOT NULL,
      node_id text COLLATE "C" NOT NULL REFERENCES mesh_nodes (id) ON DELETE CASCADE,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL,
      revoked_at bigint
    );
    CREATE INDEX device_sessions_node ON device_sessions (node_id);

    CREATE TABLE node_runners (
      runner_id text COLLATE "C" PRIMARY KEY,
      node_id text COLLATE "C" NOT NULL REFERENCES mesh_nodes (id) ON DELETE CASCADE,
      enrolled_at bigint NOT NULL
    );
    CREATE INDEX node_runners_node ON node_runners (node_id);

    CREATE TABLE pairing_events (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      token text COLLATE "C",
      node_id text COLLATE "C",
      event text NOT NULL,
      created_at bigint NOT NULL
    );
    CREATE INDEX pairing_events_token ON pairing_events (token);
    CREATE INDEX pairing_events_node ON pairing_events (node_id);
  `,
}
