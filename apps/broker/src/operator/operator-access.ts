import { createHash, randomBytes } from 'node:crypto'
import { instant, later } from '@latchkey/domain/kernel'
import type { BudgetRule } from '@latchkey/domain/limits/budget'
import type { Key, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { z } from 'zod'
import { AddressBudgets } from '../limits/address-budgets.ts'
import type { SecretDoor, Shown } from '../limits/secret-door.ts'
import { sameSecret } from '../secrets/same-secret.ts'
import { type Signed, signed } from '../secrets/signed.ts'

const SESSION_BYTES = 32
const NONCE_BYTES = 16
export const CONSOLE_URL_LIFE_MS = 60 * 60 * 1_000
export const SESSION_LIFE_MS = 12 * 60 * 60 * 1_000

/** Guessing 256 bits is hopeless anyway: this keeps the tries out of the way of others. */
const RULE: BudgetRule = { bansAtFailure: 10, windowMs: 60_000, banMs: 5 * 60_000, resolutionMs: 1 }

/** What a console URL says, signed. `until`: milliseconds since the epoch. */
const consoleUrlSchema = z.object({ nonce: z.string(), until: z.number() })
type ConsoleUrl = z.output<typeof consoleUrlSchema>

/** Both halves of a session, which are good together only: what the browser sends as a cookie, and what the page keeps. */
export interface OperatorSession {
  readonly cookie: string
  readonly pageKey: string
}

export type SignIn =
  | { readonly status: 'signed-in'; readonly session: OperatorSession; readonly until: number }
  | { readonly status: 'wrong' }
  | { readonly status: 'banned'; readonly leftMs: number }

/**
 * Signs the operator in: by a printed console URL, good once, or by the operator's secret. Console URLs are signed, so that every broker
 * instance accepts them. Sessions and used console URLs are kept in the store as digests, so that a sign-out holds everywhere. Reading
 * them rejects when the store is away.
 */
export class OperatorAccess {
  readonly #store: PairingStore
  readonly #clock: () => number
  readonly #secret: string
  readonly #door: SecretDoor
  readonly #urls: Signed<typeof consoleUrlSchema>
  readonly #budgets: AddressBudgets
  /** called after each sign-in: the console URL that was printed is used up */
  onSignedIn: () => void = () => {}

  /** @param parts.clock the store's time, milliseconds since the epoch */
  constructor(parts: {
    readonly store: PairingStore
    readonly clock: () => number
    /** the operator's secret */
    readonly operator: string
    readonly signingKey: Buffer
    readonly door: SecretDoor
  }) {
    this.#store = parts.store
    this.#clock = parts.clock
    this.#secret = parts.operator
    this.#door = parts.door
    this.#budgets = new AddressBudgets(RULE, parts.clock)
    this.#urls = signed(parts.signingKey, 'console-link', consoleUrlSchema)
  }

  /** A token that signs in once within the hour. */
  makeConsoleUrlToken(): string {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    return this.#urls.write({ nonce, until: Math.floor(this.#clock()) + CONSOLE_URL_LIFE_MS })
  }

  async signIn(token: string, address: string): Promise<SignIn> {
    const leftMs = this.#budgets.banLeftMs(address)
    if (leftMs > 0) return { status: 'banned', leftMs }
    const url = this.#urls.read(token)
    const session = { cookie: newSecret(), pageKey: newSecret() }
    const until = url === null ? null : await this.#takeConsoleUrl(url, session)
    if (until === null) {
      // A console URL that was used or is too old is still signed by a broker: opening it again guesses nothing.
      if (url === null) this.#budgets.charge(address)
      return { status: 'wrong' }
    }
    this.onSignedIn()
    return { status: 'signed-in', session, until }
  }

  /** Until when a session is good, milliseconds since the epoch; null when it is none. */
  async sessionUntil(session: OperatorSession | null): Promise<number | null> {
    if (session === null) return null
    const id = sessionDigest(session)
    return this.#store.run({
      keys: [{ kind: 'operator', id }],
      decide: (view, now) => {
        const grant = view.get('operator', id)
        const isGood = grant?.status === 'signed-in' && now < grant.until
        return { writes: [], answer: isGood ? grant.until : null }
      },
    })
  }

  /** Whether a bearer knows the operator's secret. It is tried through the door that runners use too, at the same cost. */
  showSecret(bearer: string, address: string): Promise<Shown> {
    return this.#door.show(sameSecret(bearer, this.#secret), address)
  }

  async signOut(session: OperatorSession | null): Promise<void> {
    if (session === null) return
    const id = sessionDigest(session)
    await this.#store.run({
      keys: [{ kind: 'operator', id }],
      decide: () => ({
        writes: [{ drop: 'operator', id }],
        answer: null,
      }),
    })
  }

  /** Uses a console URL up and begins a session, in one step; null when the URL was used before or is too old. */
  #takeConsoleUrl(url: ConsoleUrl, session: OperatorSession): Promise<number | null> {
    const urlId = digest(url.nonce)
    const sessionId = sessionDigest(session)
    const keys = [urlId, sessionId].map((id): Key => ({ kind: 'operator', id }))
    return this.#store.run({
      keys,
      decide: (view, now) => {
        if (now >= url.until || view.get('operator', urlId) !== undefined) return { writes: [], answer: null }
        const until = later(now, SESSION_LIFE_MS)
        const spentUntil = instant(url.until)
        return {
          writes: [
            {
              put: 'operator',
              id: urlId,
              value: { status: 'spent', until: spentUntil },
              sweepAt: spentUntil,
            },
            { put: 'operator', id: sessionId, value: { status: 'signed-in', until }, sweepAt: until },
          ],
          answer: until,
        }
      },
    })
  }
}

const newSecret = (): string => randomBytes(SESSION_BYTES).toString('base64url')

/** Neither half contains the sign between them, so that no other pair has the same text. */
const sessionDigest = ({ cookie, pageKey }: OperatorSession): string => digest(`${cookie} ${pageKey}`)

/** Looked up by digest, so that no comparison ever touches the token itself. */
const digest = (token: string): string => createHash('sha256').update(token).digest('base64url')
