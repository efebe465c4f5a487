import type { Instant } from '../kernel.ts'
import type { AccountMethod, PhoneNumber } from './account.ts'
import type { Closing } from './close-cause.ts'
import type { AccountCode } from './code.ts'
import type { AccountReason } from './reasons.ts'

/** What a connection to WhatsApp tells. */
export type SocketEvent =
  | { readonly event: 'qr'; readonly text: string }
  /** WhatsApp has confirmed the code: it may be shown */
  | { readonly event: 'code'; readonly code: AccountCode }
  | { readonly event: 'code-refused'; readonly why: CodeRefusal }
  /** somebody typed a code on the phone, perhaps this one */
  | { readonly event: 'code-typed' }
  /** WhatsApp wants the code replaced */
  | { readonly event: 'fresh-code-wanted' }
  | { readonly event: 'passkey-required' }
  | { readonly event: 'paired'; readonly phone: PhoneNumber }
  | { readonly event: 'open'; readonly phone: PhoneNumber }
  | { readonly event: 'closed'; readonly closing: Closing }

/** Why there is no code. `malformed`: the library made one that no phone takes. */
export type CodeRefusal = 'refused' | 'rate-limited' | 'no-answer' | 'malformed'

/** What happens to an account. Commands that may be refused go through `judgeStart` and its sisters first. */
export type AccountInput =
  | { readonly type: 'start'; readonly method: AccountMethod; readonly phone: PhoneNumber | null }
  | { readonly type: 'cancel' }
  | { readonly type: 'unlink' }
  /** found in the store at start-up, or taken over from another broker instance */
  | { readonly type: 'restore'; readonly phone: PhoneNumber }
  /** this broker instance has to let go of it: it stops, or lost the lease */
  | { readonly type: 'leave'; readonly reason: AccountReason }
  | { readonly type: 'watched'; readonly isWatched: boolean }
  | { readonly type: 'socket'; readonly generation: number; readonly said: SocketEvent }
  /** the credentials of the pairing are kept, and the number is this company's */
  | { readonly type: 'saved'; readonly generation: number }
  | { readonly type: 'not-saved'; readonly generation: number; readonly reason: AccountReason }
  /** a write of a connected session failed: going on would let memory and store differ */
  | { readonly type: 'write-failed'; readonly generation: number }
  /** somebody wants a stopped link, or one that waits for its next connection, to be tried now */
  | { readonly type: 'retry' }
  /** the budgets allow nothing more, though they did when the request began */
  | {
      readonly type: 'not-admitted'
      readonly generation: number
      readonly reason: AccountReason
      readonly retryAt: Instant | null
    }
  /** the pause that WhatsApp wants is noted; null when it could not be */
  | { readonly type: 'cooled'; readonly until: Instant | null }
  /** the moment of `wakeAt` has come */
  | { readonly type: 'due' }

/** One countable thing; see the metrics of the same names. */
export type AccountCount =
  | { readonly count: 'started'; readonly method: AccountMethod }
  | { readonly count: 'code-issued' }
  | { readonly count: 'succeeded'; readonly method: AccountMethod; readonly tookMs: number }
  | { readonly count: 'failed'; readonly method: AccountMethod; readonly reason: AccountReason }
  | { readonly count: 'switched'; readonly from: AccountMethod; readonly to: AccountMethod }
  | { readonly count: 'abandoned' }
  | { readonly count: 'disconnected'; readonly statusCode: number | null }
  | { readonly count: 'reconnect' }

/** What the shell has to do, in this order. */
export type AccountEffect =
  /** `fresh` forgets the credentials of an unfinished request; `linked` logs in with the kept ones */
  | {
      readonly do: 'open'
      readonly generation: number
      readonly as: 'fresh' | 'linked'
      readonly method: AccountMethod | null
    }
  /** within two seconds, whatever the other end does */
  | { readonly do: 'close'; readonly generation: number }
  /** count this request on the budgets: WhatsApp has answered, and is about to be asked; else answered by `not-admitted` */
  | { readonly do: 'charge'; readonly generation: number; readonly phone: PhoneNumber | null }
  | { readonly do: 'ask-code'; readonly generation: number; readonly phone: PhoneNumber }
  /** keep the credentials, claim the number; answered by `saved` or `not-saved` */
  | { readonly do: 'save'; readonly generation: number; readonly phone: PhoneNumber }
  /** tell WhatsApp that this device goes, then close and forget */
  | { readonly do: 'log-out'; readonly generation: number }
  | { readonly do: 'forget' }
  | {
      readonly do: 'tell-error'
      readonly reason: AccountReason
      readonly retryAt: number | null
      /** the phone still lists a device that does not exist */
      readonly leavesDevice: boolean
    }
  | { readonly do: 'tell-linked'; readonly phone: PhoneNumber }
  | { readonly do: 'count'; readonly what: AccountCount }
  /** worth a person's look; the operation says where */
  | { readonly do: 'capture'; readonly operation: string; readonly statusCode: number | null }
  /** WhatsApp asked for a pause, of codes or of connections: the next is longer. Answered by `cooled` */
  | { readonly do: 'cool-down'; readonly of: 'codes' | 'connections' }

/** Tells every watching page why something ended. */
export const tellError = (
  reason: AccountReason,
  retryAt: number | null = null,
  leavesDevice = false,
): AccountEffect => ({ do: 'tell-error', reason, retryAt, leavesDevice })

/** Counts one thing. */
export const count = (what: AccountCount): AccountEffect => ({ do: 'count', what })
