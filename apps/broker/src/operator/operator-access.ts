import { createHash, randomBytes } from 'node:crypto'
import { instant } from '@latchkey/domain/kernel'
import { type AttemptBudget, type BudgetRule, banLeftMs, charge } from '@latchkey/domain/limits/budget'
import { sameSecret } from '../runner-pairing/runner-proof.ts'

const TOKEN_BYTES = 32
export const LINK_LIFE_MS = 60 * 60 * 1_000
export const SESSION_LIFE_MS = 12 * 60 * 60 * 1_000
/** A person opens a few links and signs in on a few devices; the oldest give way. */
const LINKS_MAX = 8
const SESSIONS_MAX = 64
const ADDRESSES_MAX = 10_000

/** Guessing 256 bits is hopeless anyway: this keeps the tries out of the way of others. */
const RULE: BudgetRule = { bansAtFailure: 10, windowMs: 60_000, banMs: 5 * 60_000, resolutionMs: 1 }

export type SignIn =
  | { readonly status: 'signed-in'; readonly session: string; readonly until: number }
  | { readonly status: 'wrong' }
  | { readonly status: 'banned'; readonly leftMs: number }

/**
 * Who is the operator: whoever opened a link that was printed for them, once, or knows the enrolment secret. Kept in memory, as
 * digests: a restart of the broker signs everybody out, and prints a new link.
 */
export class OperatorAccess {
  readonly #clock: () => number
  readonly #enrolment: string
  readonly #links = new Map<string, number>()
  readonly #sessions = new Map<string, number>()
  readonly #budgets = new Map<string, AttemptBudget>()
  /** called after each sign-in: the link that was printed is used up */
  onSignedIn: () => void = () => {}

  constructor(clock: () => number, enrolment: string) {
    this.#clock = clock
    this.#enrolment = enrolment
  }

  /** A token that signs in once within the hour. */
  makeLinkToken(): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    remember(this.#links, token, this.#clock() + LINK_LIFE_MS, LINKS_MAX)
    return token
  }

  signIn(token: string, address: string): SignIn {
    const leftMs = this.banLeftMs(address)
    if (leftMs > 0) return { status: 'banned', leftMs }
    if (!this.#take(this.#links, token)) {
      this.#charge(address)
      return { status: 'wrong' }
    }
    const session = randomBytes(TOKEN_BYTES).toString('base64url')
    const until = Math.floor(this.#clock()) + SESSION_LIFE_MS
    remember(this.#sessions, session, until, SESSIONS_MAX)
    this.onSignedIn()
    return { status: 'signed-in', session, until }
  }

  /** Until when a session is good, milliseconds since the epoch; null when it is none. */
  sessionUntil(session: string | undefined): number | null {
    const until = session === undefined ? undefined : this.#sessions.get(digest(session))
    return until !== undefined && this.#clock() < until ? until : null
  }

  signOut(session: string | undefined): void {
    if (session !== undefined) this.#sessions.delete(digest(session))
  }

  /** Whether a bearer knows the enrolment secret. A wrong one is charged to the address. */
  knowsSecret(bearer: string, address: string): boolean {
    if (this.banLeftMs(address) > 0) return false
    if (sameSecret(bearer, this.#enrolment)) return true
    this.#charge(address)
    return false
  }

  banLeftMs(address: string): number {
    return banLeftMs(this.#budgets.get(address), instant(this.#clock()))
  }

  #charge(address: string): void {
    const budget = charge(this.#budgets.get(address), RULE, instant(this.#clock()))
    this.#budgets.delete(address)
    this.#budgets.set(address, budget)
    const [longestAgo] = this.#budgets.keys()
    if (this.#budgets.size > ADDRESSES_MAX && longestAgo !== undefined) this.#budgets.delete(longestAgo)
  }

  #take(tokens: Map<string, number>, token: string): boolean {
    const key = digest(token)
    const until = tokens.get(key)
    tokens.delete(key)
    return until !== undefined && this.#clock() < until
  }
}

/** Looked up by digest, so that no comparison ever touches the token itself. */
const digest = (token: string): string => createHash('sha256').update(token).digest('base64url')

function remember(tokens: Map<string, number>, token: string, until: number, max: number): void {
  tokens.set(digest(token), until)
  const [oldest] = tokens.keys()
  if (tokens.size > max && oldest !== undefined) tokens.delete(oldest)
}
