import type { TerminalTicket } from '@latchkey/protocol/runner-pairing'
import { delayBeforeTryMs, fractionOf } from '../backoff.ts'
import { TerminalWay } from '../terminal-way.ts'
import type { Cancel, Platform } from '../transport.ts'
import { CALL_TIMEOUT_MS, type RunnerControl } from './registration.ts'
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
  #plane: TerminalPlane | null = null
  #failures = 0
  #retry: Cancel = () => {}
  #stopped = false

  constructor(options: PlaneKeeperOptions) {
    this.#options = options
    this.#way = new TerminalWay(options.brokerUrl, options.platform)
  }

  open(ticket: TerminalTicket): void {
    const { platform, accept, runnerId, onStatus } = this.#options
    const openSocket = (timeoutMs: number) => this.#way.open(ticket, runnerId, timeoutMs)
    openTerminalPlane({
      openSocket,
      ticket: ticket.ticket,
      platform,
      accept,
      onEnd: () => this.#ended(),
    }).then(
      (plane) => {
        if (this.#stopped) return plane.close()
        this.#plane = plane
        this.#failures = 0
        onStatus('online')
      },
      () => this.#again(),
    )
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#retry()
    const plane = this.#plane
    this.#plane = null
    plane?.close()
    if (plane !== null) this.#options.onStatus('offline')
  }

  #ended(): void {
    if (this.#plane === null || this.#stopped) return
    this.#plane = null
    this.#options.onStatus('offline')
    this.#again()
  }

  #again(): void {
    if (this.#stopped) return
    const { platform } = this.#options
    const delayMs = delayBeforeTryMs(this.#failures++, fractionOf(platform.randomBytes(4)))
    this.#retry = platform.after(delayMs, () => {
      void this.#options.control.call('terminal:ticket', {}, CALL_TIMEOUT_MS).then((answer) => {
        if (this.#stopped) return
        if (answer.success) this.open(answer.terminal)
        else this.#again()
      })
    })
  }
}
