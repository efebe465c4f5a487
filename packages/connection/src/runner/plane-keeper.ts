import type { TerminalTicket } from '@latchkey/protocol/runner-pairing'
import { Retry } from '../retry.ts'
import { TerminalWay } from '../terminal-way.ts'
import type { Platform } from '../transport.ts'
import type { RunnerControl } from './registration.ts'
import { type AcceptChannel, openTerminalPlane, type TerminalPlane } from './terminal-plane.ts'

export interface PlaneKeeperOptions {
  readonly brokerUrl: string
  readonly runnerId: string
  readonly platform: Platform
  readonly accept: AcceptChannel
  /** gives new tickets; the keeper is to be stopped when it ends */
  readonly control: RunnerControl
  readonly onStatus: (status: 'online' | 'offline') => void
}

/** Keeps one terminal connection open while a control connection lives. */
export class PlaneKeeper {
  readonly #options: PlaneKeeperOptions
  readonly #way: TerminalWay
  readonly #retry: Retry
  #plane: TerminalPlane | null = null
  #stopped = false

  constructor(options: PlaneKeeperOptions) {
    this.#options = options
    this.#way = new TerminalWay(options.brokerUrl, options.platform)
    this.#retry = new Retry(options.platform, () => void this.#tryAgain())
  }

  async open(ticket: TerminalTicket): Promise<void> {
    const { platform, accept, runnerId, onStatus } = this.#options
    const plane = await openTerminalPlane({
      openSocket: (timeoutMs) => this.#way.open(ticket, runnerId, timeoutMs),
      ticket: ticket.ticket,
      platform,
      accept,
      onEnd: () => this.#ended(),
    }).catch(() => null)
    if (this.#stopped) return plane?.close()
    if (plane === null) return void this.#retry.afterFailure()
    this.#plane = plane
    this.#retry.succeeded()
    onStatus('online')
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#retry.stop()
    const plane = this.#plane
    this.#plane = null
    plane?.close()
    if (plane !== null) this.#options.onStatus('offline')
  }

  #ended(): void {
    if (this.#plane === null || this.#stopped) return
    this.#plane = null
    this.#options.onStatus('offline')
    this.#retry.afterFailure()
  }

  async #tryAgain(): Promise<void> {
    const answer = await this.#options.control.call('terminal:ticket', {})
    if (this.#stopped) return
    if (answer.success) await this.open(answer.terminal)
    else this.#retry.afterFailure()
  }
}
