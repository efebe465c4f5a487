import { assertNever } from '@latchkey/domain/kernel'
import { collectGarbage } from '../idle-memory.ts'
import {
  type FromKeeper,
  KEEPER_VERSION,
  type KeeperPort,
  type KeeperRole,
  type ToKeeper,
} from './keeper-messages.ts'
import { KeptTerminal } from './kept-terminal.ts'

/** A terminal that ended while no runner was there waits so long for one, which tells how it ended. */
const ENDED_KEPT_MS = 10 * 60_000
/** Far more than a runner opens (1,000). */
const TERMINALS_MAX = 2_048

/** Terminals come to rest or end together, and leave up to 1 MiB of output behind that is compressed now, or forgotten. */
const COLLECT_AFTER_MS = 5_000

/** One client of the keeper, after it has shown that it may be one. */
export interface KeeperSession {
  hear(message: ToKeeper): void
  /** the connection takes more again */
  drained(): void
  /** the connection is over; everything that came over it was heard */
  end(): void
}

/**
 * Owns programs in their terminals, so that they outlive the runner that shows them. One runner uses it at a time; when that
 * one is gone, everything goes on here, and the next one takes it over.
 */
export class Keeper {
  readonly #terminals = new Map<number, KeptTerminal>()
  readonly #forgetTimers = new Map<number, NodeJS.Timeout>()
  readonly #startedAtMs = Date.now()
  readonly #onIdle: () => void
  #runner: KeeperPort<FromKeeper> | null = null
  #collectTimer: NodeJS.Timeout | null = null
  /** the owner ended all: no exit is kept for a later runner */
  #endsAll = false

  /** @param onIdle no terminal is left, and no runner that could open one */
  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  get hasRunner(): boolean {
    return this.#runner !== null
  }

  get isIdle(): boolean {
    return this.#runner === null && this.#terminals.size === 0
  }

  /** Null for a second runner. The list of terminals and the welcome are sent. */
  connect(role: KeeperRole, port: KeeperPort<FromKeeper>): KeeperSession | null {
    if (role === 'runner' && this.#runner !== null) return null
    for (const { info } of this.#terminals.values()) port.send({ type: 'listed', info })
    port.send({
      type: 'welcome',
      version: KEEPER_VERSION,
      pid: process.pid,
      startedAtMs: this.#startedAtMs,
      runner: this.hasRunner,
    })
    return role === 'runner' ? this.#runnerSession(port) : ownerSession((message) => this.#order(message))
  }

  /** Ends every program (HUP, then KILL after a grace time) and waits for their end. */
  async stop(): Promise<void> {
    const running = [...this.#terminals.values()].filter((terminal) => !terminal.hasEnded)
    for (const terminal of running) terminal.end()
    await Promise.all(running.map(({ ended }) => ended))
  }

  /** Ends every program at once; for when this process has no time left. */
  kill(): void {
    for (const terminal of this.#terminals.values()) terminal.kill()
  }

  /** HUP to every program, KILL after the grace time. */
  endAll(): void {
    this.#endsAll = true
    for (const terminal of this.#terminals.values()) {
      if (terminal.hasEnded && this.#runner === null) this.#forget(terminal)
      else terminal.end()
    }
  }

  #runnerSession(port: KeeperPort<FromKeeper>): KeeperSession {
    this.#runner = port
    this.#endsAll = false
    for (const timer of this.#forgetTimers.values()) clearTimeout(timer)
    this.#forgetTimers.clear()
    for (const terminal of this.#terminals.values()) terminal.connected(port)
    return {
      hear: (message) => this.#hear(message, port),
      drained: () => {
        for (const terminal of this.#terminals.values()) terminal.pump()
      },
      end: () => {
        this.#runner = null
        for (const terminal of this.#terminals.values()) {
          terminal.disconnected()
          if (terminal.hasEnded) this.#forgetLater(terminal)
        }
        this.#lookWhetherIdle()
      },
    }
  }

  #hear(message: ToKeeper, port: KeeperPort<FromKeeper>): void {
    switch (message.type) {
      case 'hello':
        return
      case 'open':
        return this.#open(message, port)
      case 'endAll':
      case 'retire':
        return this.#order(message)
      case 'follow':
      case 'rest':
      case 'attach':
      case 'detach':
      case 'giveUp':
      case 'input':
      case 'reply':
      case 'resize':
      case 'pause':
      case 'resume':
      case 'end':
      case 'kill':
      case 'forget':
      case 'describe':
      case 'picture': {
        const terminal = this.#terminals.get(message.terminal)
        return terminal === undefined ? undefined : this.#act(message, terminal)
      }
      default:
        return assertNever(message)
    }
  }

  #act(message: Extract<ToKeeper, { readonly terminal: number }>, terminal: KeptTerminal): void {
    switch (message.type) {
      case 'open':
        return
      case 'follow':
        return terminal.follow()
      case 'rest':
        terminal.rest(message.offset)
        return this.#collectLater()
      case 'attach':
        return terminal.attach(message.writer, message.connection)
      case 'detach':
        return terminal.detach(message.writer, message.connection)
      case 'giveUp':
        return terminal.giveUp(message.writer)
      case 'input':
        return terminal.input(message.writer, message.connection, message.from, message.bytes)
      case 'reply':
        return terminal.reply(message.from, message.bytes)
      case 'resize':
        return terminal.resize(message.size)
      case 'pause':
      case 'resume':
        return terminal.pause(message.type === 'pause')
      case 'end':
        return terminal.end()
      case 'kill':
        return terminal.kill()
      case 'forget':
        return terminal.hasEnded ? this.#forget(terminal) : undefined
      case 'describe':
        return terminal.describe(message.name, message.note)
      case 'picture':
        return terminal.picture(message.picture)
      default:
        return assertNever(message)
    }
  }

  #order(message: ToKeeper): void {
    if (message.type === 'endAll') this.endAll()
    if (message.type === 'retire' && this.#terminals.size === 0) this.#onIdle()
  }

  #open(message: Extract<ToKeeper, { type: 'open' }>, port: KeeperPort<FromKeeper>): void {
    const { request, terminal: number } = message
    const refuse = (sentence: string) => port.send({ type: 'notOpened', request, message: sentence })
    if (this.#terminals.has(number)) return refuse(`terminal ${number} is there already`)
    if (this.#terminals.size >= TERMINALS_MAX) return refuse(`${TERMINALS_MAX} terminals are open`)
    try {
      const terminal: KeptTerminal = new KeptTerminal(message, Date.now(), () => this.#ended(terminal))
      this.#terminals.set(number, terminal)
      const { pid, tty, startedAtMs } = terminal.info
      terminal.connected(port)
      port.send({ type: 'opened', request, pid, tty, startedAtMs })
    } catch (problem) {
      refuse(problem instanceof Error ? problem.message : String(problem))
    }
  }

  #ended(terminal: KeptTerminal): void {
    if (this.#runner === null) this.#forgetLater(terminal)
  }

  #forgetLater(terminal: KeptTerminal): void {
    if (this.#endsAll) return this.#forget(terminal)
    this.#forgetTimers.set(
      terminal.number,
      setTimeout(() => this.#forget(terminal), ENDED_KEPT_MS),
    )
  }

  #forget(terminal: KeptTerminal): void {
    clearTimeout(this.#forgetTimers.get(terminal.number))
    this.#forgetTimers.delete(terminal.number)
    if (this.#terminals.delete(terminal.number)) terminal.dispose()
    this.#collectLater()
    this.#lookWhetherIdle()
  }

  #collectLater(): void {
    this.#collectTimer ??= setTimeout(() => {
      this.#collectTimer = null
      collectGarbage()
    }, COLLECT_AFTER_MS).unref()
    this.#collectTimer.refresh()
  }

  #lookWhetherIdle(): void {
    if (this.isIdle) this.#onIdle()
  }
}

/** The owner looks once, at what `connect` sends, and may end things. */
const ownerSession = (order: (message: ToKeeper) => void): KeeperSession => ({
  hear: order,
  drained: () => {},
  end: () => {},
})
