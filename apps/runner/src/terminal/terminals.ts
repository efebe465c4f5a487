import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import { type KeeperClient, type KeptHandle, LOST } from '../keeper/keeper-client.ts'
import type { PastFolder } from '../past/past-folder.ts'
import type { PastFacts } from '../past/past-handle.ts'
import { PastTerminals } from '../past/past-terminals.ts'
import { folderOf } from '../past/remembering.ts'
import { type LineMode, LineModes } from '../pty/line-mode.ts'
import type { Program } from '../pty/pty-process.ts'
import type { Recordings } from '../recording/recordings.ts'
import type { Screens } from '../screens/screens.ts'
import { HostedTerminal } from './terminal.ts'

/** A terminal whose program has ended stays for so long without anybody watching. */
export const ENDED_KEPT_MS = 60_000
const NUMBER_MAX = 0xffff

export interface TerminalsListener {
  onTerminal(info: TerminalInfo): void
  onGone(terminal: number): void
  onCount(open: number): void
  /** A program of this keeper is about to have its terminal here: nothing was heard of it yet. */
  onHosting(kept: KeptHandle, askMode: () => Promise<LineMode | null>): void
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
    readonly program: (folder?: string, terminal?: number) => Program
    readonly terminalsMax: number
    readonly firstNumber: number
    readonly screens: Screens
    readonly keeper: KeeperClient
    readonly restAfterMs?: number
    readonly recordings: Recordings | null
  }
  readonly #past: PastTerminals
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
      /** @param folder the usual one by default; `terminal`: for the shell of this one */
      readonly program: (folder?: string, terminal?: number) => Program
      readonly terminalsMax: number
      readonly firstNumber: number
      readonly screens: Screens
      /** its terminals are here from the start */
      readonly keeper: KeeperClient
      readonly restAfterMs?: number
      /** where terminals of before are kept; null: nowhere */
      readonly past?: PastFolder | null
      readonly pastEveryMs?: number
      /** null: nothing is recorded */
      readonly recordings: Recordings | null
    },
    listener: TerminalsListener,
  ) {
    this.#options = options
    this.#past = new PastTerminals({
      folder: options.past ?? null,
      shellFolder: () => options.program().cwd,
      ...(options.pastEveryMs === undefined ? {} : { everyMs: options.pastEveryMs }),
    })
    this.#listener = listener
    this.#nextNumber = options.firstNumber % (NUMBER_MAX + 1)
    for (const kept of options.keeper.terminals) {
      this.#opened += 1
      const terminal = this.#host(kept)
      if (terminal.hasEnded) this.#forgetLater(terminal)
    }
    const living = options.keeper.terminals.map(({ info }) => info)
    const free = (number: number) => (this.#terminals.has(number) ? this.#takeNumber() : number)
    for (const { kept, past } of this.#past.found(living, free, Date.now())) this.#host(kept, past)
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
    for (const terminal of this.#terminals.values())
      if (terminal.past === null || sinceMs <= terminal.past.writtenAtMs) terminal.knows(app, sinceMs)
  }

  get(number: number): HostedTerminal | null {
    return this.#terminals.get(number) ?? null
  }

  /** When the program of a terminal began; null where none runs. */
  startedAtMs(number: number): number | null {
    const kept = this.#options.keeper.terminals.find(({ info }) => info.terminal === number)
    return kept === undefined || kept.info.exit !== null ? null : kept.info.startedAtMs
  }

  /** Where the shell of a terminal is; where shells begin, for null and where it cannot be known. */
  folderOf(number: number | null): string {
    const { keeper, program } = this.#options
    const past = number === null ? undefined : this.#terminals.get(number)?.past?.folderPath
    const kept = keeper.terminals.find(({ info }) => info.terminal === number && info.exit === null)
    return past ?? (kept === undefined ? null : folderOf(kept.info.pid)) ?? program().cwd
  }

  /** @param how.folder where its shell begins; `isPrivate`: nothing of it is kept on disk */
  async open(
    name: string | undefined,
    size: Size,
    how: { readonly folder?: string | undefined; readonly isPrivate?: boolean | undefined } = {},
  ): Promise<StartedTerminal> {
    const { terminalsMax, program, keeper } = this.#options
    if (this.#present.length + this.#beginning.size >= terminalsMax && !this.#forgetAnEndedOne())
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
      const kept = await keeper.open({ ...named, program: program(how.folder, number) })
      if (typeof kept === 'string') return cannotStart(kept)
      return { ok: true, terminal: this.#begun(kept, how.isPrivate === true) }
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
    await Promise.all(this.#present.map((terminal) => this.#stopped(terminal)))
    for (const terminal of this.#terminals.values()) terminal.leave()
    await this.#past.settled()
    this.#lineModes.end()
  }

  /** Ends every program at once. */
  kill(): void {
    for (const terminal of this.#terminals.values()) terminal.kill()
  }

  /** Leaves every program as it is, for the next runner. */
  async leave(): Promise<void> {
    await this.#past.leave()
    for (const timer of this.#forgetTimers.values()) clearTimeout(timer)
    for (const terminal of this.#terminals.values()) terminal.leave()
    this.#options.keeper.leave()
    this.#lineModes.end()
  }

  /** Those whose program was started by this keeper. */
  get #present(): readonly HostedTerminal[] {
    return [...this.#terminals.values()].filter(({ past }) => past === null)
  }

  #begun(kept: KeptHandle, isPrivate: boolean): HostedTerminal {
    const terminal = this.#host(kept, null, isPrivate)
    this.#changed(terminal.number)
    this.#listener.onCount(this.openCount)
    return terminal
  }

  #host(kept: KeptHandle, past: PastFacts | null = null, isPrivate = false): HostedTerminal {
    const { screens, restAfterMs, recordings } = this.#options
    const number = kept.info.terminal
    if (past === null) this.#listener.onHosting(kept, () => this.#lineModes.ask(kept.info.tty))
    const terminal = new HostedTerminal(
      kept,
      {
        ...{ screens, lineModes: this.#lineModes, recordings, past },
        ...(restAfterMs === undefined ? {} : { restAfterMs }),
      },
      { onChanged: () => this.#changed(number), onExit: () => this.#exited(number) },
    )
    this.#terminals.set(number, terminal)
    if (isPrivate) terminal.keepPrivate()
    if (past === null) this.#past.remember(kept, terminal)
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
    if (terminal.hasEnded && terminal.past === null) this.#forgetLater(terminal)
  }

  #exited(number: number): void {
    const terminal = this.#terminals.get(number)
    if (terminal === undefined) return
    if (terminal.info.exit === LOST && !this.#closing.has(number)) void this.#lost(terminal)
    this.#changed(number)
    this.#listener.onCount(this.openCount)
    if (this.#closing.has(number)) this.#forget(terminal)
  }

  /** The keeper ended: the terminal is one of before, if it was kept. */
  async #lost(terminal: HostedTerminal): Promise<void> {
    const found = await this.#past.lost(terminal.number)
    if (found === null || this.#terminals.get(terminal.number) !== terminal) return
    this.#forget(terminal)
    this.#host(found.kept, found.past)
    this.#changed(terminal.number)
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
    this.#past.forget(number)
    this.#listener.onGone(number)
    this.#waiting.get(number)?.()
    this.#waiting.delete(number)
  }

  /** Makes room for a new terminal by forgetting an ended one without viewers. */
  #forgetAnEndedOne(): boolean {
    for (const terminal of this.#terminals.values()) {
      if (!terminal.hasEnded || terminal.isWatched || terminal.past !== null) continue
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
