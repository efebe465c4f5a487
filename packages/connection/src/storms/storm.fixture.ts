import { instant } from '@latchkey/domain/kernel'
import { leaseHolds } from '@latchkey/domain/lease'
import { type AttemptBudget, banLeftMs, charge } from '@latchkey/domain/limits/budget'
import { addressSubject } from '@latchkey/domain/limits/subjects'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { fractionOf } from '../backoff.ts'
import { Retry } from '../retry.ts'
import { seededBytes, VirtualTime } from './virtual-time.fixture.ts'

/** A connection is given up after this (`runner-link.ts`, `app-control.ts`). */
const CONNECT_WITHIN_MS = 10_000
/** A refused connection is known at once; on a network, after its round trip. */
const REFUSED_AFTER_MS = 2
/** The storm is over by then, or never. */
const WATCHED_MS = 5 * 60_000

/** A storm as it is played. All times in milliseconds. */
export interface StormOptions {
  readonly seed: number
  readonly clients: number
  /** clients that are behind one address, as an office is; the rest has one each */
  readonly behindOneAddress: number
  readonly brokers: number
  /** a broker's processor time for one client that comes back, with all that it then asks */
  readonly costMs: number
  /** the part of it that a client costs which has given up waiting by then */
  readonly handshakeMs: number
  /** when each broker is gone, and when it is there again; null: for good */
  readonly away: ReadonlyArray<{
    readonly broker: number
    readonly fromMs: number
    readonly untilMs: number | null
    /** what it asks its clients to wait for, as one that stops in good order does */
    readonly comeBackInMs?: number
  }>
  /** everybody's connection is cut at 0, whatever the brokers do */
  readonly cut: boolean
  /** how many of a hundred clients show a route ticket that the broker does not know yet */
  readonly unknownTicketsPercent?: number
  /** how a client waits between its tries, in place of the product's own: shows that the simulation sees the difference */
  readonly waits?: (failures: number, fraction: number) => number
}

export interface StormFigures {
  readonly affected: number
  readonly neverBack: number
  readonly halfMs: number
  readonly lastMs: number
  readonly triesEach: number
  /** the most connections that waited for one broker */
  readonly queueMost: number
  /** handshakes that a broker made for clients that had given up */
  readonly madeInVain: number
  /** clients that were away for longer than the grace: they lose their pairings */
  readonly livesEnded: number
  readonly addressesBanned: number
  /** how long a dead broker was believed to be there */
  readonly believedMsMost: number
}

/** Clients with the product's own waits come back to brokers that need their time for each, in virtual time. */
export function playStorm(options: StormOptions): StormFigures {
  const storm = new StormPlay(options)
  storm.begin()
  return storm.figures()
}

class Broker {
  isThere = true
  /** counts its lives: what an earlier one had begun is not finished */
  life = 0
  isBusy = false
  waiting: { readonly client: Client; readonly attempt: number }[] = []
  waitingMost = 0
  madeInVain = 0
}

interface Client {
  readonly retry: { afterFailure(): void; afterHint(ms: number): void; succeeded(): void }
  readonly address: string
  readonly hasUnknownTicket: boolean
  broker: number | null
  awaySinceMs: number | null
  backAtMs: number
  tries: number
  /** the try that counts */
  attempt: number
  outlivedGrace: boolean
}

class StormPlay {
  readonly #options: StormOptions
  readonly #time = new VirtualTime()
  readonly #random: (byteCount: number) => Uint8Array
  readonly #brokers: readonly Broker[]
  readonly #clients: readonly Client[]
  readonly #budgets = new Map<string, AttemptBudget>()
  readonly #banned = new Set<string>()
  #believedMsMost = 0

  constructor(options: StormOptions) {
    this.#options = options
    this.#random = seededBytes(options.seed)
    this.#brokers = Array.from({ length: options.brokers }, () => new Broker())
    this.#clients = Array.from({ length: options.clients }, (_, n) => this.#client(n))
  }

  begin(): void {
    const { away, cut } = this.#options
    // They were there for a while: waits begin anew.
    this.#time.passUntil(60_000)
    const startMs = this.#time.nowMs
    for (const { broker, fromMs, untilMs, comeBackInMs } of away) {
      this.#time.after(fromMs, () => this.#ends(broker, comeBackInMs ?? null))
      if (untilMs !== null) this.#time.after(untilMs, () => this.#starts(broker))
    }
    if (cut) this.#time.after(0, () => this.#loseAll(() => true, null))
    this.#time.passUntil(startMs + WATCHED_MS)
  }

  figures(): StormFigures {
    const affected = this.#clients.filter(({ tries }) => tries > 0)
    const backMs = affected
      .filter(({ awaySinceMs }) => awaySinceMs === null)
      .map(({ backAtMs }) => backAtMs)
      .sort((a, b) => a - b)
    const sum = (of: (client: Client) => number) => affected.reduce((all, client) => all + of(client), 0)
    return {
      affected: affected.length,
      neverBack: affected.length - backMs.length,
      halfMs: Math.round(backMs[Math.floor(backMs.length / 2)] ?? 0),
      lastMs: Math.round(backMs.at(-1) ?? 0),
      triesEach: affected.length === 0 ? 0 : sum(({ tries }) => tries) / affected.length,
      queueMost: Math.max(...this.#brokers.map(({ waitingMost }) => waitingMost)),
      madeInVain: this.#brokers.reduce((all, broker) => all + broker.madeInVain, 0),
      livesEnded: affected.filter(({ outlivedGrace }) => outlivedGrace).length,
      addressesBanned: this.#banned.size,
      believedMsMost: this.#believedMsMost,
    }
  }

  #client(n: number): Client {
    const { behindOneAddress, brokers, unknownTicketsPercent = 0 } = this.#options
    const address =
      n < behindOneAddress ? '198.51.100.1' : `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
    const client: Client = {
      retry: this.#retry(() => this.#try(client)),
      address: addressSubject(address),
      hasUnknownTicket: this.#fraction() * 100 < unknownTicketsPercent,
      broker: n % brokers,
      awaySinceMs: null,
      backAtMs: 0,
      tries: 0,
      attempt: 0,
      outlivedGrace: false,
    }
    return client
  }

  #retry(run: () => void): Client['retry'] {
    const { waits } = this.#options
    const platform = {
      nowMs: () => this.#time.nowMs,
      after: (delayMs: number, then: () => void) => this.#time.after(delayMs, then),
      randomBytes: this.#random,
    }
    if (waits === undefined) return new Retry(platform, run)
    let failures = 0
    return {
      afterFailure: () => void this.#time.after(waits(failures++, this.#fraction()), run),
      afterHint: () => void this.#time.after(waits(failures++, this.#fraction()), run),
      succeeded: () => {
        failures = 0
      },
    }
  }

  #ends(number: number, comeBackInMs: number | null): void {
    const broker = this.#brokers[number]
    if (broker === undefined) return
    broker.isThere = false
    broker.life++
    broker.isBusy = false
    for (const { client, attempt } of broker.waiting.splice(0))
      if (attempt === client.attempt) this.#lose(client, null)
    // One that stops in good order gives its lease back. Of one that is killed the others believe it until its lease is over.
    if (comeBackInMs === null) this.#watchLease(this.#time.nowMs, this.#fraction())
    this.#loseAll((client) => client.broker === number, comeBackInMs)
  }

  #starts(number: number): void {
    const broker = this.#brokers[number]
    if (broker === undefined) return
    broker.isThere = true
  }

  /** By the domain's rule, at the moments at which others look. */
  #watchLease(endedAtMs: number, sinceRenewal: number): void {
    const { instanceLeaseMs } = defaultPairingRules
    const from = instant(endedAtMs - sinceRenewal * (instanceLeaseMs / 3))
    const lease = { from, until: instant(from + instanceLeaseMs) }
    const look = () => {
      if (leaseHolds(lease, instant(this.#time.nowMs)))
        return void this.#time.after(instanceLeaseMs / 3, look)
      this.#believedMsMost = Math.max(this.#believedMsMost, this.#time.nowMs - endedAtMs)
    }
    look()
  }

  #loseAll(isMeant: (client: Client) => boolean, comeBackInMs: number | null): void {
    for (const client of this.#clients) if (isMeant(client)) this.#lose(client, comeBackInMs)
  }

  #lose(client: Client, comeBackInMs: number | null): void {
    client.attempt++
    client.broker = null
    client.awaySinceMs ??= this.#time.nowMs
    if (comeBackInMs === null) client.retry.afterFailure()
    // Each is told a different time, spread over what they ask for together.
    else client.retry.afterHint(comeBackInMs * (1 + this.#fraction()))
  }

  #try(client: Client): void {
    client.tries++
    const attempt = ++client.attempt
    const there = this.#brokers.filter(({ isThere }) => isThere)
    const broker = there[Math.floor(this.#fraction() * there.length)]
    if (broker === undefined) {
      this.#time.after(REFUSED_AFTER_MS, () => attempt === client.attempt && client.retry.afterFailure())
      return
    }
    broker.waiting.push({ client, attempt })
    broker.waitingMost = Math.max(broker.waitingMost, broker.waiting.length)
    if (!broker.isBusy) this.#serve(broker)
    this.#time.after(CONNECT_WITHIN_MS, () => {
      if (attempt !== client.attempt || client.awaySinceMs === null) return
      client.attempt++
      client.retry.afterFailure()
    })
  }

  /** One after the other, in their order. One that has given up costs its handshake all the same. */
  #serve(broker: Broker): void {
    const next = broker.waiting.shift()
    broker.isBusy = next !== undefined
    if (next === undefined) return
    const { life } = broker
    const { client, attempt } = next
    const { costMs, handshakeMs } = this.#options
    const hasGivenUp = attempt !== client.attempt
    if (hasGivenUp) broker.madeInVain++
    this.#time.after(hasGivenUp ? handshakeMs : costMs, () => {
      if (life !== broker.life) return
      if (attempt === client.attempt) this.#served(client, broker)
      this.#serve(broker)
    })
  }

  #served(client: Client, broker: Broker): void {
    client.attempt++
    if (client.hasUnknownTicket && client.tries <= 2) return this.#refused(client)
    const nowMs = this.#time.nowMs
    if (client.awaySinceMs !== null && nowMs - client.awaySinceMs > defaultPairingRules.graceMs)
      client.outlivedGrace = true
    client.broker = this.#brokers.indexOf(broker)
    client.backAtMs = nowMs - (client.awaySinceMs ?? nowMs)
    client.awaySinceMs = null
    client.retry.succeeded()
  }

  /** By the domain's budgets: a ticket that is not known counts as a guess. */
  #refused(client: Client): void {
    const { limits } = defaultPairingRules
    const now = instant(this.#time.nowMs)
    const budget = this.#budgets.get(client.address)
    if (banLeftMs(budget, now) === 0) {
      const charged = charge(budget, limits.address, now)
      this.#budgets.set(client.address, charged)
      if (charged.bannedUntil !== null) this.#banned.add(client.address)
    }
    client.retry.afterFailure()
  }

  #fraction(): number {
    return fractionOf(this.#random(4))
  }
}
