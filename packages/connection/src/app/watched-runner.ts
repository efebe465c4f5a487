import { assertNever } from '@latchkey/domain/kernel'
import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import {
  type AppMessage,
  decodeRunnerMessages,
  type RunnerMessage,
  type TerminalInfo,
} from '@latchkey/protocol/terminal/messages'
import { type FeatureBytes, type Plaintext, type Size, Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { subject } from '../observable.ts'
import type { Platform } from '../transport.ts'
import type { Channel } from './channel.ts'
import type {
  Machine,
  OpenedTerminal,
  Snapshot,
  TerminalSink,
  TerminalWatch,
  WantedTerminal,
} from './link.ts'
import type { LinkEvents } from './link-events.ts'
import type { LinkFeature } from './link-feature.ts'
import { Requests } from './requests.ts'
import { SNAPSHOT_BYTES_MAX, SnapshotIntake } from './snapshot-intake.ts'
import { newWriter, Watch, type WatchWire } from './terminal-watch.ts'
import { UntilConnected } from './until-connected.ts'
import { WatchesAhead } from './watches-ahead.ts'

export interface WatchedRunnerOptions {
  readonly platform: Platform
  readonly label: string
  readonly locale: string
  /** what this app can do beside terminals; each is used with a machine that offers it */
  readonly features: readonly LinkFeature[]
  readonly events: Pick<LinkEvents, 'changed' | 'machineBroken' | 'machineRefused'>
}

type Answer =
  | { readonly type: 'opened'; readonly terminal: number; readonly watched?: true | undefined }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'error'; readonly code: string; readonly message: string }

const OFFLINE: OpenedTerminal = { ok: false, code: 'OFFLINE', message: 'the machine is not reached' }
const UNKNOWN: OpenedTerminal = { ok: false, code: 'TIMEOUT', message: 'the machine did not answer' }

/** Everything between this app and one machine that outlives a connection: what it watches, what it knows. */
export class WatchedRunner implements WatchWire {
  readonly terminals = subject<readonly TerminalInfo[]>([])
  readonly machine = subject<Machine | null>(null)
  readonly #options: WatchedRunnerOptions
  readonly #watches = new Map<number, Watch>()
  readonly #requests: Requests<Answer>
  /** scrollback that is arriving, by terminal */
  readonly #scrollback = new Map<number, { readonly request: number; readonly intake: SnapshotIntake }>()
  /** watched before anybody draws it */
  readonly #ahead: WatchesAhead
  /** terminals that are being opened: begins the watch of one that the machine has attached already */
  readonly #openings = new Map<number, (terminal: number) => void>()
  readonly #begun: UntilConnected
  #channel: Channel | null = null

  constructor(options: WatchedRunnerOptions) {
    this.#options = options
    this.#requests = new Requests(options.platform)
    this.#ahead = new WatchesAhead(options.platform)
    this.#begun = new UntilConnected(options.platform)
  }

  get platform(): Platform {
    return this.#options.platform
  }

  /** Every watch follows its terminal again. */
  get caughtUp(): boolean {
    return [...this.#watches.values()].every((watch) => watch.caughtUp)
  }

  /** A channel is open: says hello and resumes every watch, in one message, so that no round trip is wasted. */
  connected(channel: Channel): void {
    const { label, locale, features } = this.#options
    this.#channel = channel
    const names = features.map(({ name }) => name)
    channel.send([
      {
        type: 'hello',
        version: PROTOCOL_VERSION,
        label,
        locale,
        ...(names.length === 0 ? {} : { features: names }),
      },
      ...[...this.#watches.values()].map((watch) => watch.attachment()),
    ])
    this.#begun.connected()
    channel.ask()
  }

  lost(): void {
    this.#channel = null
    for (const feature of this.#options.features) feature.lost()
    this.#scrollback.clear()
    this.#requests.abandon()
    this.#ahead.leaveAll()
    for (const watch of this.#watches.values()) watch.lost()
  }

  /** Another machine, or none: all watches end. */
  forget(): void {
    this.lost()
    for (const watch of [...this.#watches.values()]) this.#gone(watch.terminal)
    this.terminals.set([])
    this.machine.set(null)
  }

  /** The broker takes more again. */
  pump(): void {
    for (const watch of this.#watches.values()) watch.pump()
    for (const feature of this.#options.features) feature.pump?.()
  }

  watch(terminal: number, size: Size, sink: TerminalSink): TerminalWatch {
    const ahead = this.#ahead.drawOn(terminal, size, sink)
    if (ahead !== null) return ahead
    this.#gone(terminal)
    return this.#begin(new Watch(terminal, size, sink, this))
  }

  /**
   * A terminal that will probably be watched in a moment: it is attached with the greeting of the connection that is being made.
   * Nothing where there is a connection, or where it is watched already.
   */
  expect(terminal: number, size: Size): void {
    if (this.#channel !== null || this.#watches.has(terminal)) return
    this.#begin(this.#ahead.begin((sink) => new Watch(terminal, size, sink, this)))
  }

  #begin(watch: Watch): Watch {
    const { terminal } = watch
    this.#watches.set(terminal, watch)
    this.#channel?.send([watch.attachment()])
    const known = this.terminals.current.find((each) => each.terminal === terminal)
    if (known !== undefined) watch.size(known)
    this.changed()
    return watch
  }

  // What a watch may say (`WatchWire`).

  send(message: AppMessage): boolean {
    this.#channel?.send([message])
    return this.#channel !== null
  }

  sendInput(terminal: number, seq: number, bytes: Uint8Array): void {
    this.#channel?.sendInput(terminal, seq, bytes)
  }

  get writable(): boolean {
    return this.#channel?.writable ?? false
  }

  get mayType(): boolean {
    // Until the machine has said otherwise, input waits in the queue.
    return this.machine.current?.mayType ?? true
  }

  wishSize(terminal: number, size: Size): void {
    const owner = this.terminals.current.find((each) => each.terminal === terminal)?.owner ?? null
    if (owner === null || owner === this.machine.current?.you) this.#channel?.sendSize(terminal, size)
  }

  detached(watch: Watch): void {
    if (this.#watches.get(watch.terminal) === watch) this.#watches.delete(watch.terminal)
    this.changed()
  }

  changed(): void {
    this.#options.events.changed()
  }

  // What the app asks.

  async open(wanted: WantedTerminal): Promise<OpenedTerminal> {
    const mayCome = this.machine.current === null
    if (this.#channel === null && !(mayCome && (await this.#begun.wait()))) return OFFLINE
    const writer = newWriter(this.platform)
    let number = 0
    const answer = await this.#requests.ask((request) => {
      number = request
      this.#openings.set(request, (terminal) => this.#opened(terminal, wanted, writer))
      return this.send({ type: 'open', request, writer, ...wanted })
    })
    this.#openings.delete(number)
    switch (answer?.type) {
      case 'opened':
        return { ok: true, terminal: answer.terminal }
      case 'error':
        return { ok: false, code: answer.code, message: answer.message }
      case 'snapshot':
      case undefined:
        return UNKNOWN
    }
  }

  /** The machine has attached the terminal that it opened. Its news may have come sooner, and the terminal be drawn already. */
  #opened(terminal: number, { cols, rows }: Size, writer: string): void {
    const size = { cols, rows }
    const drawn = this.#watches.get(terminal)
    if (drawn !== undefined) return drawn.attachedAsWell()
    this.#watches.set(
      terminal,
      this.#ahead.begin((sink) => new Watch(terminal, size, sink, this, writer)),
    )
  }

  async scrollback(terminal: number, lines: number): Promise<Snapshot | null> {
    const answer = await this.#requests.ask((request) =>
      this.send({ type: 'scrollback', terminal, request, lines }),
    )
    return answer?.type === 'snapshot' ? answer.snapshot : null
  }

  hear(plaintext: Plaintext): void {
    switch (plaintext.stream) {
      case Stream.control: {
        const messages = decodeRunnerMessages(plaintext.bytes)
        if (messages === null) return this.#options.events.machineBroken()
        for (const message of messages) this.#hearMessage(message)
        return
      }
      case Stream.output:
        return this.#watches.get(plaintext.terminal)?.output(plaintext.seq, plaintext.bytes)
      case Stream.history:
        return this.#hearHistory(plaintext.terminal, plaintext.seq, plaintext.bytes)
      case Stream.files:
      case Stream.ports:
        return this.#takeFeature(plaintext)
      case Stream.input:
      case Stream.resize:
        return this.#options.events.machineBroken()
    }
  }

  #takeFeature(bytes: FeatureBytes): void {
    const feature = this.#options.features.find(({ streams }) => streams?.has(bytes.stream) === true)
    if (feature?.take?.(bytes) !== true) this.#options.events.machineBroken()
  }

  #hearFeature(message: RunnerFeatureMessage): void {
    for (const feature of this.#options.features) if (feature.hears.has(message.type)) feature.hear(message)
  }

  #hearMessage(message: RunnerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.#welcome(message)
      case 'terminal': {
        const { type: _, ...info } = message
        this.terminals.set(withTerminal(this.terminals.current, info))
        return this.#watches.get(info.terminal)?.size(info)
      }
      case 'gone':
        this.terminals.set(this.terminals.current.filter((each) => each.terminal !== message.terminal))
        return this.#gone(message.terminal)
      case 'opened':
        if (message.watched === true) this.#openings.get(message.request)?.(message.terminal)
        return this.#requests.answer(message.request, message)
      case 'attached':
        this.#watches.get(message.terminal)?.attached(message.offset, message.applied)
        return this.changed()
      case 'snapshot':
        return this.#hearSnapshot(message)
      case 'exited':
        return this.#watches.get(message.terminal)?.exited({ code: message.code, signal: message.signal })
      case 'pong': {
        const roundTripMs = this.#channel?.machineAnswered(message) ?? null
        if (roundTripMs !== null) for (const watch of this.#watches.values()) watch.roundTrip(roundTripMs)
        return this.changed()
      }
      case 'applied':
        return this.#watches.get(message.terminal)?.applied(message.upTo)
      case 'gap':
        return this.#watches.get(message.terminal)?.gap(message.to - message.from)
      case 'error':
        return this.#hearError(message)
      case 'status':
      case 'question':
      case 'proof':
      case 'guarded':
      case 'pushStanding':
      case 'pushTested':
      case 'fileWritten':
      case 'fileDone':
      case 'fileFound':
      case 'fileSent':
      case 'fileRefused':
      case 'portOpened':
      case 'portGranted':
      case 'portEnded':
      case 'portRefused':
      case 'shared':
      case 'shareRefused':
      case 'shares':
      case 'fleet':
      case 'fleetRefused':
        return this.#hearFeature(message)
      default:
        return assertNever(message)
    }
  }

  #welcome(welcome: Extract<RunnerMessage, { readonly type: 'welcome' }>): void {
    if (welcome.version !== PROTOCOL_VERSION) return this.#options.events.machineRefused('version')
    const { machine: name, you, mayType, maySend = mayType, shell, terminals } = welcome
    if (this.#channel !== null) this.#channel.welcomed = true
    this.machine.set({ name, you, mayType, maySend, shell })
    this.terminals.set(terminals)
    for (const info of terminals) this.#watches.get(info.terminal)?.size(info)
    for (const feature of this.#options.features)
      if (this.#channel !== null && welcome.features?.includes(feature.name) === true)
        feature.offered(this.#channel.voice)
    this.changed()
  }

  #hearSnapshot(header: Extract<RunnerMessage, { readonly type: 'snapshot' }>): void {
    if (header.kind === 'screen') {
      if (this.#watches.get(header.terminal)?.snapshot(header) === false) this.#options.events.machineBroken()
      return this.changed()
    }
    if (header.bytes > SNAPSHOT_BYTES_MAX) return this.#options.events.machineBroken()
    this.#scrollback.set(header.terminal, {
      request: header.request ?? 0,
      intake: new SnapshotIntake(header),
    })
    this.#hearHistory(header.terminal, 0, new Uint8Array(0))
  }

  #hearHistory(terminal: number, seq: number, bytes: Uint8Array): void {
    const scrollback = this.#scrollback.get(terminal)
    if (scrollback === undefined) {
      if (this.#watches.get(terminal)?.history(seq, bytes) === false) this.#options.events.machineBroken()
      return this.changed()
    }
    if (!scrollback.intake.take(seq, bytes)) return this.#options.events.machineBroken()
    if (!scrollback.intake.complete) return
    this.#scrollback.delete(terminal)
    this.#requests.answer(scrollback.request, { type: 'snapshot', snapshot: scrollback.intake.snapshot })
  }

  #hearError(error: Extract<RunnerMessage, { readonly type: 'error' }>): void {
    if (error.request !== undefined) {
      const { code, message } = error
      return this.#requests.answer(error.request, { type: 'error', code, message })
    }
    switch (error.code) {
      case 'VERSION':
        return this.#options.events.machineRefused('version')
      case 'E2EE_REQUIRED':
        return this.#options.events.machineRefused('sealing-required')
      case 'NO_SUCH_TERMINAL':
      case 'TOO_MANY_TERMINALS':
        return error.terminal === undefined ? undefined : this.#gone(error.terminal)
      case 'INPUT_GAP':
        return error.terminal === undefined ? undefined : this.#watches.get(error.terminal)?.inputGap()
      case 'MALFORMED':
        return this.#options.events.machineBroken()
      // A watch can do nothing about it. `mayType` and the answers to requests say the same.
      case 'VIEW_ONLY':
      case 'CANNOT_START':
      case 'NOT_SHARED':
        return
      default:
        return assertNever(error.code)
    }
  }

  #gone(terminal: number): void {
    const watch = this.#watches.get(terminal)
    this.#watches.delete(terminal)
    this.#ahead.ended(terminal)
    watch?.gone()
    this.changed()
  }
}

/** Each terminal keeps its place in the list; a new one comes last. */
function withTerminal(terminals: readonly TerminalInfo[], info: TerminalInfo): readonly TerminalInfo[] {
  return terminals.some((each) => each.terminal === info.terminal)
    ? terminals.map((each) => (each.terminal === info.terminal ? info : each))
    : [...terminals, info]
}
