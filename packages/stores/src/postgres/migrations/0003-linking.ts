import type { Migration } from '../../migration.ts'

/** Records of the linking port as JSON by kind and id, and the sealed credentials of each session, row by row. */
export const linking0003: Migration = {
  number: 3,
  name: 'linking',
  sql: `
    CREATE TABLE linking_records (
      kind text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      value text NOT NULL,
      sweep_at bigint,
      PRIMARY KEY (kind, id)
    );
    CREATE INDEX linking_records_sweep ON linking_records (sweep_at) WHERE sweep_at IS NOT NULL;

    CREATE TABLE linking_credentials (
      session_id text COLLATE "C" NOT NULL,
      kind text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      sealed bytea NOT NULL,
      PRIMARY KEY (session_id, kind, name)
    );
  `,
}
