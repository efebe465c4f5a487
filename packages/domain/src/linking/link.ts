import { type Brand, type Instant, later } from '../kernel.ts'
import type { LinkCode } from './code.ts'
import type { LinkReason } from './reasons.ts'
import type { LinkRules } from './rules.ts'

/** The one WhatsApp link of one company: `company_<salon id>`. */
export type LinkSessionId = Brand<string, 'LinkSessionId'>
/** `+` and digits, as E.164 has it. */
export type PhoneNumber = Brand<string, 'PhoneNumber'>

export type LinkMethod = 'qr' | 'code'

/** What a company is doing to get linked, from its first click to success, refusal or giving up. */
export interface Attempt {
  readonly method: LinkMethod
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

export type Link =
  | { readonly status: 'idle' }
  | { readonly status: 'starting'; readonly attempt: Attempt; readonly deadlineAt: Instant }
  | { readonly status: 'qr'; readonly attempt: Attempt; readonly qr: ShownQr }
  | {
      readonly status: 'code_wanted'
      readonly attempt: Attempt
      readonly phone: PhoneNumber
      readonly qr: ShownQr
      readonly deadlineAt: Instant
    }
  | {
      readonly status: 'code_shown'
      readonly attempt: Attempt
      readonly phone: PhoneNumber
      readonly qr: ShownQr
      readonly code: LinkCode
      readonly shownAt: Instant
      readonly expiresAt: Instant
      /** when somebody typed a code on the phone and it has not answered yet */
      readonly typedAt: Instant | null
      /** the phone did not answer in time: most likely another code was typed */
      readonly isDoubtful: boolean
    }
  | {
      readonly status: 'finishing'
      readonly attempt: Attempt
      readonly phone: PhoneNumber
      /** the credentials are kept: from now on the link survives this process */
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
  /** linked, and not connected until somebody acts, or until then */
  | {
      readonly status: 'stopped'
      readonly phone: PhoneNumber
      readonly reason: LinkReason
      readonly until: Instant | null
    }
  | { readonly status: 'expired'; readonly method: LinkMethod }
  | {
      readonly status: 'failed'
      readonly method: LinkMethod
      readonly reason: LinkReason
      readonly retryAt: Instant | null
      /** the phone has confirmed already, and still lists a device that does not exist */
      readonly leavesDevice: boolean
    }
  | { readonly status: 'logged_out'; readonly reason: LinkReason }
  /** the same credentials are in use somewhere else: two would fight for ever */
  | { readonly status: 'replaced'; readonly phone: PhoneNumber }

/** The statuses of an attempt that runs. */
export type Attempting = Extract<Link, { readonly attempt: Attempt }>
/** The statuses of a linked account. */
export type Linked = Exclude<Extract<Link, { readonly phone: PhoneNumber }>, Attempting>

/** A link and what of it lasts longer than a status. */
export interface LinkMachine {
  /** which connection may speak: grows with each that is opened, and late words of older ones change nothing */
  readonly generation: number
  /** since when no page watches; null while one does */
  readonly unwatchedSince: Instant | null
  readonly link: Link
}

export const newLinkMachine: LinkMachine = { generation: 0, unwatchedSince: null, link: { status: 'idle' } }

/** The running attempt, or null when there is none. */
export const attemptOf = (link: Link): Attempt | null => ('attempt' in link ? link.attempt : null)

/** The linked number; null when nothing is linked (a link that is finishing is not yet). */
export const linkedPhone = (link: Link): PhoneNumber | null => (isLinked(link) ? link.phone : null)

/** Whether an account is linked, connected or not. */
export const isLinked = (link: Link): link is Linked => 'phone' in link && !('attempt' in link)

/** A QR this long overdue belongs to a connection that is not read any more. */
const QR_OVERDUE_MS = 15_000

/**
 * When the machine wants `due`, whatever happens until then; null for never. The one timer that a session needs, so that
 * none can be forgotten.
 */
export function wakeAt({ link, unwatchedSince }: LinkMachine, rules: LinkRules): Instant | null {
  const own = ownWakeAt(link, rules)
  // A finishing attempt needs no watching page.
  if (attemptOf(link) === null || link.status === 'finishing' || unwatchedSince === null) return own
  const unwatched = later(unwatchedSince, rules.codeLifeMs + rules.unwatchedExtraMs)
  return own === null || unwatched < own ? unwatched : own
}

function ownWakeAt(link: Link, rules: LinkRules): Instant | null {
  if (!('attempt' in link || isLinked(link))) return null
  switch (link.status) {
    case 'starting':
    case 'code_wanted':
      return link.deadlineAt
    case 'finishing':
      return link.retryAt !== null && link.retryAt < link.deadlineAt ? link.retryAt : link.deadlineAt
    case 'qr':
      return later(link.qr.expiresAt, QR_OVERDUE_MS)
    case 'code_shown':
      return codeWakeAt(link, rules)
    case 'reconnecting':
      return link.retryAt
    case 'unlinking': {
      const endsAt = later(link.askedAt, rules.unlinkMs)
      return link.retryAt !== null && link.retryAt < endsAt ? link.retryAt : endsAt
    }
    case 'stopped':
      return link.until
    case 'connected':
    case 'replaced':
      return null
  }
}

/** A phone that has just typed the code is waited for, also past the code's own end. */
function codeWakeAt(link: Link & { readonly status: 'code_shown' }, rules: LinkRules): Instant {
  return link.typedAt === null ? link.expiresAt : later(link.typedAt, rules.typedMs)
}
