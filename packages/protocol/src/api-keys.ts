import { API_SCOPES } from '@latchkey/domain/api-keys/api-key'
import { z } from 'zod'
import { momentMs } from './fields.ts'

/** API keys: secrets that programs of the operator's hold. The operator makes, lists and revokes them; a key never does. */

/**
 * Every key begins with this. 43 symbols of 0-9, A-Z, a-z with 256 random bits follow, and six with the CRC-32 of all
 * before them, so that a scanner for leaked secrets recognises a key without asking the broker.
 */
export const API_KEY_PREFIX = 'lk_'
export const API_KEY_FORM = /^lk_[0-9A-Za-z]{49}$/

export const apiScope = z.enum(API_SCOPES)

const NAME_CHARACTERS_MAX = 200
const LIFE_DAYS_MAX = 3_650

/** `POST /operator/keys`. */
export const makeKeyRequest = z.strictObject({
  /** for people; kept to 64 characters, without those that cannot be shown */
  name: z.string().min(1).max(NAME_CHARACTERS_MAX),
  scopes: z.array(apiScope).min(1).max(API_SCOPES.length),
  /** after how many days it ends; null: it has no end */
  lifeDays: z.number().int().min(1).max(LIFE_DAYS_MAX).nullable().default(null),
})

/** One key as it is listed: never the secret. */
export const apiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(apiScope),
  status: z.enum(['good', 'ended', 'revoked']),
  madeAt: momentMs,
  endsAt: momentMs.nullable(),
  /** exact to an hour; null: never used */
  lastUsedAt: momentMs.nullable(),
  revokedAt: momentMs.nullable(),
})
export type ApiKeyView = z.output<typeof apiKeyView>

export const makeKeyReply = z.object({
  /** the key itself: told this once, and never again */
  key: z.string(),
  apiKey: apiKeyView,
})

/** `GET /operator/keys`, the newest first. A key stays for a month after it ended or was revoked. */
export const keysReply = z.object({ keys: z.array(apiKeyView) })

/** `DELETE /operator/keys/{id}`. */
export const revokeKeyReply = z.object({ apiKey: apiKeyView })
