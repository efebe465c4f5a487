import { idText } from '../postgres/pairing.sql.ts'
import type { Statement } from '../postgres/query.ts'
import type { Facts, RegistryRow } from './facts.ts'

/** A runner for which the registry is ahead. */
export interface BehindRow {
  /** as `idText` makes it */
  readonly runner_id: string
  readonly epoch: string
  readonly gen: string
  readonly public_key: string | null
}

export interface RevokedRow {
  readonly seq: string
  readonly pairing: string
}

export const rowOf = ({ epoch, gen, public_key: publicKey }: BehindRow): RegistryRow => ({
  epoch: Number(epoch),
  gen: Number(gen),
  publicKey,
})

export const lookUp = (runnerId: string): Statement => ({
  name: 'registry-look-up',
  text: 'SELECT runner_id, epoch, gen, public_key FROM runner_registry WHERE runner_id = $1',
  values: [idText(runnerId)],
})

/**
 * Answers with the runners for which the registry is ahead, having kept nothing, or with no row, having kept everything. Rows
 * only grow: of two brokers that record one runner at once, neither takes back what the other has. Each is looked up by itself
 * (LATERAL … LIMIT), so that no plan made on an empty table ever reads all of it.
 */
export const record = (id: string, { runners, revoked, restored, audit }: Facts): Statement => ({
  name: 'registry-record',
  text: `WITH fact AS (
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
        AS f (runner_id, gen_before, epoch, gen, public_key)
    ), behind AS (
      SELECT r.runner_id, r.epoch, r.gen, r.public_key FROM fact AS f
        CROSS JOIN LATERAL (SELECT * FROM runner_registry WHERE runner_id = f.runner_id LIMIT 1) AS r
        WHERE r.gen > f.gen_before OR r.epoch > f.epoch
          OR (r.public_key IS NOT NULL AND r.public_key IS DISTINCT FROM f.public_key)
    ), runners AS (
      INSERT INTO runner_registry AS r (runner_id, epoch, gen, public_key)
        SELECT runner_id, epoch, gen, public_key FROM fact WHERE NOT EXISTS (SELECT FROM behind)
        ON CONFLICT (runner_id) DO UPDATE SET epoch = greatest(r.epoch, excluded.epoch),
          gen = greatest(r.gen, excluded.gen), public_key = coalesce(r.public_key, excluded.public_key)
    ), revoked AS (
      INSERT INTO revoked_pairings (pairing, at)
        SELECT * FROM unnest($6::text[], $7::bigint[]) WHERE NOT EXISTS (SELECT FROM behind)
        ON CONFLICT (pairing) DO NOTHING
    ), restored AS (
      DELETE FROM revoked_pairings WHERE pairing = ANY ($13::text[]) AND NOT EXISTS (SELECT FROM behind)
    ), audit AS (
      INSERT INTO pairing_audit (id, at, runner_id, outcome, entry)
        SELECT $8 || ':' || number, at, runner_id, outcome, entry
          FROM unnest($9::bigint[], $10::text[], $11::text[], $12::text[]) WITH ORDINALITY
            AS a (at, runner_id, outcome, entry, number)
          WHERE NOT EXISTS (SELECT FROM behind)
        ON CONFLICT (id) DO NOTHING
    )
    SELECT * FROM behind`,
  values: [
    runners.map(({ runnerId }) => idText(runnerId)),
    runners.map(({ genBefore }) => genBefore),
    runners.map(({ epoch }) => epoch),
    runners.map(({ gen }) => gen),
    runners.map(({ publicKey }) => publicKey),
    revoked.map(({ pairing }) => pairing),
    revoked.map(({ at }) => at),
    id,
    audit.map(({ at }) => at),
    audit.map(({ runnerId }) => (runnerId === null ? null : idText(runnerId))),
    audit.map(({ outcome }) => outcome),
    audit.map((entry) => JSON.stringify(entry)),
    restored,
  ],
})

/** Takes the audit of one transaction back. */
export const withdraw = (id: string): Statement => ({
  name: 'registry-withdraw',
  text: 'DELETE FROM pairing_audit WHERE id LIKE $1',
  values: [`${id}:%`],
})

/** The newest `limit` after `seq`, the oldest of them first. */
export const revokedAfter = (seq: number, limit: number): Statement => ({
  name: 'registry-revoked-after',
  text: `SELECT * FROM (
      SELECT seq, pairing FROM revoked_pairings WHERE seq > $1 ORDER BY seq DESC LIMIT $2
    ) AS newest ORDER BY seq`,
  values: [seq, limit],
})

/** Runners without a key that have not registered for so long, by the server's clock: an epoch is 256 times a moment at least. */
export const forgetRunners = (keptMs: number): Statement => ({
  name: 'registry-forget-runners',
  text: `DELETE FROM runner_registry
    WHERE public_key IS NULL
      AND epoch < (floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1::bigint) * 256`,
  values: [keptMs],
})

/** By the server's clock. */
export const forgetRevoked = (keptMs: number): Statement => ({
  name: 'registry-forget-revoked',
  text: `DELETE FROM revoked_pairings
    WHERE at < floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1::bigint`,
  values: [keptMs],
})
