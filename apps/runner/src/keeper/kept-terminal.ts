import { InputLedger } from '@latchkey/domain/terminal/input-ledger'
import type { Size } from '@latchkey/protocol/terminal/streams'
import { InterruptEcho } from '../pty/interrupts.ts'
import { type Exit, type Program, type PtyProcess, startPty } from '../pty/pty-process.ts'
import {
  type FromKeeper,
  type KeeperPort,
  type KeptPicture,
  type KeptTerminalInfo,
  NEVER_RESIZED,
  type Resized,
} from './keeper-messages.ts'
import { KeptRing } from './kept-ring.ts'
import { TypedAcks } from './typed-acks.ts'

/** One frame of output: large enough that its header costs nothing, small enough that terminals take turns. */
const OUTPUT_BYTES_MAX = 64 * 1024
/** A program waits when its runner has not taken so much of its output: what apps have not got yet is kept longer than that. */
const UNSENT_BYTES_MAX = 256 * 1024
/** Without a runner a program that has filled that waits for so long: a runner that was killed is back by then. */
const AWAY_MS_MAX = 15_000
/** A runner makes a picture long before a terminal was resized so often since the last one. */
const RESIZES_MAX = 1_024
const NOTE_BYTES_MAX = 256 * 1024

/** One program in its PTY with its kept output, and what its runner needs to go on after it was killed. */
export class KeptTerminal {
  readonly number: number
  readonly ended: Promise<void>
  readonly #pty: PtyProcess
  readonly #ring = new KeptRing()
  readonly #interrupts = new InterruptEcho()
  readonly #acks: TypedAcks
  readonly #startedAtMs: number
  readonly #first: Size
  readonly #onExit: () => void
  #resolveEnded: () => void = () => {}
  #ledger = new InputLedger()
  #replied = 0
  /** changes of size since the picture, oldest first */
  #resizes: Resized[] = []
  #resized = NEVER_RESIZED
  #size: Size
  #picture: KeptPicture | null = null
  #name: string
  #note: Uint8Array = new Uint8Array(0)
  #exit: Exit | null = null
  #port: KeeperPort<FromKeeper> | null = null
  #follows = false
  /** the runner has the output below this */
  #sent = 0
  /** the runner has heard of this many changes of size */
  #sentResizes = 0
  #toldExit = false
  #toldStirred = false
  #pausedByRunner = false
  /** the program is to end: it waits for nothing any more */
  #released = false
  #away: NodeJS.Timeout | null = null
  #waitsForRunner = true

  /** Throws when the PTY cannot be made. */
  constructor(
    options: {
      readonly terminal: number
      readonly name: string
      readonly program: Program
      readonly size: Size
    },
    nowMs: number,
    onExit: () => void,
  ) {
    this.number = options.terminal
    this.#name = options.name
    this.#first = options.size
    this.#size = options.size
    this.#startedAtMs = nowMs
    this.#onExit = onExit
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#pty = startPty(options.program, options.size, {
      onOutput: (bytes) => this.#produced(bytes),
      onExit: (exit) => this.#ended(exit),
    })
    this.#acks = new TypedAcks(
      () => (this.#exit === null ? this.#pty.unwrittenBytes : 0),
      (writer, upTo) => this.#port?.send({ type: 'applied', terminal: this.number, writer, upTo }),
    )
  }

  get info(): KeptTerminalInfo {
    return {
      terminal: this.number,
      pid: this.#pty.pid,
      tty: this.#pty.tty,
      startedAtMs: this.#startedAtMs,
      ...this.#size,
      start: this.#ring.start,
      end: this.#ring.end,
      pictureAt: this.#picture?.offset ?? null,
      replied: this.#replied,
      exit: this.#exit,
      name: this.#name,
      note: this.#note,
      ledger: this.#ledger.state,
      resized: this.#resized,
    }
  }

  get hasEnded(): boolean {
    return this.#exit !== null
  }

  /** A runner is there. It follows nothing yet. */
  connected(port: KeeperPort<FromKeeper>): void {
    this.#port = port
    this.#endAway()
    this.#waitsForRunner = true
    this.#flow()
  }

  /** The runner is gone; all that it had sent was heard. Its writers come back over another one. */
  disconnected(): void {
    this.#port = null
    this.#follows = false
    this.#toldStirred = false
    this.#pausedByRunner = false
    this.#ledger = new InputLedger(undefined, this.#ledger.state)
    this.#acks.clear()
    this.#away = setTimeout(() => {
      this.#waitsForRunner = false
      this.#flow()
    }, AWAY_MS_MAX)
    this.#flow()
  }

  follow(): void {
    this.#ring.unpack()
    const { start, end } = this.#ring
    this.#follows = true
    this.#toldStirred = false
    this.#toldExit = false
    this.#sent = start
    this.#sentResizes = this.#picture?.resizes ?? 0
    const [first, picture] = [this.#first, this.#picture]
    const replied = this.#replied
    this.#port?.send({ type: 'kept', terminal: this.number, start, end, first, picture, replied })
    this.pump()
  }

  rest(offset: number): void {
    this.#follows = false
    // The runner rests at an offset that it has looked at; what came later it will want to see.
    if (this.#ring.end !== offset) this.#stirred()
    else this.#ring.pack()
  }

  attach(writer: string, connection: number): void {
    this.#ledger.attach(writer, connection)
  }

  detach(writer: string, connection: number): void {
    this.#ledger.detach(writer, connection)
  }

  giveUp(writer: string): void {
    this.#ledger.giveUp(writer)
  }

  /** Types the part of `bytes` that was not typed yet. */
  input(writer: string, connection: number, from: number, bytes: Uint8Array): void {
    const applied = this.#ledger.apply(writer, connection, from, bytes)
    if (applied.status === 'applied') {
      this.#interrupts.typed(applied.fresh)
      this.#pty.write(applied.fresh)
    }
    if (applied.status === 'applied' || applied.status === 'duplicate') this.#acks.add(writer, applied.upTo)
  }

  /** Types the terminal's own answers, each once: a redrawn screen repeats the old ones. */
  reply(from: number, bytes: Uint8Array): void {
    const fresh = bytes.subarray(Math.max(0, this.#replied - from))
    if (from > this.#replied || fresh.length === 0) return
    this.#replied += fresh.length
    this.#pty.write(fresh)
  }

  resize(size: Size): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return
    // Output that was already read belongs to the old size.
    this.#pty.flush()
    this.#size = size
    this.#resized = { seq: this.#resized.seq + 1, offset: this.#ring.end }
    this.#resizes.push({ ...this.#resized, ...size })
    if (this.#resizes.length > RESIZES_MAX) this.#resizes.shift()
    this.pump()
    this.#pty.resize(size)
  }

  pause(paused: boolean): void {
    this.#pausedByRunner = paused
    this.#flow()
  }

  describe(name: string, note: Uint8Array): void {
    this.#name = name
    if (note.length <= NOTE_BYTES_MAX) this.#note = Uint8Array.from(note)
  }

  picture(picture: KeptPicture): void {
    if (picture.offset > this.#ring.end || picture.offset < (this.#picture?.offset ?? 0)) return
    // A copy: it came with other messages, and would keep them.
    this.#picture = { ...picture, bytes: Uint8Array.from(picture.bytes) }
    this.#resizes = this.#resizes.filter(({ seq }) => seq > picture.resizes)
  }

  /** Ends the program; its exit follows. */
  end(): void {
    this.#release()
    this.#pty.end()
  }

  /** Ends the program without a grace time. */
  kill(): void {
    this.#release()
    this.#pty.kill()
  }

  dispose(): void {
    this.#endAway()
    this.#acks.clear()
  }

  /** Sends what the runner has not got, in its order, while the connection takes it. */
  pump(): void {
    const port = this.#port
    if (port === null || !this.#follows) return
    const terminal = this.number
    while (!port.isFull) {
      const resized = this.#resizes.find(({ seq }) => seq > this.#sentResizes)
      if (resized !== undefined && resized.offset <= this.#sent) {
        this.#sentResizes = resized.seq
        port.send({ type: 'resized', terminal, resized })
        continue
      }
      const upTo = Math.min(resized?.offset ?? this.#ring.end, this.#sent + OUTPUT_BYTES_MAX)
      // Unsent output that left the ring is a gap. The runner sees it by the offset.
      this.#sent = Math.max(this.#sent, this.#ring.start)
      const bytes = upTo > this.#sent ? this.#ring.read(this.#sent, upTo - this.#sent) : null
      if (bytes === null) break
      port.send({ type: 'output', terminal, offset: this.#sent, bytes })
      this.#sent += bytes.length
    }
    if (this.#exit !== null && !this.#toldExit && this.#sent === this.#ring.end) {
      this.#toldExit = true
      port.send({ type: 'exited', terminal, exit: this.#exit, end: this.#ring.end })
    }
    this.#flow()
  }

  #produced(printed: Uint8Array<ArrayBuffer>): void {
    const bytes = this.#interrupts.shown(printed)
    const offset = this.#ring.end
    this.#ring.append(bytes)
    const port = this.#port
    const isNext = this.#follows && this.#sent === offset && this.#sentResizes === this.#resized.seq
    if (port === null || !this.#follows) this.#stirred()
    else if (isNext && !port.isFull && bytes.length <= OUTPUT_BYTES_MAX) {
      this.#sent = this.#ring.end
      port.send({ type: 'output', terminal: this.number, offset, bytes })
    } else this.pump()
    this.#flow()
  }

  #ended(exit: Exit): void {
    this.#exit = exit
    this.#endAway()
    if (this.#follows) this.pump()
    else if (this.#port !== null) {
      this.#toldExit = true
      this.#port.send({ type: 'exited', terminal: this.number, exit, end: this.#ring.end })
    }
    this.#onExit()
    this.#resolveEnded()
  }

  #stirred(): void {
    if (this.#port === null || this.#toldStirred) return
    this.#toldStirred = true
    this.#port.send({ type: 'stirred', terminal: this.number, end: this.#ring.end })
  }

  #release(): void {
    this.#released = true
    this.#flow()
  }

  /** Whether the program has to wait: the runner said so, or it is behind by more than is kept for it. */
  #flow(): void {
    if (this.#exit !== null) return
    const has = this.#follows ? this.#sent : Math.max(this.#sent, this.#picture?.offset ?? 0)
    const isBehind = this.#waitsForRunner && this.#ring.end - has > UNSENT_BYTES_MAX
    if (!this.#released && (this.#pausedByRunner || isBehind)) this.#pty.pause()
    else this.#pty.resume()
  }

  #endAway(): void {
    if (this.#away !== null) clearTimeout(this.#away)
    this.#away = null
  }
}
