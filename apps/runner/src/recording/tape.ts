import { StringDecoder } from 'node:string_decoder'
import type { CastEvent } from './cast-lines.ts'
import type { Recording } from './recording.ts'

/** An app that types into a recorded terminal. */
export interface Typist {
  /** by which its owner knows it */
  readonly app: string
  readonly label: string
}

/** The line mode is asked of a helper, which may hang: the input counts as hidden then. */
const MODE_WITHIN_MS = 1_000
/** A second of output that waits for that answer. */
const WAITING_CHARS_MAX = 16 * 1024 * 1024
const ENTER = 13
const LINE_FEED = 10

/** Something that happened. Input waits until it is known whether it was echoed; what came later waits behind it. */
type Slot =
  | { readonly atMs: number; readonly event: CastEvent }
  | { readonly atMs: number; readonly typist: Typist; readonly bytes: Uint8Array; isHidden: boolean | null }

/** What happens in a terminal, as events of its recording, in order. */
export class Tape {
  readonly #recording: Recording
  readonly #isHidden: () => Promise<boolean>
  readonly #isUnsure: () => boolean
  readonly #nowMs: () => number
  readonly #output = new StringDecoder('utf8')
  #typed = new StringDecoder('utf8')
  #typist: Typist | null = null
  #offset: number
  #slots: Slot[] = []
  #waitingChars = 0

  constructor(options: {
    readonly recording: Recording
    /** the output's offset at which it begins */
    readonly offset: number
    /** whether the echo is off now, as while a password is read */
    readonly isHidden: () => Promise<boolean>
    /** the program printed since it was last known whether the terminal echoes */
    readonly isUnsure: () => boolean
    readonly nowMs: () => number
  }) {
    this.#recording = options.recording
    this.#offset = options.offset
    this.#isHidden = options.isHidden
    this.#isUnsure = options.isUnsure
    this.#nowMs = options.nowMs
  }

  /** Up to which offset of the output it has everything. */
  get offset(): number {
    return this.#offset
  }

  /** The screen with which the recording begins. */
  screen(bytes: Uint8Array): void {
    this.#put({ code: 'o', text: new StringDecoder('utf8').end(Buffer.from(bytes)) })
  }

  /** Output at `offset`; bytes that are recorded already are passed over. */
  printed(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length
    if (end <= this.#offset) return
    if (offset > this.#offset)
      this.#put({ code: 'm', text: `${offset - this.#offset} bytes of output are missing here.` })
    const fresh = Buffer.from(bytes.subarray(Math.max(0, this.#offset - offset)))
    this.#offset = end
    const text = this.#output.write(fresh)
    if (text !== '') this.#put({ code: 'o', text })
  }

  resized(cols: number, rows: number): void {
    this.#put({ code: 'r', cols, rows })
  }

  exited(status: number): void {
    this.#put({ code: 'x', status })
  }

  /** Only the length is recorded where the terminal does not echo, or where that cannot be told. */
  typed(typist: Typist, bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#recording.hasEnded) return
    // An Enter may end a password, and the echo is on again before the answer: what it ends is hidden.
    const isRisky = this.#isUnsure() && (bytes.includes(ENTER) || bytes.includes(LINE_FEED))
    if (isRisky) this.#hideWaiting()
    const isHidden = isRisky && bytes.length > 1 ? true : null
    const slot = { atMs: this.#nowMs(), typist, bytes: Uint8Array.from(bytes), isHidden }
    this.#slots.push(slot)
    if (isHidden === true) return this.#drain()
    const settle = (answer: boolean) => {
      clearTimeout(timer)
      slot.isHidden ??= answer
      this.#drain()
    }
    const timer = setTimeout(() => settle(true), MODE_WITHIN_MS)
    this.#isHidden().then(settle, () => settle(true))
  }

  /** Of input that still waits, the length is recorded. Resolves when the file is closed. */
  end(why: string): Promise<void> {
    this.#hideWaiting()
    this.#drain()
    const rest = this.#output.end()
    if (rest !== '') this.#put({ code: 'o', text: rest })
    return this.#recording.end(why)
  }

  #hideWaiting(): void {
    for (const slot of this.#slots) if ('typist' in slot) slot.isHidden ??= true
  }

  #put(event: CastEvent): void {
    if (this.#recording.hasEnded) return
    this.#slots.push({ atMs: this.#nowMs(), event })
    if (event.code === 'o') this.#waitingChars += event.text.length
    this.#drain()
    if (this.#waitingChars > WAITING_CHARS_MAX) void this.end('Too much was printed at once.')
  }

  #drain(): void {
    for (let slot = this.#slots[0]; slot !== undefined; slot = this.#slots[0]) {
      if ('typist' in slot && slot.isHidden === null) return
      this.#slots.shift()
      for (const event of 'typist' in slot
        ? this.#inputEvents(slot.typist, slot.bytes, slot.isHidden === true)
        : [slot.event]) {
        if (event.code === 'o') this.#waitingChars -= event.text.length
        this.#recording.event(event, slot.atMs)
      }
    }
  }

  #inputEvents(typist: Typist, bytes: Uint8Array, isHidden: boolean): readonly CastEvent[] {
    const events = [...this.#changesTo(typist)]
    if (isHidden) return [...events, { code: 'h', bytes: bytes.length }]
    const text = this.#typed.write(Buffer.from(bytes))
    return text === '' ? events : [...events, { code: 'i', text }]
  }

  #changesTo(typist: Typist): readonly CastEvent[] {
    if (this.#typist?.app === typist.app && this.#typist.label === typist.label) return []
    this.#typist = typist
    const rest = this.#typed.end()
    this.#typed = new StringDecoder('utf8')
    const before: readonly CastEvent[] = rest === '' ? [] : [{ code: 'i', text: rest }]
    return [...before, { code: 'w', ...typist }]
  }
}
