import * as credit from '@latchkey/domain/terminal/credit'
import { DATA_BYTES_MAX } from '@latchkey/protocol/terminal/frames'
import type { RunnerMessage, TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Resized } from '../keeper/keeper-messages.ts'
import type { Exit } from '../pty/pty-process.ts'
import type { Picture } from '../screens/screen-messages.ts'
import type { KeptOutput } from './kept-output.ts'

/** What a viewer's channel can do for one terminal. */
export interface ViewerPort {
  readonly app: string
  /** by which its owner knows it; null in a host without a doorkeeper */
  readonly appId: string | null
  readonly label: string
  readonly mayType: boolean
  /** it came by a share link */
  readonly isGuest: boolean
  /** its channel: each is later than the one before it */
  readonly connection: number
  /** the broker has enough queued for this app */
  readonly paused: boolean
  tell(message: RunnerMessage): void
  /** News of a terminal, with the size that it has where this port's viewer is. */
  onTerminal(info: TerminalInfo): void
  output(terminal: number, offset: number, bytes: Uint8Array): void
  history(terminal: number, at: number, bytes: Uint8Array): void
}

/** The key of one writer of an app in a terminal's ledger. */
export const ledgerKey = (port: ViewerPort, writer: string): string => `${port.app} ${writer}`

/** A viewer as the others see it. */
export const watcherOf = ({ port: { app, label, mayType, isGuest } }: Viewer) => ({
  ...{ app, label, mayType },
  ...(isGuest && { guest: true }),
})

/** Where a viewer begins. */
export interface Attached {
  readonly viewer: Viewer
  readonly applied: number
}

/** Changes of size that one viewer has not reached. A terminal that changes more often between two grants is told its last one. */
const SIZES_AHEAD_MAX = 256

/** One app watching one terminal: where it is in the output, and what it is sent next. */
export class Viewer {
  readonly port: ViewerPort
  readonly writer: string
  readonly #terminal: number
  readonly #info: () => TerminalInfo
  readonly #ring: KeptOutput
  readonly #requestSnapshot: (viewer: Viewer) => void
  #viewing: credit.Viewing
  /** whether what lies between its output and its next snapshot is lost to it: a gap, which it is told */
  #misses: boolean
  /** where the output stood when the snapshot was asked for */
  #askedAt: number | null = null
  #toldExit = false
  #size: Size
  /** sizes that the terminal got behind what this viewer was sent, oldest first */
  #sizesAhead: Resized[] = []

  /** @param from the offset up to which it has the output; null for none */
  constructor(options: {
    readonly port: ViewerPort
    readonly writer: string
    readonly info: () => TerminalInfo
    readonly ring: KeptOutput
    readonly from: number | null
    /** the size changed after `from`: older output would look different at the new size */
    readonly redraw: boolean
    readonly requestSnapshot: (viewer: Viewer) => void
  }) {
    this.port = options.port
    this.writer = options.writer
    this.#info = options.info
    const { terminal, cols, rows } = options.info()
    this.#terminal = terminal
    this.#size = { cols, rows }
    this.#ring = options.ring
    this.#requestSnapshot = options.requestSnapshot
    const { from, ring, redraw } = options
    const known = from !== null && from <= ring.end ? from : null
    const kept = known !== null && known >= ring.start
    this.#misses = known !== null && !kept
    this.#viewing = kept && !redraw ? credit.following(known) : credit.restoring(known ?? ring.end)
  }

  /** The terminal's size at this viewer's place: output that it has not been sent yet was printed at this size. */
  get size(): Size {
    return this.#size
  }

  /** The terminal has another size from an offset on: it is told there. */
  resized({ cols, rows, ...at }: Resized): void {
    this.#sizesAhead = [...this.#sizesAhead, { cols, rows, ...at }].slice(-SIZES_AHEAD_MAX)
    this.#reachSizes()
  }

  /** Where this viewer's output begins, as far as it is known before a snapshot. */
  get offset(): number {
    return this.#viewing.sent
  }

  /** Begins, once the viewer has been told that it is attached. */
  begin(): void {
    this.#restoreIfWanted()
  }

  grant(upTo: number): void {
    this.#viewing = credit.grant(this.#viewing, upTo, this.#ring)
    this.#restoreIfWanted()
  }

  /** Sends what may be sent now; `exit` when the program has ended. */
  pump(exit: Exit | null): void {
    if (credit.lostBacklog(this.#viewing, this.#ring)) this.#viewing = credit.lag(this.#viewing)
    while (!this.port.paused) {
      if (this.#reachSizes()) this.port.onTerminal(this.#info())
      const end = Math.min(this.#ring.end, this.#sizesAhead[0]?.offset ?? this.#ring.end)
      const next = credit.sendable(this.#viewing, end, DATA_BYTES_MAX)
      if (next === null) break
      const bytes = this.#ring.read(next.start, next.end - next.start)
      if (bytes === null) break
      this.port.output(this.#terminal, next.start, bytes)
      this.#viewing = credit.sentUpTo(this.#viewing, next.end)
    }
    if (exit === null || this.#toldExit || !this.#hasAll()) return
    this.#toldExit = true
    this.port.tell({ type: 'exited', terminal: this.#terminal, ...exit, offset: this.#ring.end })
  }

  /** The picture that was asked for; `outdated` when the size has changed since, which the viewer knows already. */
  restore(picture: Picture, outdated: boolean): void {
    if (this.#viewing.status !== 'restoring') return
    this.#askedAt = null
    if (outdated || picture.offset < this.#ring.start) return this.#restoreIfWanted()
    const terminal = this.#terminal
    const { sent } = this.#viewing
    if (this.#misses && sent < picture.offset)
      this.port.tell({ type: 'gap', terminal, from: sent, to: picture.offset })
    this.#misses = true
    sendPicture(this.port, terminal, 'screen', picture)
    this.#viewing = credit.restored(this.#viewing, picture.offset)
  }

  /** It held everybody up for too long. */
  lag(): void {
    if (this.#viewing.status === 'following') this.#viewing = credit.lag(this.#viewing)
  }

  get follows(): boolean {
    return this.#viewing.status === 'following'
  }

  /** Whether it waits for nothing that was printed. */
  get isSettled(): boolean {
    return this.#viewing.status === 'lagging' || this.#hasAll()
  }

  /** Whether nothing can be sent before it grants more, or before the broker has room. */
  get isStuck(): boolean {
    return this.port.paused || credit.isOutOfCredit(this.#viewing, this.#ring.end)
  }

  /** Output produced since its snapshot was asked for: it must still be kept when the snapshot is there. */
  get awaitedBytes(): number {
    return this.#askedAt === null ? 0 : this.#ring.end - this.#askedAt
  }

  /** Takes the newest size at or before its place; a snapshot, which it waits for, has the newest of all. Whether that is another one. */
  #reachSizes(): boolean {
    // So it is at nearly every piece of output.
    if (this.#sizesAhead.length === 0) return false
    const { status, sent } = this.#viewing
    const isReached = ({ offset }: Resized) => status === 'restoring' || offset <= sent
    const reached = this.#sizesAhead.filter(isReached).at(-1)
    if (reached === undefined) return false
    this.#sizesAhead = this.#sizesAhead.filter((each) => !isReached(each))
    this.#size = { cols: reached.cols, rows: reached.rows }
    return true
  }

  #hasAll(): boolean {
    return this.#viewing.status === 'following' && this.#viewing.sent === this.#ring.end
  }

  #restoreIfWanted(): void {
    if (this.#viewing.status !== 'restoring' || this.#askedAt !== null) return
    this.#askedAt = this.#ring.end
    this.#requestSnapshot(this)
  }
}

/** A picture: its header, then its bytes in frames. */
export function sendPicture(
  port: ViewerPort,
  terminal: number,
  kind: 'screen' | 'scrollback',
  picture: Picture,
  request?: number,
): void {
  const { offset, cols, rows, bytes } = picture
  const header = { type: 'snapshot', terminal, kind, offset, cols, rows, bytes: bytes.length } as const
  port.tell(request === undefined ? header : { ...header, request })
  for (let at = 0; at < bytes.length; at += DATA_BYTES_MAX)
    port.history(terminal, at, bytes.subarray(at, at + DATA_BYTES_MAX))
}
