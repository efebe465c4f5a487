import { assertNever } from '@latchkey/domain/kernel'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Exit, Program } from '../pty/pty-process.ts'
import type { Keeper, KeeperSession } from './keeper.ts'
import {
  type FromKeeper,
  KEEPER_VERSION,
  type KeeperPort,
  type KeptPicture,
  type KeptTerminalInfo,
  NEVER_RESIZED,
  type Resized,
  type ToKeeper,
} from './keeper-messages.ts'

/** What a keeper tells about one terminal. */
export interface KeptListener {
  onKept(kept: Extract<FromKeeper, { type: 'kept' }>): void
  /** bytes that nothing else holds */
  onOutput(offset: number, bytes: Uint8Array<ArrayBuffer>): void
  onResized(resized: Resized): void
  onApplied(writer: string, upTo: number): void
  onStirred(end: number): void
  onExited(exit: Exit, end: number): void
}

/** Hears what runner and keeper say of one terminal, in either direction, before the other side does. */
export interface KeptEar {
  sent(message: ToKeeper): void
  heard(message: FromKeeper): void
}

type AboutTerminal = Extract<FromKeeper, { readonly terminal: number }>

type Reach = (listener: { hear(message: FromKeeper): void; lost(): void }) => Promise<KeeperPort<ToKeeper>>

/** The exit of a program whose keeper ended, and of no other. A program that lost its keeper has lost its terminal, which ends it by HUP. */
export const LOST: Exit = { code: 0, signal: 1 }

/** The runner's side of its keeper. */
export class KeeperClient {
  readonly #terminals = new Map<number, KeptHandle>()
  readonly #opening = new Map<number, (answer: FromKeeper | null) => void>()
  readonly #reach: Reach | null
  readonly #onLost: () => void
  #port: KeeperPort<ToKeeper> | null = null
  #requests = 0
  #isOlder = false
  #connecting: Promise<void> | null = null
  #stopped = false

  private constructor(reach: Reach | null, onLost: () => void) {
    this.#reach = reach
    this.#onLost = onLost
  }

  /** A client of a keeper in another process; the terminals that it has are `terminals`. Throws what `reach` throws. */
  static async connect(reach: Reach, onLost: () => void): Promise<KeeperClient> {
    const client = new KeeperClient(reach, onLost)
    await client.#connect(reach)
    return client
  }

  /** A client of a keeper in this process: its terminals end with it. */
  static within(keeper: Keeper): KeeperClient {
    const client = new KeeperClient(null, () => {})
    client.#port = within(keeper, (message) => client.#hear(message))
    return client
  }

  /** The keeper is of an earlier release, which is replaced when its last terminal has ended. */
  get isOlder(): boolean {
    return this.#isOlder
  }

  /** Terminals of an earlier runner. */
  get terminals(): readonly KeptHandle[] {
    return [...this.#terminals.values()]
  }

  /** Starts a program, which is followed from its beginning. A sentence when it could not be started. */
  async open(options: {
    readonly terminal: number
    readonly name: string
    readonly program: Program
    readonly size: Size
  }): Promise<KeptHandle | string> {
    if (this.#port === null && this.#reach !== null && !this.#stopped) {
      try {
        await (this.#connecting ??= this.#connect(this.#reach))
      } catch (problem) {
        return problem instanceof Error ? problem.message : String(problem)
      }
    }
    const request = ++this.#requests
    const answer = await new Promise<FromKeeper | null>((resolve) => {
      if (this.#port === null) return resolve(null)
      this.#opening.set(request, (told) => {
        // Before anything is heard of the terminal itself.
        if (told?.type === 'opened') this.#opened(options, told)
        resolve(told)
      })
      this.#port.send({ type: 'open', request, ...options })
      this.#port.send({ type: 'follow', terminal: options.terminal })
    })
    if (answer?.type === 'notOpened') return answer.message
    return this.#terminals.get(options.terminal) ?? 'the process that keeps terminals ended'
  }

  /** Leaves the terminals to the next runner. */
  leave(): void {
    this.#stopped = true
    this.#port?.close()
    this.#port = null
  }

  async #connect(reach: Reach): Promise<void> {
    try {
      this.#port = await reach({ hear: (message) => this.#hear(message), lost: () => this.#lost() })
    } finally {
      this.#connecting = null
    }
    this.#retireOlder()
  }

  /** The next program is started by a keeper of this release. */
  #retireOlder(): void {
    if (!this.#isOlder || this.#terminals.size > 0 || this.#opening.size > 0) return
    this.#port?.send({ type: 'retire' })
    this.#port?.close()
    this.#port = null
  }

  #opened(
    { terminal, name, size }: { readonly terminal: number; readonly name: string; readonly size: Size },
    { pid, tty, startedAtMs }: Extract<FromKeeper, { type: 'opened' }>,
  ): void {
    const info: KeptTerminalInfo = {
      terminal,
      name,
      ...size,
      pid,
      tty,
      startedAtMs,
      start: 0,
      end: 0,
      pictureAt: null,
      replied: 0,
      exit: null,
      note: new Uint8Array(0),
      ledger: { writers: [], givenUp: [] },
      resized: NEVER_RESIZED,
    }
    this.#adopt(info, true)
  }

  #adopt(info: KeptTerminalInfo, isFollowed: boolean): void {
    const { terminal } = info
    const handle = new KeptHandle(info, isFollowed, (message) => {
      this.#port?.send(message)
      if (message.type !== 'forget') return
      this.#terminals.delete(terminal)
      this.#retireOlder()
    })
    this.#terminals.set(terminal, handle)
  }

  #lost(): void {
    if (this.#port === null) return
    this.#port = null
    for (const answer of this.#opening.values()) answer(null)
    this.#opening.clear()
    const running = this.terminals.filter(({ info }) => info.exit === null)
    for (const handle of running)
      handle.hear({ type: 'exited', terminal: handle.info.terminal, exit: LOST, end: handle.info.end })
    if (running.length > 0) this.#onLost()
  }

  #hear(message: FromKeeper): void {
    switch (message.type) {
      case 'listed':
        return this.#adopt(message.info, false)
      case 'welcome':
        this.#isOlder = message.version < KEEPER_VERSION
        return
      case 'refused':
        return
      case 'opened':
      case 'notOpened':
        this.#opening.get(message.request)?.(message)
        this.#opening.delete(message.request)
        return
      case 'kept':
      case 'output':
      case 'resized':
      case 'applied':
      case 'stirred':
      case 'exited':
        return this.#terminals.get(message.terminal)?.hear(message)
      default:
        return assertNever(message)
    }
  }
}

/** One kept terminal, as its runner uses it. */
export class KeptHandle {
  readonly isFollowed: boolean
  /** heard before there was a listener */
  #early: AboutTerminal[] = []
  #listener: KeptListener | null = null
  #info: KeptTerminalInfo
  #paused = false
  readonly #ears = new Set<KeptEar>()
  readonly #send: (message: ToKeeper) => void

  /** @param isFollowed it was opened here, and the keeper was told at once to send its output */
  constructor(info: KeptTerminalInfo, isFollowed: boolean, send: (message: ToKeeper) => void) {
    this.#info = info
    this.isFollowed = isFollowed
    this.#send = (message) => {
      for (const ear of this.#ears) ear.sent(message)
      send(message)
    }
  }

  /** Lets `ear` hear all that no listener has heard yet, and all that follows, until the answer is called. */
  overhear(ear: KeptEar): () => void {
    for (const message of this.#early) ear.heard(message)
    this.#ears.add(ear)
    return () => this.#ears.delete(ear)
  }

  /** As it was when this runner began, but for its end and its exit, which are known anew. */
  get info(): KeptTerminalInfo {
    return this.#info
  }

  get #terminal(): number {
    return this.#info.terminal
  }

  /** Tells `listener` everything, earlier words included; null ends that. */
  listen(listener: KeptListener | null): void {
    this.#listener = listener
    const early = this.#early
    this.#early = []
    if (listener !== null) for (const message of early) this.#tell(message, listener)
  }

  follow(): void {
    this.#send({ type: 'follow', terminal: this.#terminal })
  }

  rest(offset: number): void {
    this.#send({ type: 'rest', terminal: this.#terminal, offset })
  }

  attach(writer: string, connection: number): void {
    this.#send({ type: 'attach', terminal: this.#terminal, writer, connection })
  }

  detach(writer: string, connection: number): void {
    this.#send({ type: 'detach', terminal: this.#terminal, writer, connection })
  }

  giveUp(writer: string): void {
    this.#send({ type: 'giveUp', terminal: this.#terminal, writer })
  }

  input(writer: string, connection: number, from: number, bytes: Uint8Array): void {
    this.#send({ type: 'input', terminal: this.#terminal, writer, connection, from, bytes })
  }

  reply(from: number, bytes: Uint8Array): void {
    this.#send({ type: 'reply', terminal: this.#terminal, from, bytes })
  }

  resize(size: Size): void {
    this.#send({ type: 'resize', terminal: this.#terminal, size: { cols: size.cols, rows: size.rows } })
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#send({ type: 'pause', terminal: this.#terminal })
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#send({ type: 'resume', terminal: this.#terminal })
  }

  end(): void {
    this.#send({ type: 'end', terminal: this.#terminal })
  }

  kill(): void {
    this.#send({ type: 'kill', terminal: this.#terminal })
  }

  forget(): void {
    this.#send({ type: 'forget', terminal: this.#terminal })
  }

  describe(name: string, note: Uint8Array): void {
    this.#send({ type: 'describe', terminal: this.#terminal, name, note })
  }

  picture(picture: KeptPicture): void {
    this.#send({ type: 'picture', terminal: this.#terminal, picture })
  }

  /** For the client: what the keeper tells of this terminal. */
  hear(message: AboutTerminal): void {
    for (const ear of this.#ears) ear.heard(message)
    if (message.type === 'stirred') this.#info = { ...this.#info, end: message.end }
    if (message.type === 'exited') {
      if (this.#info.exit !== null) return
      this.#info = { ...this.#info, exit: message.exit, end: message.end }
    }
    if (this.#listener === null) this.#early.push(message)
    else this.#tell(message, this.#listener)
  }

  #tell(message: AboutTerminal, listener: KeptListener): void {
    switch (message.type) {
      case 'kept':
        return listener.onKept(message)
      case 'output':
        return listener.onOutput(message.offset, message.bytes)
      case 'resized':
        return listener.onResized(message.resized)
      case 'applied':
        return listener.onApplied(message.writer, message.upTo)
      case 'stirred':
        return listener.onStirred(message.end)
      case 'exited':
        return listener.onExited(message.exit, message.end)
      default:
        return assertNever(message)
    }
  }
}

/** Both sides in one process: what one says reaches the other in order, after what it is doing now. */
function within(keeper: Keeper, hear: (message: FromKeeper) => void): KeeperPort<ToKeeper> {
  const port: KeeperPort<FromKeeper> = {
    isFull: false,
    send: (message) => queueMicrotask(() => hear(message)),
    close: () => {},
  }
  const session: KeeperSession | null = keeper.connect('runner', port)
  return {
    isFull: false,
    send: (message) => queueMicrotask(() => session?.hear(message)),
    close: () => session?.end(),
  }
}
