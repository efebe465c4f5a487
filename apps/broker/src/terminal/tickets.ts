import { randomBytes } from 'node:crypto'
import {
  type AppSessionId,
  parseAppSessionId,
  parseRunnerId,
  type RunnerId,
} from '@latchkey/domain/runner-pairing/records'
import type { TerminalTicket } from '@latchkey/protocol/runner-pairing'
import { z } from 'zod'
import { type Signed, signed } from '../secrets/signed.ts'

/** Whom a ticket admits to the terminal plane, and as what. */
export type TicketHolder =
  | { readonly end: 'runner'; readonly runnerId: RunnerId; readonly epoch: number }
  | {
      readonly end: 'app'
      readonly appSessionId: AppSessionId
      readonly runnerId: RunnerId
      readonly gen: number
      readonly pid: string
      readonly label: string
      readonly address: string
    }

/** What a ticket says that one of the brokers has signed. */
export interface ShownTicket {
  readonly holder: TicketHolder
  /** the home of its runner: the one instance that admits it */
  readonly node: string
  readonly nonce: string
}

/** The broker instances, as far as tickets need them. */
export interface TicketInstances {
  /** this one */
  readonly nodeId: string
  /** the public address of that very instance; null when all share one */
  publicUrlOf(instanceId: string): string | null
}

export const TICKET_LIFE_MS = 30_000
const NONCE_BYTES = 12
/** What this broker takes of an app on a terminal connection; older ones do not. */
const FOR_APPS = { takesEarly: true, takesCredential: true } as const
/** About 10 MB. More than this many connections in 30 s is more than an instance can take: the rest come again. */
const USED_MAX = 100_000

const runnerId = z.string().transform((text, ctx) => parseRunnerId(text) ?? fail(ctx))
const holder = z.discriminatedUnion('end', [
  z.object({ end: z.literal('runner'), runnerId, epoch: z.number() }),
  z.object({
    end: z.literal('app'),
    appSessionId: z.string().transform((text, ctx) => parseAppSessionId(text) ?? fail(ctx)),
    runnerId,
    gen: z.number(),
    pid: z.string(),
    label: z.string(),
    address: z.string(),
  }),
])
const written = z.object({ holder, node: z.string(), nonce: z.string(), expiresAt: z.number() })

/**
 * Issues tickets, each for one terminal connection: short-lived, single use, good at one broker instance. Every instance can issue
 * tickets for all, since they share the key. The instance that a ticket names remembers its use.
 */
export class TicketOffice {
  readonly #instances: TicketInstances
  readonly #clock: () => number
  readonly #signed: Signed<typeof written>
  /** tickets used since `#turnedAt`, and in the while before it: together at least one ticket's life */
  #used = new Set<string>()
  #usedBefore = new Set<string>()
  #turnedAt: number

  /** @param clock milliseconds since the epoch, the same for all brokers: the store's */
  constructor(parts: { instances: TicketInstances; signingKey: Buffer; clock: () => number }) {
    this.#instances = parts.instances
    this.#clock = parts.clock
    this.#signed = signed(parts.signingKey, 'terminal-ticket', written)
    this.#turnedAt = parts.clock()
  }

  /** @param home the instance that has the runner's control connection; this one where that is unknown */
  issue(who: TicketHolder, home: string | null): TerminalTicket {
    const node = home ?? this.#instances.nodeId
    const expiresAt = Math.floor(this.#clock()) + TICKET_LIFE_MS
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    const ticket = this.#signed.write({ holder: who, node, nonce, expiresAt })
    const publicUrl = this.#instances.publicUrlOf(node)
    const issued = { ticket, expiresAt, ...(who.end === 'app' && FOR_APPS) }
    if (publicUrl === null) return issued
    return { ...issued, terminalUrl: `${publicUrl.replace(/^http/, 'ws')}/terminal` }
  }

  /** What a ticket says; null when no broker has signed it, or it is too old. */
  read(ticket: string): ShownTicket | null {
    const said = this.#signed.read(ticket)
    if (said === null || this.#clock() >= said.expiresAt) return null
    const { holder: who, node, nonce } = said
    return { holder: who, node, nonce }
  }

  isForHere({ node }: ShownTicket): boolean {
    return node === this.#instances.nodeId
  }

  /** Takes a ticket for this instance. False when it was used before, or for another instance, or too many were used just now. */
  use(shown: ShownTicket): boolean {
    this.#turn()
    const { nonce } = shown
    if (!this.isForHere(shown) || this.#used.has(nonce) || this.#usedBefore.has(nonce)) return false
    if (this.#used.size >= USED_MAX) return false
    this.#used.add(nonce)
    return true
  }

  /** Forgets used tickets that have expired. */
  #turn(): void {
    const now = this.#clock()
    if (now - this.#turnedAt < TICKET_LIFE_MS) return
    this.#usedBefore = this.#used
    this.#used = new Set()
    this.#turnedAt = now
  }
}

function fail(ctx: z.core.$RefinementCtx): never {
  ctx.addIssue('not an id')
  return z.NEVER
}
