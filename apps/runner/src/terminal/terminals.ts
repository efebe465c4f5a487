import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { KeeperClient, KeptHandle } from '../keeper/keeper-client.ts'
import { LineModes } from '../pty/line-mode.ts'
import type { Program } from '../pty/pty-process.ts'
import type { Screens } from '../screens/screens.ts'
import { HostedTerminal } from './terminal.ts'

/** A terminal whose program has ended stays for so long without anybody watching. */
export const ENDED_KEPT_MS = 60_000
const NUMBER_MAX = 0xffff

export interface TerminalsListener {
  onTerminal(info: TerminalInfo): void
  onGone(terminal: number): void
  onCount(open: number): void
}

export type StartedTerminal =
  | { readonly ok: true; readonly terminal: HostedTerminal }
  | { readonly ok: false; readonly code: 'TOO_MANY_TERMINALS' | 'CANNOT_START'; readonly message: string }

/** All terminals of a runner. */
export class Terminals {
  readonly #terminals = new Map<number, HostedTerminal>()
  readonly #closing = new Set<number>()
  /** programs that are being started */
  readonly #beginning = new Set<number>()
  /** called at a terminal's end */
  readonly #waiting = new Map<number, () => void>()
  readonly #forgetTimers = new Map<number, NodeJS.Timeout>()
  readonly #options: {
    readonly program: () => Program
    readonly terminalsMax: number
    readonly firstNumber: number
    readonly screens: Screens
    readonly keeper: KeeperClient
    readonly restAfterMs?: number
  }
  readonly #listener: TerminalsListener
  readonly #lineModes = new LineModes()
  #nextNumber: number
  #opened = 0

  /**
   * @param options.firstNumber random: an app that comes back to another life of this runner must not take a new terminal
   *   for its old one
   */
  constructor(
    options: {
      readonly program: () => Program
      readonly terminalsMax: number
      readonly firstNumber: number
      readonly screens: Screens
      /** its terminals are here from the start */
      readonly keeper: KeeperClient
      readonly restAfterMs?: number
    },
    listener: TerminalsListener,
  ) {
    this.#options = options
    this.#listener = listener
    this.#nextNumber = options.firstNumber % (NUMBER_MAX + 1)
    for (const kept of options.keeper.terminals) {
      this.#opened += 1
      const terminal = this.#host(kept)
      if (terminal.hasEnded) this.#forgetLater(terminal)
    }
  }

  get list(): readonly TerminalInfo[] {
    return [...this.#terminals.values()].map((terminal) => terminal.info)
  }

  /** programs that run */
  get openCount(): number {
    return [...this.#terminals.values()].filter((terminal) => !terminal.hasEnded).length
  }

  /** An app that came to know this machine at that time: what ran before then does not show it its past. */
  knows(app: string, sinceMs: number): void {
    for (const terminal of this.#terminals.values()) terminal.knows(app, sinceMs)
  }

  get(number: number): HostedTerminal | null {
    return this.#terminals.get(number) ?? null
  }

  async open(name: string | undefined, size: Size): Promise<StartedTerminal> {
    const { terminalsMax, program, keeper } = this.#options
    if (this.#terminals.size + this.#beginning.size >= terminalsMax && !this.#forgetAnEndedOne())
      return {
        ok: false,
        code: 'TOO_MANY_TERMINALS',
        message: `This machine opens at most ${terminalsMax} terminals.`,
      }
    const number = this.#takeNumber()
    this.#opened += 1
    this.#beginning.add(number)
    const named = { terminal: number, name: name || `Terminal ${this.#opened}`, size }
    try {
      const kept = await keeper.open({ ...named, program: program() })
      return typeof kept === 'string' ? cannotStart(kept) : { ok: true, terminal: this.#begun(kept) }
    } catch (problem) {
      return cannotStart(problem instanceof Error ? problem.message : String(problem))
    } finally {
      this.#beginning.delete(number)
    }
  }

  close(terminal: HostedTerminal): void {
    if (terminal.hasEnded) return this.#forget(terminal)
    this.#closing.add(terminal.number)
    terminal.end()
  }

  /** Ends every program and waits until all have ended. */
  async stop(): Promise<void> {
    for (const timer of this.#forgetTimers.values()) clearTimeout(timer)
    const running = [...this.#terminals.values()]
    await Promise.all(running.map((terminal) => this.#stopped(terminal)))
    this.#lineModes.end()
  }

  /** Ends every program at once. */
  kill(): void {
    for (const terminal of this.#terminals.values()) terminal.kill()
  }

  /** Leaves every program as it is, for the next runner. */
  leave(): void {
    for (const timer of this.#forgetTimers.values()) clearTimeout(timer)
    for (const terminal of this.#terminals.values()) terminal.leave()
    this.#options.keeper.leave()
    this.#lineModes.end()
  }

  #begun(kept: KeptHandle): HostedTerminal {
    const terminal = this.#host(kept)
    this.#changed(terminal.number)
    this.#listener.onCount(this.openCount)
    return terminal
  }

  #host(kept: KeptHandle): HostedTerminal {
    const { screens, restAfterMs } = this.#options
    const number = kept.info.terminal
    const terminal = new HostedTerminal(
      kept,
      { screens, lineModes: this.#lineModes, ...(restAfterMs === undefined ? {} : { restAfterMs }) },
      { onChanged: () => this.#changed(number), onExit: () => this.#exited(number) },
    )
    this.#terminals.set(number, terminal)
    return terminal
  }

  #stopped(terminal: HostedTerminal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(terminal.number, resolve)
      this.close(terminal)
    })
  }
  #changed(number: number): void {
    const terminal = this.#terminals.get(number)
    if (terminal === undefined) return
    this.#listener.onTerminal(terminal.info)
    if (terminal.hasEnded) this.#forgetLater(terminal)
  }

  #exited(number: number): void {
    const terminal = this.#terminals.get(number)
    if (terminal === undefined) return
    this.#changed(number)
    this.#listener.onCount(this.openCount)
    if (this.#closing.has(number)) this.#forget(terminal)
  }

  #forgetLater(terminal: HostedTerminal): void {
    const timer = this.#forgetTimers.get(terminal.number)
    if (terminal.isWatched) {
      clearTimeout(timer)
      this.#forgetTimers.delete(terminal.number)
    } else if (timer === undefined) {
      this.#forgetTimers.set(
        terminal.number,
        setTimeout(() => this.#forget(terminal), ENDED_KEPT_MS),
      )
    }
  }

  #forget(terminal: HostedTerminal): void {
    const { number } = terminal
    clearTimeout(this.#forgetTimers.get(number))
    this.#forgetTimers.delete(number)
    this.#closing.delete(number)
    if (!this.#terminals.delete(number)) return
    terminal.forget()
    this.#listener.onGone(number)
    this.#waiting.get(number)?.()
    this.#waiting.delete(number)
  }

  /** Makes room for a new terminal by forgetting an ended one without viewers. */
  #forgetAnEndedOne(): boolean {
    for (const terminal of this.#terminals.values()) {
      if (!terminal.hasEnded || terminal.isWatched) continue
      this.#forget(terminal)
      return true
    }
    return false
  }

  #takeNumber(): number {
    const isTaken = (number: number) => this.#terminals.has(number) || this.#beginning.has(number)
    while (isTaken(this.#nextNumber)) this.#nextNumber = (this.#nextNumber + 1) % (NUMBER_MAX + 1)
    const number = this.#nextNumber
    this.#nextNumber = (number + 1) % (NUMBER_MAX + 1)
    return number
  }
}

const cannotStart = (message: string): StartedTerminal => ({
  ok: false,
  code: 'CANNOT_START',
  message: `The shell could not be started: ${message}`,
})
