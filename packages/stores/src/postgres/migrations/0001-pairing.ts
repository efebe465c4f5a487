import type { Migration } from '../../migration.ts'

/**
 * Records are looked up by their keys, however many there are. A plan is kept for the life of a connection, and one that was
 * made while the table was small would read all of it when it has grown.
 */
const BY_INDEX = 'SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off'

/**
 * Records of the pairing port as JSON by kind and id, the history, and the audit, which no failure pushes out. Text is
 * compared by its bytes. `version` names the commit that wrote the record and is never used again: a record that went
 * and came back is not taken for the earlier one, and after a lost answer a broker can look up whether its commit was
 * made.
 *
 * `pairing_read` answers with the moment, a fresh version, and the records that exist, all as they stand together.
 * `pairing_commit` is the one way to write, and knows no rule of pairing: it locks the records that a decision has read
 * (shared) and those it writes (alone), in one order for all, checks that the read ones still stand, and writes all or
 * nothing. Locks are by the hash of the key, because an absent record cannot be locked; a transaction of very many
 * records locks the whole store instead, since the server’s table of locks is bounded.
 *
 * The rest must outlive Redis. `runner_registry`: the newest epoch and generation that a runner may have had, and the
 * key that speaks for it. `revoked_pairings`: pairings that were undone, each by the marks of that one pairing.
 * `shared_secrets`: secrets that all broker instances of one database share.
 */
export const pairing0001: Migration = {
  number: 1,
  name: 'pairing',
  sql: `
    CREATE TABLE pairing_records (
      kind text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      value text NOT NULL,
      version bigint NOT NULL,
      sweep_at bigint,
      PRIMARY KEY (kind, id)
    ) WITH (fillfactor = 80);
    CREATE INDEX pairing_records_sweep ON pairing_records (sweep_at) WHERE sweep_at IS NOT NULL;
    CREATE SEQUENCE pairing_versions;

    CREATE TABLE pairing_history (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      shelf text COLLATE "C" NOT NULL,
      at bigint NOT NULL,
      runner_id text COLLATE "C",
      outcome text COLLATE "C" NOT NULL,
      entry text NOT NULL
    );
    CREATE INDEX pairing_history_shelf ON pairing_history (shelf, seq DESC);

    CREATE TABLE pairing_audit (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text COLLATE "C" UNIQUE,
      at bigint NOT NULL,
      runner_id text COLLATE "C",
      outcome text COLLATE "C" NOT NULL,
      entry text NOT NULL
    );
    CREATE INDEX pairing_audit_at ON pairing_audit (at DESC, seq DESC);
    CREATE INDEX pairing_audit_runner ON pairing_audit (runner_id, at DESC, seq DESC);

    CREATE TABLE runner_registry (
      runner_id text COLLATE "C" PRIMARY KEY,
      epoch bigint NOT NULL,
      gen bigint NOT NULL,
      public_key text
    );

    CREATE TABLE revoked_pairings (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      pairing text COLLATE "C" NOT NULL UNIQUE,
      at bigint NOT NULL
    );
    CREATE INDEX revoked_pairings_at ON revoked_pairings (at);

    CREATE TABLE shared_secrets (
      name text COLLATE "C" PRIMARY KEY,
      value text NOT NULL
    );

    CREATE FUNCTION pairing_read(kinds text[], ids text[])
      RETURNS TABLE (ordinal bigint, value text, version bigint) LANGUAGE plpgsql ${BY_INDEX} AS $$
    BEGIN
      RETURN QUERY
        SELECT 0::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint::text, nextval('pairing_versions')
        UNION ALL
        SELECT k.ordinal, p.value, p.version
          FROM unnest(kinds, ids) WITH ORDINALITY AS k (kind, id, ordinal)
          JOIN pairing_records AS p ON p.kind = k.kind AND p.id = k.id;
    END
    $$;

    CREATE FUNCTION pairing_commit(
      new_version bigint,
      read_kinds text[], read_ids text[], read_versions bigint[],
      write_kinds text[], write_ids text[], write_values text[], write_sweeps bigint[],
      history_shelves text[], history_ats bigint[], history_runners text[], history_outcomes text[], history_entries text[],
      history_durable boolean[]
    ) RETURNS boolean LANGUAGE plpgsql ${BY_INDEX} AS $$
    DECLARE
      store_lock constant bigint := hashtextextended('latchkey pairing store', 0);
      locked record;
    BEGIN
      IF cardinality(read_kinds) + cardinality(write_kinds) > 64 THEN
        PERFORM pg_advisory_xact_lock(store_lock);
      ELSE
        PERFORM pg_advisory_xact_lock_shared(store_lock);
        FOR locked IN
          SELECT hash, bool_or(alone) AS alone FROM (
            SELECT hashtextextended(kind || ':' || id, 0) AS hash, false AS alone
              FROM unnest(read_kinds, read_ids) AS r (kind, id)
            UNION ALL
            SELECT hashtextextended(kind || ':' || id, 0), true
              FROM unnest(write_kinds, write_ids) AS w (kind, id)
          ) AS wanted GROUP BY hash ORDER BY hash
        LOOP
          IF locked.alone THEN
            PERFORM pg_advisory_xact_lock(locked.hash);
          ELSE
            PERFORM pg_advisory_xact_lock_shared(locked.hash);
          END IF;
        END LOOP;
      END IF;

      IF EXISTS (
        SELECT FROM unnest(read_kinds, read_ids, read_versions) AS r (kind, id, version)
          LEFT JOIN pairing_records AS p ON p.kind = r.kind AND p.id = r.id
          WHERE coalesce(p.version, 0) <> r.version
      ) THEN
        RETURN false;
      END IF;

      DELETE FROM pairing_records AS p
        USING unnest(write_kinds, write_ids, write_values) AS w (kind, id, value)
        WHERE w.value IS NULL AND p.kind = w.kind AND p.id = w.id;
      INSERT INTO pairing_records (kind, id, value, version, sweep_at)
        SELECT kind, id, value, new_version, sweep_at
          FROM unnest(write_kinds, write_ids, write_values, write_sweeps) AS w (kind, id, value, sweep_at)
          WHERE value IS NOT NULL
        ON CONFLICT (kind, id) DO UPDATE
          SET value = excluded.value, version = excluded.version, sweep_at = excluded.sweep_at;
      INSERT INTO pairing_history (shelf, at, runner_id, outcome, entry)
        SELECT shelf, at, runner_id, outcome, entry
          FROM unnest(history_shelves, history_ats, history_runners, history_outcomes, history_entries)
            AS h (shelf, at, runner_id, outcome, entry);
      INSERT INTO pairing_audit (at, runner_id, outcome, entry)
        SELECT at, runner_id, outcome, entry
          FROM unnest(history_ats, history_runners, history_outcomes, history_entries, history_durable)
            AS h (at, runner_id, outcome, entry, durable)
          WHERE durable;
      RETURN true;
    END
    $$;
  `,
}
