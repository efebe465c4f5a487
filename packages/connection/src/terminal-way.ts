import type { TerminalTicket } from '@latchkey/protocol/runner-pairing'
import { SHARD_PARAMETER, shardOf } from '@latchkey/protocol/terminal/shard'
import { brokerAddress } from './broker-address.ts'
import { PreparedSocket } from './prepared-socket.ts'
import type { BinarySocket, Platform } from './transport.ts'

/** An end that cannot reach a broker directly still has the usual way, and must not wait long for it. */
const DIRECT_WITHIN_MS = 3_000
/** A direct way that failed is not tried before this: a firewall stays, a broker comes back. */
const AVOIDED_MS = 60_000

/**
 * The way of terminal connections: to the broker itself when the ticket says where that is, which saves a detour; else, or when
 * that fails, by the address that this end knows, where any broker carries it on.
 */
export class TerminalWay {
  readonly #terminalUrl: string
  readonly #platform: Pick<Platform, 'openSocket' | 'nowMs' | 'after'>
  #prepared: PreparedSocket | null = null
  #avoided: { readonly url: string; readonly untilMs: number } | null = null

  constructor(brokerUrl: string, platform: Pick<Platform, 'openSocket' | 'nowMs' | 'after'>) {
    this.#terminalUrl = brokerAddress(brokerUrl).terminalUrl
    this.#platform = platform
  }

  /** Opens the usual way before there is a ticket, for the next `open`. */
  prepare(runnerId: string | null, timeoutMs: number): void {
    this.#prepared?.drop()
    this.#prepared = new PreparedSocket(this.#platform, this.#usualUrl(runnerId), timeoutMs)
  }

  /** The usual way, prepared or not: a credential goes to no address that another one named. */
  async openUsual(runnerId: string | null, timeoutMs: number): Promise<BinarySocket> {
    const prepared = await this.#prepared?.take()
    this.unprepare()
    return prepared ?? this.#platform.openSocket(this.#usualUrl(runnerId), timeoutMs)
  }

  /** Closes a prepared connection. */
  unprepare(): void {
    this.#prepared?.drop()
    this.#prepared = null
  }

  /** Rejects when no way is open. The ticket is not shown here, so it is as good as before. */
  async open(ticket: TerminalTicket, runnerId: string | null, timeoutMs: number): Promise<BinarySocket> {
    const usual = this.#usualUrl(runnerId)
    const direct = this.#directUrl(ticket)
    const isElsewhere = direct !== null && direct !== this.#terminalUrl
    const prepared = isElsewhere ? null : await this.#prepared?.take()
    this.unprepare()
    if (prepared) return prepared
    if (direct !== null) {
      try {
        return await this.#platform.openSocket(
          withShard(direct, runnerId),
          Math.min(timeoutMs, DIRECT_WITHIN_MS),
        )
      } catch {
        this.#avoided = { url: direct, untilMs: this.#platform.nowMs() + AVOIDED_MS }
      }
    }
    return this.#platform.openSocket(usual, timeoutMs)
  }

  #usualUrl(runnerId: string | null): string {
    return withShard(this.#terminalUrl, runnerId)
  }

  #directUrl({ terminalUrl }: TerminalTicket): string | null {
    if (terminalUrl === undefined) return null
    // A connection that TLS protects is never replaced by one without TLS.
    if (this.#terminalUrl.startsWith('wss:') && !terminalUrl.startsWith('wss:')) return null
    const isAvoided = this.#avoided?.url === terminalUrl && this.#platform.nowMs() < this.#avoided.untilMs
    return isAvoided ? null : terminalUrl
  }
}

const withShard = (url: string, runnerId: string | null): string =>
  runnerId === null ? url : `${url}?${SHARD_PARAMETER}=${shardOf(runnerId)}`
