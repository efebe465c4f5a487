import { type Instant, later } from '../kernel.ts'

/** Everything that an API key can be let do. A route of the broker that names none of them takes no key. */
export const API_SCOPES = [
  'accounts:read',
  'accounts:link',
  'devices:read',
  'devices:approve',
  'devices:write',
  'history:read',
  'limits:read',
  'limits:write',
  'machines:read',
  'metrics:read',
  'webhooks:read',
  'webhooks:write',
] as const
export type ApiScope = (typeof API_SCOPES)[number]

/** A secret of the operator's that one program holds. The broker keeps a digest of it. */
export interface ApiKey {
  /** names the key in lists, in logs and for its revocation; tells nothing of the secret */
  readonly id: string
  /** keyed, hex: who can write to the database still cannot make a key */
  readonly digest: string
  readonly name: string
  readonly scopes: readonly ApiScope[]
  readonly madeAt: Instant
  /** null: it has no end */
  readonly endsAt: Instant | null
  /** exact to `USE_RESOLUTION_MS`; null: never used */
  readonly lastUsedAt: Instant | null
  readonly revokedAt: Instant | null
}

/** Each use is not written: that would be a write to disk for each request. */
export const USE_RESOLUTION_MS = 60 * 60_000

/** Revoked and ended keys stay in the list this long, so that an operator sees what became of them. */
export const ENDED_KEPT_MS = 30 * 24 * 60 * 60_000

/** More keys than programs: a list that a person can still read. Ended and revoked ones do not count. */
export const API_KEYS_MAX = 200

/** When a key stops to open anything, or stopped; null: never. */
export const overAt = ({ endsAt, revokedAt }: ApiKey): Instant | null =>
  endsAt === null || (revokedAt !== null && revokedAt < endsAt) ? revokedAt : endsAt

export const isOver = (key: ApiKey, now: Instant): boolean => {
  const at = overAt(key)
  return at !== null && now >= at
}

/** Whether a use has to be written: the last one that was is long ago. */
export const isUseNews = ({ lastUsedAt }: ApiKey, now: Instant): boolean =>
  lastUsedAt === null || now >= later(lastUsedAt, USE_RESOLUTION_MS)
