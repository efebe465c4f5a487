import { type Brand, type Instant, later } from '../kernel.ts'
import type { AccountCode } from './code.ts'
import type { AccountReason } from './reasons.ts'
import type { AccountRules } from './rules.ts'

/** The one WhatsApp account of one company: `company_<salon id>`. */
export type AccountSessionId = Brand<string, 'AccountSessionId'>
/** `+` and digits, as E.164 has it. */
export type PhoneNumber = Brand<string, 'PhoneNumber'>

export type AccountMethod = 'qr' | 'code'

/** What a company is doing to get linked, from its first click to success, refusal or giving up. */
export interface AccountRequest {
  readonly method: AccountMethod
  /** the number a code was asked for; null with a QR, which any phone may scan */
  readonly phone: PhoneNumber | null
  /** the same number as its country writes it too, asked for once if WhatsApp refuses the first; null where there is none */
  readonly otherPhone: PhoneNumber | null
  /** counted on the hour's budgets: from the moment at which WhatsApp was asked for something */
  readonly isCharged: boolean
  readonly startedAt: Instant
  /** when the code or QR that is awaited was asked for: at the start, or when WhatsApp wanted the code replaced */
  readonly askedAt: Instant
  /** connections that were lost and replaced so far */
  readonly retries: number
  /** codes that WhatsApp itself wanted replaced so far */
  readonly renewals: number
}

/** A QR on the screen: the text to draw, as the library gave it. */
export interface ShownQr {
  readonly text: string
  readonly expiresAt: Instant
  /** 1 for the first of its connection */
  readonly number: number
}

/** A linked session that has no open connection just now. */
interface Away {
  readonly phone: PhoneNumber
  /** connections lost in a row, since the last steady one */
  readonly losses: number
  /** of these, how many with "bad session" */
  readonly badSessions: number
  /** when the next connection is opened; null while one is being opened */
  readonly retryAt: Instant | null
}

export type Account =
  | { readonly status: 'idle' }
  | { readonly status: 'starting'; readonly request: AccountRequest; readonly deadlineAt: Instant }
  | { readonly status: 'qr'; readonly request: AccountRequest; readonly qr: ShownQr }
  | {
      readonly status: 'code_wanted'
      readonly request: AccountRequest
      readonly phone: PhoneNumber
      readonly qr: ShownQr
      readonly deadlineAt: Instant
    }
  | {
      readonly status: 'code_shown'
      readonly request: AccountRequest
      readonly phone: PhoneNumber
      readonly qr: ShownQr
      readonly code: AccountCode
      readonly shownAt: Instant
      readonly expiresAt: Instant
      /** when somebody typed a code on the phone and it has not answered yet */
      readonly typedAt: Instant | null
      /** the phone did not answer in time: most likely another code was typed */
      readonly isDoubtful: boolean
    }
  | {
      readonly status: 'finishing'
      readonly request: AccountRequest
      readonly phone: PhoneNumber
      /** the credentials are kept: from now on the account survives this process */
      readonly isSaved: boolean
      /** the connection that paired has ended, as it must */
      readonly isEnded: boolean
      /** when logging in is tried again; null while it is tried, or before */
      readonly retryAt: Instant | null
      readonly deadlineAt: Instant
    }
  | {
      readonly status: 'connected'
      readonly phone: PhoneNumber
      readonly openedAt: Instant
      readonly losses: number
      readonly badSessions: number
    }
  | ({ readonly status: 'reconnecting' } & Away)
  /** to be unlinked at WhatsApp as soon as there is a connection */
  | ({ readonly status: 'unlinking'; readonly askedAt: Instant } & Away)
  /** linked, and not connected until somebody acts, or until `againAt` */
  | {
      readonly status: 'stopped'
      readonly phone: PhoneNumber
      readonly reason: AccountReason
      /** before then a try is refused; null where waiting is not asked for */
      readonly until: Instant | null
      /** when it is tried again by itself; null: a person has to act first */
      readonly againAt: Instant | null
    }
  | { readonly status: 'expired'; readonly method: AccountMethod }
  | {
      readonly status: 'failed'
      readonly method: AccountMethod
      readonly reason: AccountReason
      readonly retryAt: Instant | null
      /** the phone has confirmed already, and still lists a device that does not exist */
      readonly leavesDevice: boolean
    }
  | { readonly status: 'logged_out'; readonly reason: AccountReason }
  /** the same credentials are in use somewhere else: two would fight for ever */
  | { readonly status: 'replaced'; readonly phone: PhoneNumber }

/** The statuses of a request that runs. */
export type Attempting = Extract<Account, { readonly request: AccountRequest }>
/** The statuses of a linked account. */
export type Linked = Exclude<Extract<Account, { readonly phone: PhoneNumber }>, Attempting>

/** An account and what of it lasts longer than a status. */
export interface AccountMachine {
  /** which connection may speak: grows with each that is opened, and late words of older ones change nothing */
  readonly generation: number
  /** since when no page watches; null while one does */
  readonly unwatchedSince: Instant | null
  readonly account: Account
}

export const newAccountMachine: AccountMachine = {
  generation: 0,
  unwatchedSince: null,
  account: { status: 'idle' },
}

/** The running request, or null when there is none. */
export const requestOf = (account: Account): AccountRequest | null =>
  'request' in account ? account.request : null

/** The linked number; null when nothing is linked (an account that is finishing is not yet). */
export const linkedPhone = (account: Account): PhoneNumber | null =>
  isLinked(account) ? account.phone : null

/** Whether an account is linked, connected or not. */
export const isLinked = (account: Account): account is Linked => 'phone' in account && !('request' in account)

/** A QR this long overdue belongs to a connection that is not read any more. */
const QR_OVERDUE_MS = 15_000

/**
 * When the machine wants `due`, whatever happens until then; null for never. The one timer that a session needs, so that
 * none can be forgotten.
 */
export function wakeAt({ account, unwatchedSince }: AccountMachine, rules: AccountRules): Instant | null {
  const own = ownWakeAt(account, rules)
  // A finishing attempt needs no watching page.
  if (requestOf(account) === null || account.status === 'finishing' || unwatchedSince === null) return own
  const unwatched = later(unwatchedSince, rules.codeLifeMs + rules.unwatchedExtraMs)
  return own === null || unwatched < own ? unwatched : own
}

function ownWakeAt(account: Account, rules: AccountRules): Instant | null {
  if (!('request' in account || isLinked(account))) return null
  switch (account.status) {
    case 'starting':
    case 'code_wanted':
      return account.deadlineAt
    case 'finishing':
      return account.retryAt !== null && account.retryAt < account.deadlineAt
        ? account.retryAt
        : account.deadlineAt
    case 'qr':
      return later(account.qr.expiresAt, QR_OVERDUE_MS)
    case 'code_shown':
      return codeWakeAt(account, rules)
    case 'reconnecting':
      return account.retryAt
    case 'unlinking': {
      const endsAt = later(account.askedAt, rules.unlinkMs)
      return account.retryAt !== null && account.retryAt < endsAt ? account.retryAt : endsAt
    }
    case 'stopped':
      return account.againAt
    case 'connected':
    case 'replaced':
      return null
  }
}

/** A phone that has just typed the code is waited for, also past the code's own end. */
function codeWakeAt(account: Account & { readonly status: 'code_shown' }, rules: AccountRules): Instant {
  return account.typedAt === null ? account.expiresAt : later(account.typedAt, rules.typedMs)
}
