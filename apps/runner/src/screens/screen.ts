import { Characters } from '@latchkey/connection/emulator/characters'
import { CommandMarks } from '@latchkey/connection/emulator/command-marks'
import { mendEraseAbove } from '@latchkey/connection/emulator/erase-above'
import { resizeEmulator } from '@latchkey/connection/emulator/resize'
import headless, { type Terminal } from '@xterm/headless'
import { Answers } from './answers.ts'
import { Colors } from './colors.ts'
import { Keyboard } from './keyboard.ts'
import { drawHistory, LINE_END, packedScreen, unpackedScreen } from './packed-screen.ts'
import { Scheme } from './scheme.ts'
import {
  continueFirstRow,
  drawNow,
  hiddenStateOf,
  type LineMark,
  markLine,
  markScreenTop,
} from './screen-internals.ts'
import type { Picture } from './screen-messages.ts'
import { skippable } from './skip.ts'
import { scrollbackOf, snapshotOf } from './snapshot.ts'
import { unfinishedAfter } from './unfinished.ts'
import { useWidths } from './widths.ts'

/** Lines kept above the screen, for those who come later. 80 columns of them are 2 MB. */
export const SCROLLBACK_LINES = 2_000
const TITLE_CHARS_MAX = 256
/** Drawn in one go, about a millisecond or two; then the other screens have their turn. */
const DRAW_BYTES_MAX = 64 * 1024
/** Looking for less to skip costs more than drawing it. */
const SKIP_BYTES_MIN = 32 * 1024
/** A flood that can be skipped is gathered for so long, or up to so much. */
const GATHER_MS = 40
const GATHER_BYTES_MAX = 4 * 1024 * 1024

export interface ScreenListener {
  onDrawn(upTo: number): void
  onReply(text: string): void
  /** what a program wants to hear that asked for such reports */
  onReport?(text: string): void
}

/** How a screen begins. */
export interface ScreenBegins {
  /** the offset of the output with which it begins */
  readonly at?: number
  /** the offset of the output that is printed while this screen is there: what comes before it is older */
  readonly printedAt?: number
  /** whether it is drawn light */
  readonly isLight?: boolean
}

type Step =
  | { readonly type: 'output'; readonly bytes: Uint8Array }
  | { readonly type: 'run'; readonly run: () => void }

/** One terminal's screen: draws output in order, and gives pictures of it at an exact offset. */
export class Screen {
  readonly #listener: ScreenListener
  #cols: number
  #rows: number
  #terminal: Terminal
  #colors: Colors
  #keyboard: Keyboard
  #scheme: Scheme
  #answers: Answers
  #commands: CommandMarks
  #steps: Step[] = []
  #waitingBytes = 0
  /** output taken from the steps and not drawn yet */
  #batch: Uint8Array = NOTHING
  #turn: NodeJS.Immediate | null = null
  #later: NodeJS.Timeout | null = null
  /** whether the last batch was a flood of which most need not be drawn */
  #skipped = false
  /** up to here it was looked for what can be skipped, in vain */
  #plainUpTo = 0
  #drawnUpTo = 0
  readonly #characters = new Characters()
  #unfinished: Uint8Array = NOTHING
  #title = ''
  readonly #marks = new Map<number, LineMark>()
  readonly #printedAt: number

  constructor(
    cols: number,
    rows: number,
    listener: ScreenListener,
    { at = 0, printedAt = at, isLight = false }: ScreenBegins = {},
  ) {
    this.#listener = listener
    this.#drawnUpTo = at
    this.#printedAt = printedAt
    this.#cols = cols
    this.#rows = rows
    this.#terminal = this.#newTerminal()
    this.#answers = this.#newAnswers()
    this.#commands = this.#newCommands()
    this.#scheme = this.#newScheme(isLight)
    this.#colors = this.#newColors()
    this.#keyboard = this.#newKeyboard()
  }

  output(bytes: Uint8Array): void {
    this.#waitingBytes += bytes.length
    this.#add({ type: 'output', bytes })
  }

  resize(cols: number, rows: number): void {
    this.#run(() => {
      this.#cols = cols
      this.#rows = rows
      this.#guarded(() => resizeEmulator(this.#terminal, cols, rows))
    })
  }

  /** It is drawn light or dark from now on; a program that wants to know is told. */
  scheme(isLight: boolean): void {
    this.#run(() => {
      const report = this.#scheme.become(isLight)
      if (report !== null) this.#listener.onReport?.(report)
    })
  }

  snapshot(give: (picture: Picture) => void): void {
    this.#run(() =>
      give(this.#picture(encode(this.#snapshotText(this.#terminal.buffer.normal.baseY)), this.#unfinished)),
    )
  }

  /** The text of its rows, in place of a picture's bytes: joined by line feeds, without the blanks at their ends. */
  rows(give: (picture: Picture) => void): void {
    this.#run(() => {
      const { active } = this.#terminal.buffer
      const rows = Array.from({ length: this.#rows }, (_, row) =>
        (active.getLine(active.baseY + row)?.translateToString() ?? '').replace(/ +$/, ''),
      )
      give(this.#picture(encode(rows.join('\n')), NOTHING))
    })
  }

  /** Everything that a screen of the same size needs to go on from here: see `unpack`. */
  pack(give: (picture: Picture) => void): void {
    this.#run(() => {
      const marksAt = (line: number) => this.#commands.textAt(line, 0)
      const history = scrollbackOf(this.#terminal, SCROLLBACK_LINES, 0, marksAt)
      const marks = [...this.#marks].map(([number, { line }]) => [number, line ?? 0] as const)
      const packed = packedScreen({
        history,
        screen: this.#snapshotText(0),
        unfinished: this.#unfinished,
        marks,
      })
      give(this.#picture(packed, NOTHING))
    })
  }

  /** Begins with what another screen of this size has packed. */
  unpack(packed: Uint8Array): void {
    this.#run(() => {
      const { history, screen, unfinished, marks } = unpackedScreen(packed)
      this.#guarded(() => {
        drawHistory(this.#terminal, history, SCROLLBACK_LINES)
        for (const [number, line] of marks) this.#marks.set(number, markLine(this.#terminal, line))
        drawNow(this.#terminal, screen)
        if (history !== '' && !history.endsWith(LINE_END)) continueFirstRow(this.#terminal)
        drawNow(this.#terminal, this.#characters.read(unfinished))
      })
      this.#unfinished = unfinished
    })
  }

  /** Remembers under a number where the screen begins now. */
  mark(number: number): void {
    this.#run(() => this.#marks.set(number, markScreenTop(this.#terminal)))
  }

  /** @param since the mark above which nothing is told; null for none */
  scrollback(lines: number, since: number | null, give: (picture: Picture) => void): void {
    this.#run(() => {
      // A mark that was dropped with its line has nothing above it any more.
      const from = since === null ? 0 : (this.#marks.get(since)?.line ?? 0)
      const marksAt = (line: number, first: number) => this.#commands.textAt(line, first)
      give(this.#picture(encode(scrollbackOf(this.#terminal, lines, from, marksAt)), NOTHING))
    })
  }

  close(): void {
    if (this.#turn !== null) clearImmediate(this.#turn)
    if (this.#later !== null) clearTimeout(this.#later)
    this.#steps = []
    this.#batch = NOTHING
    this.#terminal.dispose()
  }

  /** @param first the first line of the text that it belongs to: marks of lines before that are not told */
  #snapshotText(first: number): string {
    const dress = `\x1b]2;${this.#title}\x07${this.#colors.dress()}${this.#scheme.dress()}${this.#keyboard.dress()}`
    return snapshotOf(this.#terminal, dress, (line) => this.#commands.textAt(line, first))
  }

  #picture(drawn: Uint8Array, unfinished: Uint8Array): Picture {
    const bytes = new Uint8Array(drawn.length + unfinished.length)
    bytes.set(drawn)
    bytes.set(unfinished, drawn.length)
    return { offset: this.#drawnUpTo, cols: this.#cols, rows: this.#rows, bytes }
  }

  #run(run: () => void): void {
    this.#add({ type: 'run', run })
  }

  #add(step: Step): void {
    this.#steps.push(step)
    this.#schedule()
  }

  /** At once, but in a flood that can be skipped, which is cheaper the more of it has come. */
  #schedule(): void {
    if (this.#turn !== null || (this.#steps.length === 0 && this.#batch.length === 0)) return
    const wait =
      this.#skipped && this.#batch.length === 0 && this.#waitingBytes < GATHER_BYTES_MAX && !this.#isAsked()
    if (wait) {
      this.#later ??= setTimeout(() => this.#takeTurn(), GATHER_MS)
    } else {
      this.#turn = setImmediate(() => this.#takeTurn())
    }
  }

  #isAsked(): boolean {
    return this.#steps.at(-1)?.type === 'run'
  }

  /** Draws one piece and does what follows it, then lets the other screens draw. */
  #takeTurn(): void {
    if (this.#later !== null) clearTimeout(this.#later)
    this.#later = null
    this.#turn = null
    if (this.#batch.length === 0) this.#takeBatch()
    if (this.#batch.length > 0) this.#drawPiece()
    while (this.#batch.length === 0 && this.#steps[0]?.type === 'run') this.#runNext()
    this.#schedule()
  }

  /** All output up to the next other step, as one piece. */
  #takeBatch(): void {
    const parts: Uint8Array[] = []
    for (const step of this.#steps) {
      if (step.type === 'run') break
      parts.push(step.bytes)
    }
    this.#steps.splice(0, parts.length)
    this.#batch = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
    this.#waitingBytes -= this.#batch.length
    this.#skipped = false
  }

  #runNext(): void {
    const step = this.#steps.shift()
    if (step?.type === 'run') step.run()
  }

  #drawPiece(): void {
    this.#skip()
    const bytes = this.#batch.subarray(0, DRAW_BYTES_MAX)
    this.#batch = this.#batch.subarray(bytes.length)
    const text = this.#characters.read(bytes)
    this.#guarded(() => drawNow(this.#terminal, text))
    this.#drawnUpTo += bytes.length
    const { inSequence } = hiddenStateOf(this.#terminal)
    this.#answers.drawn(inSequence)
    this.#unfinished = unfinishedAfter(this.#unfinished, bytes, { inSequence, cut: this.#characters.cut })
    this.#listener.onDrawn(this.#drawnUpTo)
  }

  #skip(): void {
    if (this.#batch.length < SKIP_BYTES_MIN || this.#drawnUpTo < this.#plainUpTo) return
    if (this.#unfinished.length > 0) return
    const hidden = hiddenStateOf(this.#terminal)
    const { regionTop, regionBottom } =
      this.#terminal.buffer.active.type === 'normal' ? hidden.normal : hidden.alternate
    if (hidden.inSequence || regionTop !== 0 || regionBottom !== this.#rows - 1) return
    const skip = skippable(this.#batch, SCROLLBACK_LINES + 2 * this.#rows, SKIP_BYTES_MIN)
    if (!skip.ok) {
      this.#plainUpTo = this.#drawnUpTo + skip.plainTo
      return
    }
    this.#guarded(() => drawNow(this.#terminal, this.#characters.read(skip.state)))
    this.#batch = this.#batch.subarray(skip.to)
    this.#drawnUpTo += skip.to
    this.#skipped = true
  }

  /** An emulator that threw is in no known state: it begins again, empty, and the program's next redraw fills it. */
  #guarded(draw: () => void): void {
    try {
      draw()
    } catch {
      this.#terminal.dispose()
      this.#terminal = this.#newTerminal()
      this.#answers = this.#newAnswers()
      this.#commands = this.#newCommands()
      this.#scheme = this.#newScheme(this.#scheme.isLight)
      this.#colors = this.#newColors()
      this.#keyboard = this.#newKeyboard()
    }
  }

  #newTerminal(): Terminal {
    const terminal = new headless.Terminal({
      cols: this.#cols,
      rows: this.#rows,
      scrollback: SCROLLBACK_LINES,
      allowProposedApi: true,
      logLevel: 'off',
      // The size in cells may be asked for, and a program that has its own title gives the one before it back.
      windowOptions: { getWinSizeChars: true, pushTitle: true, popTitle: true },
    })
    useWidths(terminal)
    mendEraseAbove(terminal)
    terminal.onTitleChange((title) => {
      this.#title = title.slice(0, TITLE_CHARS_MAX)
    })
    return terminal
  }

  #newColors(): Colors {
    const isLight = () => this.#scheme.isLight
    return new Colors(this.#terminal, isLight, (answer) => this.#answers.giveString(answer))
  }

  #newCommands(): CommandMarks {
    return new CommandMarks(this.#terminal, () => (this.#drawnUpTo < this.#printedAt ? null : Date.now()))
  }

  #newAnswers(): Answers {
    return new Answers(this.#terminal, (text) => this.#listener.onReply(text))
  }

  #newScheme(isLight: boolean): Scheme {
    return new Scheme(this.#terminal, isLight, (text) => this.#answers.give(text))
  }

  #newKeyboard(): Keyboard {
    return new Keyboard(this.#terminal, (text) => this.#answers.give(text))
  }
}

const NOTHING: Uint8Array = new Uint8Array(0)
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
