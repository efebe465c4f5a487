import type { TerminalTicket } from '@latchkey/protocol/runner-pairing'
import { SHARD_PARAMETER, shardOf } from '@latchkey/protocol/terminal/shard'
import { brokerAddress } from './broker-address.ts'
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
  readonly #platform: Pick<Platform, 'openSocket' | 'nowMs'>
  #avoided: { readonly url: string; readonly untilMs: number } | null = null

  constructor(brokerUrl: string, platform: Pick<Platform, 'openSocket' | 'nowMs'>) {
    this.#terminalUrl = brokerAddress(brokerUrl).terminalUrl
    this.#platform = platform
  }

  /** Rejects when no way is open. The ticket is not shown here, so it is as good as before. */
  async open(ticket: TerminalTicket, runnerId: string | null, timeoutMs: number): Promise<BinarySocket> {
    const shard = runnerId === null ? '' : `?${SHARD_PARAMETER}=${shardOf(runnerId)}`
    const direct = this.#directUrl(ticket)
    if (direct !== null) {
      try {
        return await this.#platform.openSocket(`${direct}${shard}`, Math.min(timeoutMs, DIRECT_WITHIN_MS))
      } catch {
        this.#avoided = { url: direct, untilMs: this.#platform.nowMs() + AVOIDED_MS }
      }
    }
    return this.#platform.openSocket(`${this.#terminalUrl}${shard}`, timeoutMs)
  }

  #directUrl({ terminalUrl }: TerminalTicket): string | null {
    if (terminalUrl === undefined) return null
    // A connection that TLS protects is never replaced by one without TLS.
    if (this.#terminalUrl.startsWith('wss:') && !terminalUrl.startsWith('wss:')) return null
    const isAvoided = this.#avoided?.url === terminalUrl && this.#platform.nowMs() < this.#avoided.untilMs
    return isAvoided ? null : terminalUrl
  }
}
