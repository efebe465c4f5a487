import { hex } from '@latchkey/protocol/bytes'
import {
  type AppMessage,
  GIVEN_UP_WRITERS_MAX,
  type RunnerMessage,
} from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import { subject } from '../observable.ts'
import type { Platform } from '../transport.ts'
import { InputQueue } from './input-queue.ts'
import type { HeldInput, PendingInput, Snapshot, TerminalSink, TerminalWatch, Typed } from './link.ts'
import { OutputCursor } from './output-cursor.ts'
import { SizeWish } from './size-wish.ts'

/** Each slice is acknowledged: on a link of 2 KB/s a paste still shows every two seconds that the link is alive. */
const INPUT_SLICE_BYTES_MAX = 4 * 1024
const WRITER_BYTES = 16

/** What a watch may say to the machine, over whatever channel there is. Without one, nothing is sent. */
export interface WatchWire {
  readonly platform: Platform
  send(message: AppMessage): void
  sendInput(terminal: number, seq: number, bytes: Uint8Array): void
  /** Tells the size that this app would like, unless another app owns the terminal's size. */
  wishSize(terminal: number, size: Size): void
  /** whether input may be sent now */
  readonly writable: boolean
  readonly mayType: boolean
  scrollback(terminal: number, lines: number): Promise<Snapshot | null>
  /** The watch has ended, by its own wish. */
  detached(watch: Watch): void
  /** Something that the link's state depends on has changed. */
  changed(): void
}

/** One terminal watched over any number of connections. */
export class Watch implements TerminalWatch {
  readonly terminal: number
  readonly pending
  readonly held = subject<HeldInput | null>(null)
  readonly #wire: WatchWire
  readonly #sink: TerminalSink
  readonly #input = new InputQueue()
  readonly #output: OutputCursor
  readonly #size: SizeWish
  #writer: string
  /** what these typed is not wanted any more; the machine has not confirmed yet that it knows */
  #gaveUp: readonly string[] = []
  #shownSize: Size | null = null
  #answersAwaited: number
  /** the connection was lost since the machine last said where to go on */
  #wasLost = false
  #exited = false
  #ended = false

  /** @param attachedAs the writer by which the machine attaches it of itself; absent: it is attached by `attachment` */
  constructor(terminal: number, size: Size, sink: TerminalSink, wire: WatchWire, attachedAs?: string) {
    this.terminal = terminal
    this.#wire = wire
    this.#sink = sink
    this.#writer = attachedAs ?? newWriter(wire.platform)
    this.#answersAwaited = attachedAs === undefined ? 0 : 1
    this.pending = subject<PendingInput>(this.#pendingNow())
    this.#size = new SizeWish(size, wire.platform, (wanted) => wire.wishSize(terminal, wanted))
    this.#output = new OutputCursor({
      sink,
      nowMs: wire.platform.nowMs,
      grant: (upTo) => wire.send({ type: 'credit', terminal, upTo }),
      restart: () => this.#attachAgain(),
    })
  }

  // What the app asks.

  get room(): number {
    return this.#input.room
  }

  type(bytes: Uint8Array): Typed {
    if (this.#ended || this.#exited) return 'ended'
    if (!this.#wire.mayType) return 'view-only'
    if (!this.#input.type(bytes, this.#wire.platform.nowMs())) return 'full'
    this.pump()
    this.#tellPending()
    return 'taken'
  }

  sendHeld(): void {
    this.#input.sendHeld(this.#wire.platform.nowMs())
    this.#tellHeld()
    this.pump()
  }

  discardHeld(): void {
    if (this.#input.heldByteCount === 0) return
    this.#input.discardHeld()
    this.#takeNewWriter()
    this.#tellHeld()
    this.#tellPending()
    this.#attachAgain()
  }

  resize(size: Size): void {
    if (!this.#ended) this.#size.set(size)
  }

  takeSize(size: Size): void {
    if (this.#ended) return
    this.#size.setNow(size)
    this.#wire.send({ type: 'takeSize', terminal: this.terminal, ...size })
  }

  redraw(): void {
    if (this.#ended) return
    this.#output.startOver()
    this.#attachAgain()
  }

  scrollback(lines: number): Promise<Snapshot | null> {
    return this.#ended ? Promise.resolve(null) : this.#wire.scrollback(this.terminal, lines)
  }

  detach(): void {
    if (this.#ended) return
    this.#end()
    this.#wire.send({ type: 'detach', terminal: this.terminal })
    this.#wire.detached(this)
  }

  // What the session tells.

  /** The message that begins or resumes this watch; the machine answers each. */
  attachment(): AppMessage {
    const { cols, rows } = this.#size.wanted
    this.#answersAwaited += 1
    return {
      type: 'attach',
      terminal: this.terminal,
      writer: this.#writer,
      from: this.#output.from,
      cols,
      rows,
      ...(this.#gaveUp.length > 0 && { gaveUp: [...this.#gaveUp] }),
    }
  }

  /** The machine attached it before it heard the attachment: the first of its answers is not the one that counts. */
  attachedAsWell(): void {
    this.#answersAwaited += 1
  }

  get caughtUp(): boolean {
    return this.#output.caughtUp
  }

  lost(): void {
    this.#answersAwaited = 0
    this.#wasLost = true
    this.#pause()
  }

  roundTrip(ms: number): void {
    this.#output.roundTrip(ms)
  }

  attached(offset: number, applied: number): void {
    this.#answersAwaited -= 1
    // It answers an attachment that was given up for a later one, with what an older writer typed.
    if (this.#answersAwaited > 0) return
    this.#gaveUp = []
    const resumed = this.#input.resume(applied, this.#wire.platform.nowMs(), this.#wasLost)
    this.#wasLost = false
    if (resumed === 'forgotten') {
      this.#input.renew()
      this.#takeNewWriter()
      return this.#attachAgain()
    }
    this.#output.attached(offset)
    this.#tellHeld()
    this.#tellPending()
    this.pump()
  }

  applied(upTo: number): void {
    this.#input.acknowledge(upTo)
    this.#tellPending()
    this.pump()
  }

  /** The machine missed input that this watch believed sent: both begin again at what the machine has. */
  inputGap(): void {
    this.#attachAgain()
  }

  snapshot(header: Extract<RunnerMessage, { readonly type: 'snapshot' }>): boolean {
    this.#shownSize = { cols: header.cols, rows: header.rows }
    return this.#output.snapshot(header)
  }

  history(seq: number, bytes: Uint8Array): boolean {
    return this.#output.history(seq, bytes)
  }

  output(seq: number, bytes: Uint8Array): void {
    this.#output.output(seq, bytes)
  }

  gap(byteCount: number): void {
    this.#sink.gap(byteCount)
  }

  size({ cols, rows }: Size): void {
    if (this.#shownSize?.cols === cols && this.#shownSize.rows === rows) return
    this.#shownSize = { cols, rows }
    this.#sink.size({ cols, rows })
  }

  exited(exit: { readonly code: number; readonly signal: number | null }): void {
    if (this.#exited) return
    this.#exited = true
    this.#sink.exited(exit)
  }

  gone(): void {
    if (this.#ended) return
    this.#end()
    this.#sink.gone()
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (this.#wire.writable) {
      const slice = this.#input.next(INPUT_SLICE_BYTES_MAX)
      if (slice === null) return
      this.#wire.sendInput(this.terminal, slice.seq, slice.bytes)
    }
  }

  #takeNewWriter(): void {
    this.#gaveUp = [...this.#gaveUp, this.#writer].slice(-GIVEN_UP_WRITERS_MAX)
    this.#writer = newWriter(this.#wire.platform)
  }

  #attachAgain(): void {
    this.#pause()
    this.#wire.send(this.attachment())
    this.#wire.changed()
  }

  #pause(): void {
    this.#input.lost()
    this.#output.lost()
  }

  #end(): void {
    this.#ended = true
    this.#size.end()
    // Drawing grants no credit from now on: the machine knows no such watch any more, and would answer with an error.
    this.#pause()
  }

  #tellPending(): void {
    if (this.#input.pendingByteCount !== this.pending.current.byteCount) this.pending.set(this.#pendingNow())
  }

  #pendingNow(): PendingInput {
    return { byteCount: this.#input.pendingByteCount, bytes: () => this.#input.read('pending') }
  }

  #tellHeld(): void {
    const byteCount = this.#input.heldByteCount
    if (byteCount === (this.held.current?.byteCount ?? 0)) return
    this.held.set(
      byteCount === 0
        ? null
        : { byteCount, sinceMs: this.#input.oldestAtMs ?? 0, bytes: () => this.#input.read('held') },
    )
  }
}

export const newWriter = (platform: Platform): string => hex(platform.randomBytes(WRITER_BYTES))
