import { InputLedger } from '@latchkey/domain/terminal/input-ledger'
import * as lease from '@latchkey/domain/terminal/size-lease'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { KeptHandle, KeptListener } from '../keeper/keeper-client.ts'
import type { FromKeeper, Resized } from '../keeper/keeper-messages.ts'
import { type PastFacts, toldPast } from '../past/past-handle.ts'
import type { Exit } from '../pty/pty-process.ts'
import type { Picture } from '../screens/screen-messages.ts'
import { Flow } from './flow.ts'
import { KeptOutput } from './kept-output.ts'
import { LivingScreen, type Question } from './living-screen.ts'
import { Newcomers } from './newcomers.ts'
import { ScreenKeys } from './screen-keys.ts'
import { SecretWatch } from './secret-watch.ts'
import { cleanName, REST_AFTER_MS, type TerminalEvents, type TerminalOptions } from './terminal-options.ts'
import { TerminalRecording } from './terminal-recording.ts'
import { TerminalScheme } from './terminal-scheme.ts'
import { TerminalSize } from './terminal-size.ts'
import { type Attached, ledgerKey, sendPicture, Viewer, type ViewerPort, watcherOf } from './viewer.ts'

/** One kept program with its screen while that is needed, and the viewers of it. */
export class HostedTerminal {
  readonly number: number
  /** of a terminal of before, which has ended */
  readonly past: PastFacts | null
  readonly #kept: KeptHandle
  readonly #events: TerminalEvents
  readonly #options: TerminalOptions
  readonly #output: KeptOutput
  readonly #ledger: InputLedger
  readonly #viewers = new Set<Viewer>()
  readonly #flow: Flow
  readonly #secrets: SecretWatch
  readonly recording: TerminalRecording
  readonly keys: ScreenKeys
  readonly scheme: TerminalScheme
  readonly #newcomers: Newcomers
  /** where the output stood when this runner began */
  readonly #printedAt: number
  #screen: LivingScreen | null = null
  /** questions to a screen that is being made */
  #forScreen: Question[] = []
  #follows = false
  #restTimer: NodeJS.Timeout | null = null
  #name: string
  readonly #size: TerminalSize

  constructor(kept: KeptHandle, options: TerminalOptions, events: TerminalEvents) {
    const { info } = kept
    this.number = info.terminal
    this.past = options.past ?? null
    this.#kept = kept
    this.#events = events
    this.#options = options
    this.#name = cleanName(info.name)
    this.#size = new TerminalSize(info)
    this.#output = new KeptOutput(info)
    this.#printedAt = info.end
    this.#ledger = new InputLedger(undefined, info.ledger)
    this.#newcomers = new Newcomers(info.note)
    this.#flow = new Flow(
      { pty: kept, undrawn: () => this.#screen?.undrawnBytes ?? 0, ring: this.#output },
      this.#viewers,
    )
    const askMode = () => options.lineModes.ask(info.tty)
    const isTypedIn = () => this.recording.isOn || [...this.#viewers].some(({ port }) => port.mayType)
    const onChanged = () => events.onChanged()
    this.#secrets = new SecretWatch({
      ask: askMode,
      isWanted: () => !this.hasEnded && isTypedIn(),
      onChanged,
    })
    this.recording = new TerminalRecording(options.recordings, {
      ...{ terminal: this.number, output: this.#output, secrets: this.#secrets, askMode, onChanged },
      ...{ name: () => this.#name, isPrivate: () => this.isPrivate },
      size: () => this.#size.now,
    })
    const [output, ledger, recording] = [this.#output, this.#ledger, this.recording]
    const withScreen = (ask: Question) => this.#withScreen(ask)
    this.keys = new ScreenKeys({ withScreen, output, ledger, kept, recording })
    this.scheme = new TerminalScheme(() => this.#size.now.owner, withScreen)
    const listener: KeptListener = {
      onKept: (kept) => this.#begin(kept),
      onOutput: (offset, bytes) => this.#printed(offset, bytes),
      onResized: (resized) => this.#resized(resized),
      onApplied: (writer, upTo) => this.#applied(writer, upTo),
      onStirred: (end) => {
        this.#output.printedUpTo(end)
        this.#wake()
      },
      onExited: (exit) => this.#ended(exit),
    }
    this.#follows = kept.isFollowed
    kept.listen(listener)
    // What it printed since its last picture may hold a question to the terminal.
    if (info.exit === null && (info.pictureAt === null || info.end > info.pictureAt)) this.#wake()
  }

  get info(): TerminalInfo {
    const { owner, cols, rows } = this.#size.now
    const watchers = [...this.#viewers].map(watcherOf)
    const state = { owner, watchers, exit: this.#exit, secret: this.#secrets.secret, ...this.recording.fact }
    const marks = { ...toldPast(this.past), ...(this.isPrivate && { private: true }) }
    return { terminal: this.number, name: this.#name, cols, rows, ...state, ...marks }
  }

  /** Nothing of it is kept on disk. */
  get isPrivate(): boolean {
    return this.#newcomers.isPrivate
  }

  keepPrivate(): void {
    this.#newcomers.isPrivate = true
    this.#describe()
  }

  /** Whether it has no emulator now. */
  get rests(): boolean {
    return !this.#follows
  }

  get #exit(): Exit | null {
    return this.#kept.info.exit
  }

  get hasEnded(): boolean {
    return this.#exit !== null
  }

  get isWatched(): boolean {
    return this.#viewers.size > 0
  }

  /**
   * Begins or resumes watching; the caller tells the app, then calls `begin` of the viewer. `full`: too many watch. `past`:
   * the app has left this channel, or this writer, behind.
   */
  attach(port: ViewerPort, writer: string, wanted: number | null): Attached | 'full' | 'past' {
    // A newcomer does not get older output by its offset either.
    const from = wanted !== null && wanted < this.#newcomers.startOf(port.app) ? null : wanted
    const attached = this.#ledger.attach(ledgerKey(port, writer), port.connection)
    if (attached.status !== 'attached') return attached.status
    const viewer = new Viewer({
      port,
      writer,
      info: () => this.info,
      ring: this.#output,
      from,
      redraw: from !== null && from < this.#size.since,
      requestSnapshot: (asking) =>
        this.#withScreen((screen) => screen.snapshot((picture) => this.#restore(asking, picture))),
    })
    this.#viewers.add(viewer)
    this.#kept.attach(ledgerKey(port, writer), port.connection)
    this.#wake()
    this.#secrets.stirred()
    this.#events.onChanged()
    return { viewer, applied: attached.applied }
  }

  detach(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return
    const { port } = viewer
    this.#ledger.detach(ledgerKey(port, viewer.writer), port.connection)
    this.#kept.detach(ledgerKey(port, viewer.writer), port.connection)
    const stillThere = [...this.#viewers].some((other) => other.port.app === port.app && other.port.mayType)
    if (!stillThere) this.#size.want(lease.leave(this.#size.wanted, port.app))
    this.#restLater()
    this.#flow.update()
    this.#events.onChanged()
  }

  grant(viewer: Viewer, upTo: number): void {
    viewer.grant(upTo)
    this.#flow.progressed()
    this.pump(viewer)
  }

  /** Sends this viewer what may be sent now. */
  pump(viewer: Viewer): void {
    viewer.pump(this.#exit)
    this.#flow.update()
  }

  /** Late input of these writers of the app is not typed any more. */
  giveUp(port: ViewerPort, writers: readonly string[]): void {
    for (const writer of writers) {
      this.#ledger.giveUp(ledgerKey(port, writer))
      this.#kept.giveUp(ledgerKey(port, writer))
    }
  }

  /** Types the untyped part of `bytes`. `gap`: bytes before them are missing; `past`: the app has left this channel behind. */
  type(viewer: Viewer, from: number, bytes: Uint8Array): 'typed' | 'gap' | 'past' {
    const { port, writer } = viewer
    const key = ledgerKey(port, writer)
    const applied = this.#ledger.apply(key, port.connection, from, bytes)
    if (applied.status === 'past') return 'past'
    if (applied.status === 'hole' || applied.status === 'unknown') return 'gap'
    // Empty input asks for the acknowledgement of a duplicate.
    const fresh = applied.status === 'applied' ? applied.fresh : new Uint8Array(0)
    this.recording.typed(port, fresh)
    this.scheme.typed(port.app)
    this.#kept.input(key, port.connection, applied.upTo - fresh.length, fresh)
    // Its echo will be wanted.
    this.#wake()
    this.#secrets.stirred()
    return 'typed'
  }

  wishSize(app: string, size: Size): void {
    this.#resizeTo(lease.wish(this.#size.wanted, app, size))
  }

  takeSize(app: string, size: Size): void {
    this.#resizeTo(lease.take(this.#size.wanted, app, size))
  }

  rename(name: string): void {
    this.#name = cleanName(name)
    this.#describe()
    this.#events.onChanged()
  }

  scrollback(viewer: Viewer, request: number, lines: number): void {
    const since = this.#newcomers.markOf(viewer.port.app)
    this.#withScreen((screen) =>
      screen.scrollback(lines, since, (picture) => {
        if (this.#viewers.has(viewer)) sendPicture(viewer.port, this.number, 'scrollback', picture, request)
      }),
    )
  }

  /** Gives the whole screen as it is. */
  readonly askScreen = (give: (picture: Picture) => void): void =>
    this.#withScreen((screen) => screen.snapshot(give))

  /** Gives the text of its rows, each without the blanks at its end. */
  readonly askRows = (give: (rows: readonly string[]) => void): void =>
    this.#withScreen((screen) => screen.rows(give))

  /** An app that came to know this machine at that time. Older output is not for it. */
  knows(app: string, sinceMs: number): void {
    if (sinceMs <= this.#kept.info.startedAtMs) return
    const start = this.#output.end
    const mark = this.#newcomers.add(app, start)
    if (mark === null) return
    this.#describe()
    this.#screen?.mark({ start, mark })
  }

  /** Ends the program; `onExit` follows. */
  end(): void {
    this.#flow.release()
    this.#kept.end()
  }
  /** Ends the program without a grace time. */
  kill(): void {
    this.#flow.release()
    this.#kept.kill()
  }

  /** Leaves a picture with the keeper: of the screen that it has now, or has to make if it `must`. */
  pack(done: () => void, must: boolean): void {
    if (this.#screen === null && !must) done()
    else this.#withScreen((screen) => screen.pack(() => done()))
  }

  /** Nothing of it is wanted any more; the program must have ended. */
  forget(): void {
    this.leave()
    this.#kept.forget()
  }

  /** Leaves the program as it is, for the next runner. */
  leave(): void {
    this.#kept.listen(null)
    this.#flow.stop()
    void this.recording.stop('The runner ended, or the terminal was closed.')
    this.#secrets.end()
    if (this.#restTimer !== null) clearTimeout(this.#restTimer)
    this.#viewers.clear()
    this.#forScreen = []
    this.#screen?.close()
    this.#screen = null
  }

  #wake(): void {
    this.#restLater()
    if (this.#follows) return
    this.#follows = true
    this.#kept.follow()
  }

  #withScreen(ask: Question): void {
    if (this.#screen !== null) return ask(this.#screen)
    this.#forScreen.push(ask)
    this.#wake()
  }

  #begin(kept: Extract<FromKeeper, { readonly type: 'kept' }>): void {
    this.#follows = true
    this.#output.begin(kept)
    const asked = [...(this.#screen?.close() ?? []), ...this.#forScreen]
    this.#screen = new LivingScreen(kept, {
      screens: this.#options.screens,
      kept: this.#kept,
      marksFrom: (offset) => this.#newcomers.marksFrom(offset),
      printedAt: this.#printedAt,
      isLight: this.scheme.isLight,
      onReport: (text) => this.keys.report(text),
      onDrawn: () => this.#flow.update(),
    })
    this.#forScreen = []
    for (const ask of asked) ask(this.#screen)
    this.#restLater()
  }

  #printed(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#screen === null) return
    // Output was dropped before it came here: the keeper sends everything that it still has.
    if (!this.#output.isNext(offset)) return this.#kept.follow()
    this.#output.append(bytes)
    this.recording.printed(offset, bytes)
    for (const viewer of this.#viewers) viewer.pump(this.#exit)
    this.#secrets.stirred()
    // Last, since the buffer goes to the other thread.
    this.#screen.output(offset, this.#output.givenAway(bytes))
    this.#flow.update()
    this.#restLater()
  }

  #applied(key: string, upTo: number): void {
    for (const { port, writer } of this.#viewers)
      if (ledgerKey(port, writer) === key) port.tell({ type: 'applied', terminal: this.number, upTo })
  }

  #ended(exit: Exit): void {
    this.recording.exited(exit)
    this.#secrets.end()
    this.#flow.stop()
    for (const viewer of this.#viewers) viewer.pump(exit)
    this.#events.onExit()
  }

  #restore(viewer: Viewer, picture: Picture): void {
    if (!this.#viewers.has(viewer)) return
    viewer.restore(picture, !this.#size.is(picture))
    this.pump(viewer)
  }

  /** The keeper says where in the output the size changes: everybody hears of it there. */
  #resizeTo(next: lease.SizeLease): void {
    const change = this.#size.want(next)
    if (change === 'resize') this.#kept.resize(next)
    else if (change === 'owner') this.#events.onChanged()
    if (change !== 'same') this.scheme.decide()
  }

  #resized(resized: Resized): void {
    this.#screen?.resize(resized)
    // Told again with older output, it is for the screen alone: apps begin with the later size.
    if (!this.#size.resized(resized)) return
    this.recording.resized(resized)
    for (const viewer of this.#viewers) viewer.resized(resized)
    this.#events.onChanged()
  }

  #describe(): void {
    this.#kept.describe(this.#name, this.#newcomers.note)
  }

  /** The emulator goes when it was not needed for a while. One that owes an answer then is looked at again. */
  #restLater(): void {
    this.#restTimer ??= setTimeout(() => this.#rest(), this.#options.restAfterMs ?? REST_AFTER_MS)
    this.#restTimer.refresh()
  }

  #rest(): void {
    const screen = this.#screen
    const { end } = this.#output
    const isIdle = () =>
      screen === this.#screen &&
      this.#output.end === end &&
      screen?.isAsked === false &&
      [...this.#viewers].every((viewer) => viewer.isSettled)
    if (screen === null) return
    if (!isIdle()) return this.#restLater()
    screen.pack((offset) => {
      if (offset !== end || !isIdle()) return offset === null ? undefined : this.#restLater()
      this.#follows = false
      this.#kept.rest(end)
      this.#output.rest()
      screen.close()
      this.#screen = null
    })
  }
}
