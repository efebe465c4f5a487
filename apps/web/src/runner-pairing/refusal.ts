import type { Refusal } from '@latchkey/protocol/runner-pairing'
import type { Words } from '../words/en.ts'
import type { Says } from '../words/says.ts'
import { clockTime } from '../words/times.ts'

/** Why there is no pairing (yet), as the page tells it. */
export type Refused =
  | { readonly why: 'incomplete' | 'unknown' | 'ended' | 'machine-offline' | 'no-broker' | 'no-network' }
  | { readonly why: 'banned'; readonly untilMs: number }
  | { readonly why: 'failed'; readonly detail: string }

export function refusedBy(refusal: Refusal, nowMs: number): Refused {
  switch (refusal.code) {
    case 'INVALID_FORMAT':
      return { why: 'incomplete' }
    case 'CODE_NOT_FOUND':
      return { why: 'unknown' }
    case 'CODE_EXPIRED':
      return { why: 'ended' }
    case 'RATE_LIMITED':
      return { why: 'banned', untilMs: nowMs + (refusal.remainingBanTime ?? 60) * 1_000 }
    case 'RUNNER_OFFLINE':
      return { why: 'machine-offline' }
    case 'NETWORK_ERROR':
    case 'TIMEOUT':
      return { why: 'no-broker' }
    case 'DUPLICATE_CODE':
    case 'INVALID_SECRET':
    case 'SESSION_NOT_FOUND':
    case 'NOT_PAIRED':
      return { why: 'failed', detail: refusal.message }
  }
}

/** The words of a refusal. `hasCode`: the code stays in the field, which an empty field does not say. */
export function refusedWords(refused: Refused, words: Words, hasCode: boolean): Says {
  const { pair } = words
  const stays = hasCode ? ` ${pair.codeStays}` : ''
  switch (refused.why) {
    case 'banned':
      return [pair.banned, pair.bannedUntil(clockTime(refused.untilMs, words)) + stays]
    case 'no-network':
      return [pair.refused['no-network'][0], pair.refused['no-network'][1] + stays]
    case 'failed':
      return [pair.failed, refused.detail]
    case 'incomplete':
    case 'unknown':
    case 'ended':
    case 'machine-offline':
    case 'no-broker':
      return pair.refused[refused.why]
  }
}
