import { randomBytes } from 'node:crypto'
import type { AppSessionId, RunnerId } from '@latchkey/domain/runner-pairing/records'

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

export interface Ticket {
  readonly ticket: string
  /** milliseconds since the epoch */
  readonly expiresAt: number
}

export const TICKET_LIFE_MS = 30_000
const TICKET_BYTES = 32
/** More than an end needs that loses its link again and again within 30 s. */
const PER_HOLDER_MAX = 8
/** About 3 MB; the oldest give way. */
const TICKETS_MAX = 10_000

/** Issues what admits one terminal connection: random, single use, short-lived, in this process alone. */
export class TicketOffice {
  readonly #clock: () => number
  /** in the order of their issue, which is the order of their end */
  readonly #open = new Map<string, { readonly holder: TicketHolder; readonly expiresAt: number }>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  get openCount(): number {
    return this.#open.size
  }

  issue(holder: TicketHolder): Ticket {
    this.#makeRoom(holder)
    const ticket = randomBytes(TICKET_BYTES).toString('base64url')
    const expiresAt = Math.floor(this.#clock()) + TICKET_LIFE_MS
    this.#open.set(ticket, { holder, expiresAt })
    return { ticket, expiresAt }
  }

  /** Takes a ticket; null when it is unknown, used or too old. */
  redeem(ticket: string): TicketHolder | null {
    const found = this.#open.get(ticket)
    this.#open.delete(ticket)
    return found !== undefined && this.#clock() < found.expiresAt ? found.holder : null
  }

  revokeApp(appSessionId: string): void {
    this.#revoke((holder) => holder.end === 'app' && holder.appSessionId === appSessionId)
  }

  /** Of the runner and of all apps that would reach it. */
  revokeRunner(runnerId: string): void {
    this.#revoke((holder) => holder.runnerId === runnerId)
  }

  #revoke(isMeant: (holder: TicketHolder) => boolean): void {
    for (const [ticket, { holder }] of this.#open) if (isMeant(holder)) this.#open.delete(ticket)
  }

  #makeRoom(holder: TicketHolder): void {
    const now = this.#clock()
    const own: string[] = []
    for (const [ticket, open] of this.#open) {
      if (open.expiresAt <= now) this.#open.delete(ticket)
      else if (sameEnd(open.holder, holder)) own.push(ticket)
    }
    for (const ticket of own.slice(0, Math.max(0, own.length - PER_HOLDER_MAX + 1))) this.#open.delete(ticket)
    const [oldest] = this.#open.keys()
    if (this.#open.size >= TICKETS_MAX && oldest !== undefined) this.#open.delete(oldest)
  }
}

const sameEnd = (one: TicketHolder, other: TicketHolder): boolean =>
  one.end === 'app'
    ? other.end === 'app' && one.appSessionId === other.appSessionId
    : other.end === 'runner' && one.runnerId === other.runnerId
