import { InputLedger } from '@latchkey/domain/terminal/input-ledger'
import { OutputRing } from '@latchkey/domain/terminal/output-ring'
import * as lease from '@latchkey/domain/terminal/size-lease'
import { printable } from '@latchkey/protocol/printable'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { LineModes } from '../pty/line-mode.ts'
import { type Exit, type Program, type PtyProcess, startPty } from '../pty/pty-process.ts'
import { InterruptEcho } from '../pty/interrupts.ts'
import type { Picture } from '../screens/screen-messages.ts'
import type { ScreenHandle, Screens } from '../screens/screens.ts'
import { Flow } from './flow.ts'
import { Newcomers } from './newcomers.ts'
import { SecretWatch } from './secret-watch.ts'
import { sendPicture, Viewer, type ViewerPort } from './viewer.ts'

/** Input that the program has not read yet is acknowledged when there is less than this of it: so a paste waits, in the app. */
const UNREAD_INPUT_BYTES_MAX = 64 * 1024
const UNREAD_INPUT_LOOK_EVERY_MS = 20
/** What the wire lets a name be. */
const NAME_CHARS_MAX = 64
/** An acknowledgement lets the echo of what it acknowledges go first, and fast typing is acknowledged together. */
const ACKNOWLEDGE_AFTER_MS = 5

export interface TerminalEvents {
  /** name, size, owner, watchers or exit have changed */
  onChanged(): void
  /** the program has ended, all its output has been produced */
  onExit(): void
}

/** Where a viewer begins. */
export interface Attached {
  readonly viewer: Viewer
  readonly applied: number
}

/** One program in its PTY with its screen, its kept output, and everybody who watches. */
export class HostedTerminal {
  readonly number: number
  readonly #events: TerminalEvents
  readonly #ring = new OutputRing()
  readonly #ledger = new InputLedger()
  readonly #viewers = new Set<Viewer>()
  readonly #pty: PtyProcess
  readonly #screen: ScreenHandle
  readonly #flow: Flow
  readonly #secrets: SecretWatch
  #name: string
  #size: lease.SizeLease
  /** the offset of the output at which the size last changed */
  #resizedAt = 0
  #exit: Exit | null = null
  #laterAcks: NodeJS.Timeout | null = null
  readonly #ackWaiting = new Map<Viewer, number>()
  readonly #newcomers = new Newcomers()
  readonly #interrupts = new InterruptEcho()
  readonly #startedAtMs = Date.now()

  /** Throws when the PTY cannot be made. */
  constructor(
    options: {
      readonly number: number
      readonly name: string
      readonly program: Program
      readonly size: Size
    },
    { screens, lineModes }: { readonly screens: Screens; readonly lineModes: LineModes },
    events: TerminalEvents,
  ) {
    this.number = options.number
    this.#name = printable(options.name, NAME_CHARS_MAX)
    this.#size = lease.unowned(options.size)
    this.#events = events
    this.#pty = startPty(options.program, options.size, {
      onOutput: (bytes) => this.#produced(bytes),
      onExit: (exit) => this.#ended(exit),
    })
    this.#screen = screens.open(options.size.cols, options.size.rows, {
      onDrawn: () => this.#flow.update(),
      onReply: (text) => this.#pty.write(Buffer.from(text, 'latin1')),
    })
    this.#flow = new Flow({ pty: this.#pty, screen: this.#screen, ring: this.#ring }, this.#viewers)
    this.#secrets = new SecretWatch({
      ask: () => lineModes.ask(this.#pty.tty),
      isWanted: () => this.#exit === null && [...this.#viewers].some(({ port }) => port.mayType),
      onChanged: () => events.onChanged(),
    })
  }

  get info(): TerminalInfo {
    const { owner, cols, rows } = this.#size
    const watchers = [...this.#viewers].map(({ port: { app, label, mayType } }) => ({ app, label, mayType }))
    const { secret } = this.#secrets
    return { terminal: this.number, name: this.#name, cols, rows, owner, watchers, exit: this.#exit, secret }
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
    // What was printed before it came is not told by an offset either.
    const from = wanted !== null && wanted < this.#newcomers.startOf(port.app) ? null : wanted
    const attached = this.#ledger.attach(ledgerKey(port, writer), port.connection)
    if (attached.status !== 'attached') return attached.status
    const viewer = new Viewer({
      port,
      writer,
      terminal: this.number,
      ring: this.#ring,
      from,
      redraw: from !== null && from < this.#resizedAt,
      requestSnapshot: (asking) => this.#screen.snapshot((picture) => this.#restore(asking, picture)),
    })
    this.#viewers.add(viewer)
    this.#secrets.stirred()
    this.#events.onChanged()
    return { viewer, applied: attached.applied }
  }

  detach(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return
    this.#ackWaiting.delete(viewer)
    const { port } = viewer
    this.#ledger.detach(ledgerKey(port, viewer.writer), port.connection)
    const stillThere = [...this.#viewers].some((other) => other.port.app === port.app && other.port.mayType)
    if (!stillThere) this.#size = lease.leave(this.#size, port.app)
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

  /** What this app sent as these writers, and what has not arrived yet, is not typed any more. */
  giveUp(port: ViewerPort, writers: readonly string[]): void {
    for (const writer of writers) this.#ledger.giveUp(ledgerKey(port, writer))
  }

  /** Types what is new of `bytes`. `gap`: bytes before them are missing; `past`: the app has left this channel behind. */
  type(viewer: Viewer, from: number, bytes: Uint8Array): 'typed' | 'gap' | 'past' {
    const { port, writer } = viewer
    const applied = this.#ledger.apply(ledgerKey(port, writer), port.connection, from, bytes)
    if (applied.status === 'past') return 'past'
    if (applied.status === 'hole' || applied.status === 'unknown') return 'gap'
    if (applied.status === 'applied') {
      this.#interrupts.typed(applied.fresh)
      this.#pty.write(applied.fresh)
      this.#secrets.stirred()
    }
    this.#acknowledge(viewer, applied.upTo)
    return 'typed'
  }

  wishSize(app: string, size: Size): void {
    this.#resizeAndTell(lease.wish(this.#size, app, size))
  }

  takeSize(app: string, size: Size): void {
    this.#resizeAndTell(lease.take(this.#size, app, size))
  }

  rename(name: string): void {
    this.#name = printable(name, NAME_CHARS_MAX)
    this.#events.onChanged()
  }

  scrollback(viewer: Viewer, request: number, lines: number): void {
    const since = this.#newcomers.markOf(viewer.port.app)
    this.#screen.scrollback(lines, since, (picture) => {
      if (this.#viewers.has(viewer)) sendPicture(viewer.port, this.number, 'scrollback', picture, request)
    })
  }

  /** An app that came to know this machine at that time. What was printed before is not for it. */
  knows(app: string, sinceMs: number): void {
    if (sinceMs <= this.#startedAtMs) return
    const mark = this.#newcomers.add(app, this.#ring.end)
    if (mark !== null) this.#screen.mark(mark)
  }

  /** Ends the program; `onExit` follows. */
  end(): void {
    this.#flow.release()
    this.#pty.end()
  }

  /** Ends the program without a grace time. */
  kill(): void {
    this.#flow.release()
    this.#pty.kill()
  }

  /** Nothing is kept after this; the program must have ended. */
  dispose(): void {
    this.#flow.stop()
    this.#secrets.end()
    if (this.#laterAcks !== null) clearTimeout(this.#laterAcks)
    this.#viewers.clear()
    this.#screen.close()
  }

  #produced(printed: Uint8Array<ArrayBuffer>): void {
    const bytes = this.#interrupts.shown(printed)
    this.#ring.append(bytes)
    for (const viewer of this.#viewers) viewer.pump(null)
    this.#secrets.stirred()
    // Last, since the buffer goes to the other thread.
    this.#screen.output(bytes)
    this.#flow.update()
  }

  #ended(exit: Exit): void {
    this.#exit = exit
    this.#secrets.end()
    this.#flow.stop()
    for (const viewer of this.#viewers) viewer.pump(exit)
    this.#events.onExit()
  }

  #restore(viewer: Viewer, picture: Picture): void {
    if (!this.#viewers.has(viewer)) return
    viewer.restore(picture, !lease.sameSize(picture, this.#size))
    this.pump(viewer)
  }

  #resizeAndTell(next: lease.SizeLease): void {
    if (next === this.#size) return
    this.#resize(next)
    this.#events.onChanged()
  }

  #resize(next: lease.SizeLease): void {
    const changed = !lease.sameSize(next, this.#size)
    this.#size = next
    if (!changed) return
    this.#resizedAt = this.#ring.end
    // The screen first: what the program prints for its new size is then drawn at that size.
    this.#screen.resize(next.cols, next.rows)
    this.#pty.resize(next)
  }

  #acknowledge(viewer: Viewer, upTo: number): void {
    this.#ackWaiting.set(viewer, upTo)
    this.#laterAcks ??= setTimeout(() => this.#acknowledgeNow(), ACKNOWLEDGE_AFTER_MS)
  }

  #acknowledgeNow(): void {
    this.#laterAcks = null
    if (this.#pty.unwrittenBytes > UNREAD_INPUT_BYTES_MAX && this.#exit === null) {
      this.#laterAcks = setTimeout(() => this.#acknowledgeNow(), UNREAD_INPUT_LOOK_EVERY_MS)
      return
    }
    for (const [viewer, upTo] of this.#ackWaiting)
      viewer.port.tell({ type: 'applied', terminal: this.number, upTo })
    this.#ackWaiting.clear()
  }
}

const ledgerKey = (port: ViewerPort, writer: string): string => `${port.app} ${writer}`
