import type { Size } from '@latchkey/protocol/terminal/streams'
import type { KeptHandle } from '../keeper/keeper-client.ts'
import type { FromKeeper, Resized } from '../keeper/keeper-messages.ts'
import type { Picture } from '../screens/screen-messages.ts'
import type { ScreenHandle, Screens } from '../screens/screens.ts'

/** A picture is made after so much output: so much has to be drawn again, at most, by the runner after this one. */
const PICTURE_EVERY_BYTES = 256 * 1024
const PICTURE_EVERY_RESIZES = 32
/** A picture costs about 10 ms of the screens' thread: a terminal that prints all the time has one so often. */
const PICTURE_EVERY_MS = 2_000
/** A larger picture is not kept, and its screen stays. */
const PICTURE_BYTES_MAX = 2 * 1024 * 1024

type Kept = Extract<FromKeeper, { readonly type: 'kept' }>

export interface LivingScreenOptions {
  readonly screens: Screens
  readonly kept: KeptHandle
  /** places in the output where newcomers came, from an offset on, in order */
  readonly marksFrom: (offset: number) => readonly Mark[]
  /** output below this offset was printed before this runner began */
  readonly printedAt: number
  readonly isLight: boolean
  readonly onDrawn: () => void
  readonly onReport: (text: string) => void
}

/** Asks a screen something, and hands the answer on. */
export type Question = (screen: LivingScreen) => void

export interface Mark {
  readonly start: number
  readonly mark: number
}

/**
 * One terminal's emulator while it lives: made from the kept picture and the output after it, asked when it has drawn that, and
 * packed into a picture again from time to time and at its end.
 */
export class LivingScreen {
  readonly #options: LivingScreenOptions
  readonly #screen: ScreenHandle
  /** where output that was kept before ends: until there nothing is asked, since the answer would be an old one */
  readonly #keptEnd: number
  /** output below this is drawn or in the picture */
  #given: number
  /** the kept output does not reach back to the picture: what it asked is not known, so it is not answered */
  readonly #hasGap: boolean
  #replied: number
  #resizes: number
  #resizesPictured: number
  #marks: Mark[]
  #waiting: (() => void)[] = []
  #drawn: number
  #picturedAt: number
  #picturedMs = performance.now()
  #packing = false
  /** questions without an answer yet, each as it is asked of a screen */
  readonly #unanswered = new Set<Question>()

  constructor(kept: Kept, options: LivingScreenOptions) {
    this.#options = options
    const { picture, start, end, first, replied } = kept
    const at = picture?.offset ?? 0
    const size: Size = picture ?? first
    this.#hasGap = at < start
    this.#given = Math.max(at, start)
    this.#keptEnd = end
    this.#replied = this.#hasGap ? replied : (picture?.replied ?? 0)
    this.#resizes = picture?.resizes ?? 0
    this.#resizesPictured = this.#resizes
    this.#picturedAt = at
    this.#drawn = this.#given
    this.#marks = [...options.marksFrom(at)]
    const { printedAt, isLight, onReport } = options
    const rest = { printedAt, packed: picture?.bytes ?? null, isLight }
    this.#screen = options.screens.open(
      { cols: size.cols, rows: size.rows, at: this.#given, ...rest },
      {
        onDrawn: (upTo) => this.#onDrawn(upTo),
        onReply: (text) => this.#reply(Buffer.from(text, 'latin1')),
        onReport,
      },
    )
    this.#placeMarks()
  }

  /** Output that was handed over and is not drawn yet. */
  get undrawnBytes(): number {
    return this.#screen.undrawnBytes
  }

  /** Whether it owes an answer to somebody. */
  get isAsked(): boolean {
    return this.#unanswered.size > 0
  }

  /** Whether everything kept has been handed to it. */
  get isUpToDate(): boolean {
    return this.#given >= this.#keptEnd
  }

  /** Draws `bytes`, whose buffer changes hands; those that are in the picture are passed over. */
  output(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    const end = offset + bytes.length
    if (end <= this.#given) return
    let rest = offset < this.#given ? bytes.slice(this.#given - offset) : bytes
    for (let next = this.#marks[0]; next !== undefined && next.start < end; next = this.#marks[0]) {
      const before = rest.slice(0, next.start - this.#given)
      rest = rest.slice(before.length)
      this.#given += before.length
      this.#screen.output(before)
      this.#placeMarks()
    }
    this.#given = end
    this.#screen.output(rest)
    this.#placeMarks()
    this.#askWaiting()
  }

  resize({ seq, cols, rows }: Resized): void {
    this.#resizes = seq
    this.#screen.resize(cols, rows)
  }

  /** It is drawn light or dark from now on. */
  scheme(isLight: boolean): void {
    this.#ask(() => this.#screen.scheme(isLight))
  }

  mark(mark: Mark): void {
    this.#marks.push(mark)
    this.#placeMarks()
  }

  snapshot(give: (picture: Picture) => void): void {
    const answer = this.#answering(give, (next) => next.snapshot(give))
    this.#ask(() => this.#screen.snapshot(answer))
  }

  /** Gives the text of its rows, each without the blanks at its end, when the output up to `offset` is drawn. */
  rows(give: (rows: readonly string[], offset: number) => void): void {
    const answer = this.#answering<Picture>(
      ({ bytes, offset }) => give(Buffer.from(bytes).toString('utf8').split('\n'), offset),
      (next) => next.rows(give),
    )
    this.#ask(() => this.#screen.rows(answer))
  }

  scrollback(lines: number, since: number | null, give: (picture: Picture) => void): void {
    const answer = this.#answering(give, (next) => next.scrollback(lines, since, give))
    this.#ask(() => this.#screen.scrollback(lines, since, answer))
  }

  /** Leaves a picture with the keeper and tells where the output stood; null when there is none of that offset. */
  pack(done: (offset: number | null) => void): void {
    const answer = this.#answering(done, (next) => next.pack(done))
    this.#ask(() => this.#pack(answer))
  }

  /** Ends it. The questions that it leaves unanswered are for the next screen of the terminal, where there is one. */
  close(): readonly Question[] {
    this.#waiting = []
    this.#screen.close()
    return [...this.#unanswered]
  }

  #pack(done: (offset: number | null) => void): void {
    this.#packing = true
    const resizes = this.#resizes
    this.#screen.pack(({ offset, cols, rows, bytes }) => {
      this.#packing = false
      this.#picturedMs = performance.now()
      if (bytes.length > PICTURE_BYTES_MAX) return done(null)
      this.#picturedAt = offset
      this.#resizesPictured = resizes
      this.#options.kept.picture({ offset, cols, rows, bytes, resizes, replied: this.#replied })
      done(offset)
    })
  }

  #onDrawn(upTo: number): void {
    this.#drawn = upTo
    this.#options.onDrawn()
    const isFar =
      upTo - this.#picturedAt >= PICTURE_EVERY_BYTES ||
      this.#resizes - this.#resizesPictured >= PICTURE_EVERY_RESIZES
    const isTime = performance.now() - this.#picturedMs >= PICTURE_EVERY_MS
    if (isFar && isTime && this.isUpToDate && !this.#packing) this.#pack(() => {})
  }

  /** The terminal's answers are numbered, so that a screen that is drawn anew does not give them twice. */
  #reply(bytes: Uint8Array): void {
    if (this.#hasGap && this.#drawn < this.#keptEnd) return
    this.#options.kept.reply(this.#replied, bytes)
    this.#replied += bytes.length
  }

  #answering<Answer>(give: (answer: Answer) => void, again: Question): (answer: Answer) => void {
    this.#unanswered.add(again)
    return (answer) => {
      this.#unanswered.delete(again)
      give(answer)
    }
  }

  #ask(ask: () => void): void {
    if (this.isUpToDate) ask()
    else this.#waiting.push(ask)
  }

  #askWaiting(): void {
    if (!this.isUpToDate || this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const ask of waiting) ask()
  }

  #placeMarks(): void {
    for (let next = this.#marks[0]; next !== undefined && next.start <= this.#given; next = this.#marks[0]) {
      this.#marks.shift()
      this.#screen.mark(next.mark)
    }
  }
}
