import type { Migration } from '../migrate.ts'

/**
 * Records of the pairing port as JSON by kind and id, and the history. Text is compared by its bytes. `version` names the
 * commit that wrote the record, and no other commit has had it: a record which went and came back is not taken for the one
 * that was read, and who has lost the answer to a commit can look whether it was done.
 *
 * `pairing_commit` is the one way to write, and knows no rule of pairing: it locks what a decision has read (shared) and
 * writes (alone), in one order for all, checks that what was read still stands, and writes all or nothing. Locks are by the
 * hash of the key, because a record that is not there cannot be locked; a transaction of very many records locks the whole
 * store instead, since the server's table of locks is bounded.
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

    CREATE FUNCTION pairing_commit(
      new_version bigint,
      read_kinds text[], read_ids text[], read_versions bigint[],
      write_kinds text[], write_ids text[], write_values text[], write_sweeps bigint[],
      history_shelves text[], history_ats bigint[], history_runners text[], history_outcomes text[], history_entries text[]
    ) RETURNS boolean LANGUAGE plpgsql AS $$
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
      RETURN true;
    END
    $$;
  `,
}
