import { accept, type Decision, type Instant, refuse } from '../kernel.ts'
import { API_KEYS_MAX, type ApiKey, type ApiScope, isOver, isUseNews } from './api-key.ts'
import type { ApiKeyOperation } from './ports.ts'

/** Why a key was not made. */
export type NotMade = 'too-many' | 'ends-in-the-past'

/** Keeps a new key. */
export const makeKey = (
  made: Pick<ApiKey, 'id' | 'digest' | 'name' | 'scopes' | 'endsAt'>,
): ApiKeyOperation<Decision<ApiKey, NotMade>> => ({
  id: made.id,
  decide: ({ goodKeys }, now) => {
    if (made.endsAt !== null && made.endsAt <= now) return { write: null, answer: refuse('ends-in-the-past') }
    if (goodKeys >= API_KEYS_MAX) return { write: null, answer: refuse('too-many') }
    const key: ApiKey = { ...made, madeAt: now, lastUsedAt: null, revokedAt: null }
    return { write: key, answer: accept(key) }
  },
})

/** Ends a key from this moment on. Twice is once. Null when there is no such key. */
export const revokeKey = (id: string): ApiKeyOperation<ApiKey | null> => ({
  id,
  decide: ({ key }, now) => {
    if (key === undefined) return { write: null, answer: null }
    if (key.revokedAt !== null) return { write: null, answer: key }
    const revoked: ApiKey = { ...key, revokedAt: now }
    return { write: revoked, answer: revoked }
  },
})

/** Why a key opens nothing. */
export type KeyRefusal =
  | { readonly status: 'unknown' }
  | { readonly status: 'revoked'; readonly at: Instant }
  | { readonly status: 'ended'; readonly at: Instant }
  | { readonly status: 'lacks'; readonly scope: ApiScope | null }

/**
 * Shows a key for a route. A use that counts is noted, coarsely.
 * @param scope what the route asks for; null: it takes no key at all
 */
export const useKey = (
  shown: Pick<ApiKey, 'id' | 'digest'>,
  scope: ApiScope | null,
): ApiKeyOperation<Decision<ApiKey, KeyRefusal>> => ({
  id: shown.id,
  decide: ({ key }, now) => {
    if (key === undefined || key.digest !== shown.digest)
      return { write: null, answer: refuse({ status: 'unknown' }) }
    if (key.revokedAt !== null)
      return { write: null, answer: refuse({ status: 'revoked', at: key.revokedAt }) }
    if (key.endsAt !== null && isOver(key, now))
      return { write: null, answer: refuse({ status: 'ended', at: key.endsAt }) }
    if (scope === null || !key.scopes.includes(scope))
      return { write: null, answer: refuse({ status: 'lacks', scope }) }
    const used: ApiKey = { ...key, lastUsedAt: now }
    return { write: isUseNews(key, now) ? used : null, answer: accept(used) }
  },
})
