import type { ChannelListener, RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { assertNever } from '@latchkey/domain/kernel'
import { type AppFeatureMessage, appFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import {
  type AppMessage,
  decodeAppMessages,
  type RunnerMessage,
  type TerminalInfo,
} from '@latchkey/protocol/terminal/messages'
import { decodePlaintext, decodeSize, type Plaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import type { HostedTerminal } from '../terminal/terminal.ts'
import type { Terminals } from '../terminal/terminals.ts'
import type { Viewer, ViewerPort } from '../terminal/viewer.ts'
import { ChannelFeatures } from './channel-features.ts'
import { ChannelVoice } from './channel-voice.ts'
import type { ChannelFeature, FeatureApp } from './feature.ts'
import { Freshness, GONE_AFTER_MS } from './freshness.ts'
import { greeting, otherVersion, type Welcome } from './greeting.ts'
import type { AppEnvelope, Guest } from './guest.ts'

/** Every channel has a number, later ones a greater one. */
let channelsBegun = 0

const OF_FEATURES: ReadonlySet<string> = new Set(
  appFeatureMessage.options.map(({ shape }) => shape.type.value),
)
const isOfFeature = (message: AppMessage): message is AppFeatureMessage => OF_FEATURES.has(message.type)

/** What an app can say that changes something for others. Everything else only tells it something. */
const ACTING: ReadonlySet<string> = new Set([
  ...['open', 'close', 'rename', 'takeSize', 'record'],
  ...OF_FEATURES,
])

interface Watching {
  readonly terminal: HostedTerminal
  readonly viewer: Viewer
}

/** One app's channel: who it is was said by the connection, never by its messages. */
export class AppChannel implements ChannelListener, ViewerPort, FeatureApp {
  /** how apps know each other: an app's own handle */
  readonly app: string
  /** its id for the owner, 16 bytes in hex; null in a host without a doorkeeper */
  readonly appId: string | null
  /** it has proved its keys */
  readonly sealed: boolean
  /** how the broker knows it */
  readonly appSessionId: string
  readonly address: string
  readonly mayApprove: boolean
  readonly maySend: boolean
  readonly connection = ++channelsBegun
  #label: string
  paused = false
  readonly #channel: RunnerChannel
  readonly #envelope: AppEnvelope
  readonly #voice: ChannelVoice
  readonly #terminals: Terminals
  readonly #welcome: Welcome
  readonly #knownSinceMs: number
  /** the one terminal of a share link; null for an app that this machine knows */
  readonly #only: number | null
  readonly #onEnd: (channel: AppChannel) => void
  readonly #watching = new Map<number, Watching>()
  readonly #offered: readonly ChannelFeature[]
  readonly #features = new ChannelFeatures()
  #greeted = false
  #ended = false
  /** null where frames could be forged as well as held back */
  readonly #freshness: Freshness | null
  readonly #goneTimer: NodeJS.Timeout | null

  constructor(
    channel: RunnerChannel,
    guest: Guest,
    terminals: Terminals,
    { features, ...welcome }: Omit<Welcome, 'maySend'> & { readonly features: readonly ChannelFeature[] },
    onEnd: (channel: AppChannel) => void,
  ) {
    this.#channel = channel
    this.#envelope = guest.envelope
    this.#voice = new ChannelVoice(channel, guest.envelope)
    this.#terminals = terminals
    this.mayApprove = welcome.mayType && guest.mayApprove
    this.maySend = welcome.mayType && guest.maySend
    this.#welcome = { ...welcome, mayType: welcome.mayType && guest.mayType, maySend: this.maySend }
    this.#only = guest.only
    this.#offered = this.isGuest ? [] : features
    this.#knownSinceMs = guest.knownSinceMs
    this.#onEnd = onEnd
    const { opening } = channel
    this.app = guest.handle
    this.appId = guest.appId
    this.sealed = guest.sealed
    this.appSessionId = opening.appSessionId ?? opening.pid
    this.#label = guest.label
    this.address = opening.address ?? ''
    this.#freshness = guest.sealed ? new Freshness(() => performance.now()) : null
    this.#goneTimer = guest.sealed ? setTimeout(() => this.#end(CloseReason.restarting), GONE_AFTER_MS) : null
  }

  get label(): string {
    return this.#label
  }

  get mayType(): boolean {
    return this.#welcome.mayType
  }

  /** It came by a share link, which opens one terminal. */
  get isGuest(): boolean {
    return this.#only !== null
  }

  // What the connection tells.

  onEnvelope(payload: Uint8Array): void {
    const opened = this.#envelope.open(payload)
    const plaintext = opened === null ? null : decodePlaintext(opened)
    if (this.#envelope.wasLeft) return this.#end(CloseReason.appGone)
    if (this.#envelope.isStale) return this.#end(CloseReason.restarting)
    this.#freshness?.heard()
    this.#goneTimer?.refresh()
    if (plaintext === null || !this.#hear(plaintext)) this.#end(CloseReason.malformed)
  }

  onPaused(paused: boolean): void {
    this.paused = paused
    for (const { terminal, viewer } of this.#watching.values()) terminal.pump(viewer)
    if (!paused) this.#features.resumed()
  }

  onEnd(): void {
    this.#end(null)
  }

  // What the terminals tell.

  /** Told to every app that has said hello. */
  onTerminal(info: TerminalInfo): void {
    if (this.#greeted && this.terminal(info.terminal) !== null)
      this.tell({ type: 'terminal', ...this.#shown(info) })
  }

  onGone(terminal: number): void {
    this.#watching.delete(terminal)
    if (this.#greeted) this.tell({ type: 'gone', terminal })
  }

  tell(message: RunnerMessage): void {
    if (!this.#ended) this.#voice.tell(message)
  }

  send(plaintext: Plaintext): void {
    if (!this.#ended) this.#voice.send(plaintext)
  }

  output(terminal: number, offset: number, bytes: Uint8Array): void {
    this.#voice.send({ stream: Stream.output, seq: offset, terminal, bytes })
  }

  history(terminal: number, at: number, bytes: Uint8Array): void {
    this.#voice.send({ stream: Stream.history, seq: at, terminal, bytes })
  }

  close(reason: CloseReason): void {
    this.#end(reason)
  }

  /** False when it makes no sense: the channel ends. */
  #hear(plaintext: Plaintext): boolean {
    switch (plaintext.stream) {
      case Stream.control:
        return this.#hearMessages(plaintext.bytes)
      case Stream.input:
        if (!this.#greeted) return false
        if (this.#isNews()) this.#typed(plaintext.terminal, plaintext.seq, plaintext.bytes)
        return true
      case Stream.resize:
        return this.#greeted && (!this.#isNews() || this.#wishes(plaintext.terminal, plaintext.bytes))
      case Stream.files:
      case Stream.ports:
        return this.#greeted && (!this.#isNews() || this.#features.take(plaintext))
      case Stream.output:
      case Stream.history:
        return false
      default:
        return assertNever(plaintext)
    }
  }

  #hearMessages(bytes: Uint8Array): boolean {
    const messages = decodeAppMessages(bytes)
    if (messages === null) return false
    for (const message of messages) {
      if (this.#greeted === (message.type === 'hello')) return false
      if (ACTING.has(message.type) && !this.#isNews()) return true
      this.#answer(message)
      if (this.#ended) return true
    }
    return true
  }

  #answer(message: AppMessage): void {
    if (isOfFeature(message)) return this.#features.hear(message)
    switch (message.type) {
      case 'hello':
        return this.#greet(message)
      case 'ping':
        return this.#answerPing(message)
      case 'open':
        return void this.#open(message)
      case 'attach':
        return this.#attach(message)
      case 'credit':
        return this.#watched(message.terminal, ({ terminal, viewer }) => terminal.grant(viewer, message.upTo))
      case 'detach':
        return this.#detach(message.terminal)
      case 'scrollback':
        return this.#watched(message.terminal, ({ terminal, viewer }) =>
          terminal.scrollback(viewer, message.request, message.lines),
        )
      case 'close':
        return this.#changing(message.terminal, (terminal) => this.#terminals.close(terminal))
      case 'rename':
        return this.#changing(message.terminal, (terminal) => terminal.rename(message.name))
      case 'takeSize':
        return this.#changing(message.terminal, (terminal) => terminal.takeSize(this.app, message))
      case 'record':
        return this.#changing(message.terminal, (terminal) => void this.#record(terminal, message.on))
      default:
        return assertNever(message)
    }
  }

  /**
   * Whether a message may act. After a silence it may have been delayed by a relay, until the app has proved that it
   * receives. A doubtful channel ends; a live app opens another one and sends its untyped input again.
   */
  #isNews(): boolean {
    if (this.#freshness?.isDoubtful === true) this.#end(CloseReason.restarting)
    return !this.#ended
  }

  #answerPing({ id, heard }: Extract<AppMessage, { type: 'ping' }>): void {
    if (heard !== undefined) this.#freshness?.proved(heard)
    this.tell({ type: 'pong', id, ...(this.#freshness && { mark: this.#freshness.mark() }) })
  }

  #greet(hello: Extract<AppMessage, { type: 'hello' }>): void {
    if (hello.version !== PROTOCOL_VERSION) {
      this.tell(otherVersion(hello.version))
      return this.#end(CloseReason.malformed)
    }
    // A known app has the name that this machine keeps.
    if (hello.label !== '' && this.appId === null) this.#label = hello.label
    this.#greeted = true
    const seen = this.#terminals.list
      .filter(({ terminal }) => this.terminal(terminal) !== null)
      .map((info) => this.#shown(info))
    const names = this.#offered.map(({ name }) => name)
    for (const message of greeting(this.#welcome, this.app, seen, names)) this.tell(message)
    this.#features.join(this.#offered, hello.features ?? [], this)
  }

  async #open(message: Extract<AppMessage, { type: 'open' }>): Promise<void> {
    const { request, name, cols, rows, like, writer, private: isPrivate } = message
    if (this.isGuest) return this.#refuse('NOT_SHARED', { request })
    if (!this.mayType) return this.#refuse('VIEW_ONLY', { request })
    const folder = like === undefined ? undefined : this.terminal(like)?.past?.folderPath
    const opened = await this.#terminals.open(name, { cols, rows }, { folder, isPrivate })
    if (!opened.ok) return this.tell({ type: 'error', request, code: opened.code, message: opened.message })
    const { number: terminal } = opened.terminal
    // Its news came sooner, and the app has attached it.
    const attaches = writer !== undefined && !this.#ended && !this.#watching.has(terminal)
    this.tell({ type: 'opened', request, terminal, ...(attaches && { watched: true as const }) })
    if (attaches) this.#attach({ type: 'attach', terminal, writer, from: null, cols, rows })
  }

  #attach(message: Extract<AppMessage, { type: 'attach' }>): void {
    const { terminal: number, writer, from, gaveUp, cols, rows } = message
    const terminal = this.terminal(number)
    if (terminal === null) return this.#refuse('NO_SUCH_TERMINAL', { terminal: number })
    this.#detach(number)
    if (gaveUp !== undefined) terminal.giveUp(this, gaveUp)
    const attached = terminal.attach(this, writer, from)
    if (attached === 'past') return this.#end(CloseReason.restarting)
    if (attached === 'full') return this.#refuse('TOO_MANY_TERMINALS', { terminal: number })
    const { viewer, applied } = attached
    this.#watching.set(number, { terminal, viewer })
    this.tell({ type: 'attached', terminal: number, offset: viewer.offset, applied })
    viewer.begin()
    terminal.pump(viewer)
    // Output for the old size goes first.
    if (this.#mayResize) terminal.wishSize(this.app, { cols, rows })
  }

  #detach(number: number): void {
    const watching = this.#watching.get(number)
    this.#watching.delete(number)
    watching?.terminal.detach(watching.viewer)
  }

  #typed(number: number, seq: number, bytes: Uint8Array): void {
    if (!this.mayType) return this.#refuse('VIEW_ONLY', { terminal: number })
    this.#watched(number, ({ terminal, viewer }) => {
      const became = terminal.type(viewer, seq, bytes)
      if (became === 'past') return this.#end(CloseReason.restarting)
      if (became === 'typed') return
      const message = 'Input before this has not arrived: attach again.'
      this.tell({ type: 'error', terminal: number, code: 'INPUT_GAP', message })
    })
  }

  #wishes(number: number, bytes: Uint8Array): boolean {
    const size = decodeSize(bytes)
    if (size === null) return false
    if (this.#mayResize) this.#watched(number, ({ terminal }) => terminal.wishSize(this.app, size))
    return true
  }

  /** The terminal of this number, unless it ended before this app came to know the machine. */
  terminal(number: number): HostedTerminal | null {
    if (this.#only !== null && this.#only !== number) return null
    const terminal = this.#terminals.get(number)
    return terminal?.past && terminal.past.writtenAtMs < this.#knownSinceMs ? null : terminal
  }

  folder(number: number | null): string {
    return this.#terminals.folderOf(number !== null && this.terminal(number) !== null ? number : null)
  }

  #watched(number: number, act: (watching: Watching) => void): void {
    const watching = this.#watching.get(number)
    if (watching === undefined) this.#refuse('NO_SUCH_TERMINAL', { terminal: number })
    else act(watching)
  }

  /** Acts on a terminal of which others have something too. */
  #changing(number: number, act: (terminal: HostedTerminal) => void): void {
    const terminal = this.terminal(number)
    if (this.isGuest) this.#refuse('NOT_SHARED', { terminal: number })
    else if (!this.mayType) this.#refuse('VIEW_ONLY', { terminal: number })
    else if (terminal === null) this.#refuse('NO_SUCH_TERMINAL', { terminal: number })
    else act(terminal)
  }

  /** A guest never changes how large the others see a terminal. */
  get #mayResize(): boolean {
    return this.mayType && !this.isGuest
  }

  /** An app is told the size at its place in the output. A guest learns how many others watch, not how their devices are called. */
  #shown(told: TerminalInfo): TerminalInfo {
    const info = { ...told, ...this.#watching.get(told.terminal)?.viewer.size }
    if (!this.isGuest) return info
    return { ...info, watchers: info.watchers.map((each) => ({ ...each, label: '' })) }
  }

  async #record(terminal: HostedTerminal, on: boolean): Promise<void> {
    if (!on) return terminal.recording.stop()
    const problem = await terminal.recording.start(terminal.askScreen)
    if (problem === null) return
    this.tell({ type: 'error', terminal: terminal.number, code: 'CANNOT_START', message: problem })
  }

  #refuse(
    code: keyof typeof REFUSALS,
    about: { readonly request?: number; readonly terminal?: number },
  ): void {
    this.tell({ type: 'error', code, message: REFUSALS[code], ...about })
  }

  #end(reason: CloseReason | null): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#goneTimer !== null) clearTimeout(this.#goneTimer)
    if (reason !== null) this.#voice.end()
    // The app is gone, but its keys must still be wiped.
    else this.#envelope.goodbye()
    if (reason !== null) this.#channel.close(reason)
    for (const number of [...this.#watching.keys()]) this.#detach(number)
    this.#features.left()
    this.#onEnd(this)
  }
}

const REFUSALS = {
  VIEW_ONLY: 'This app may look at this machine, not type.',
  NO_SUCH_TERMINAL: 'This terminal is no more.',
  TOO_MANY_TERMINALS: 'Too many apps watch this terminal.',
  NOT_SHARED: 'This link opens one terminal, and changes nothing else on this machine.',
} as const
