import { PENDING_BYTES_MAX } from '@latchkey/connection/app/input-queue'
import type { AppLink, TerminalSink, TerminalWatch, Typed } from '@latchkey/connection/app/link'
import { type Subject, subject } from '@latchkey/connection/observable'
import type { Cancel } from '@latchkey/connection/transport'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Terminal } from '@xterm/xterm'
import { isTouch } from '../../platform.ts'
import { drawnTheme } from '../../theme.ts'
import { words } from '../../words/language.ts'
import { byteSize } from '../../words/times.ts'
import { attachDeskKeys } from '../keys/desk-keys.ts'
import type { KeyboardAsked } from '../keys/key-encoding.ts'
import { isInsertedPaste } from '../keys/paste.ts'
import { WaitingKeys } from '../keys/waiting-keys.ts'
import { roundTripMs } from '../predict/way.ts'
import { hearCopies } from './clipboard-write.ts'
import { terminalColours } from './colours.ts'
import { commandsOf } from './commands.ts'
import { type Above, Drawing } from './drawing.ts'
import { type EarlierSource, fetchEarlier, TAKEN_LINES, WISHED_LINES } from './earlier.ts'
import { createEmulator, drawFaster } from './emulator.ts'
import { fontPx } from './font-size.ts'
import { type Cell, cellOf, drawWhole, fittingSize, pansIn } from './geometry.ts'
import { asksForSecret } from './pending.ts'
import { ProgramModes } from './program-modes.ts'
import { NO_FACTS, type ScreenFacts, type WideView } from './screen-facts.ts'
import { FingerSelection } from './selection/finger-selection.ts'
import { lineBeforeCursor, textOf } from './text-of.ts'
import { TypedAhead } from './typed-ahead.ts'
import { FingerScroll, type Point } from './wheel.ts'
import { keepWindowSize } from './window-size.ts'

const ESCAPE = 0x1b

/** One terminal as this page draws it, for as long as the page watches it. Lives on while another tab is in front. */
export class Screen {
  readonly terminal: number
  readonly facts: Subject<ScreenFacts> = subject(NO_FACTS)
  readonly element: HTMLElement
  readonly emulator: Terminal
  readonly selection: FingerSelection
  readonly #link: AppLink
  readonly #drawing: Drawing
  readonly #ahead: TypedAhead
  readonly #modes: ProgramModes
  readonly #scroll: FingerScroll
  readonly #keys = new WaitingKeys((bytes) => this.#watch?.type(bytes) ?? 'ended')
  /** where text goes that was put in at once, not typed */
  onInserted: (text: string) => void = () => {}
  /** false for an app that may only watch: its keys are not read */
  mayType = true
  /** an agent is in front that takes a line feed as a new line of its message */
  takesLineFeed = false
  /** grows with each piece that this person typed */
  typedCount = 0
  #watch: TerminalWatch | null = null
  #ends: Cancel[] = []
  #stale = false
  #front = false
  #wide: WideView = 'follow'
  #above: Above | null = null
  #outputCount = 0
  #watchNumber = 0
  #settled: (() => void) | null = null

  constructor(link: AppLink, terminal: number) {
    this.#link = link
    this.terminal = terminal
    this.element = document.createElement('div')
    this.element.className = 'emulator'
    this.emulator = createEmulator((bytes) => this.#entered(bytes))
    this.selection = new FingerSelection(this.emulator, this.element)
    this.#modes = new ProgramModes(this.emulator)
    this.#scroll = new FingerScroll(this.emulator, this.element)
    attachDeskKeys(this.emulator, this)
    hearCopies(this.emulator, (text) => this.#tell({ copied: { text } }))
    this.#drawing = new Drawing(this.emulator)
    this.#ahead = new TypedAhead(this.emulator, {
      pending: () => this.#watch?.pending.current ?? null,
      isWaiting: () => !this.#keys.isEmpty,
      secret: () => this.secret || this.facts.current.pendingSecret,
      echoes: () => this.#info?.secret === false,
      roundTripMs: () => roundTripMs(link.state.current),
      isCursorHidden: () => this.isCursorHidden,
      isAsked: () => this.facts.current.held !== null,
      cell: () => this.cell(),
    })
  }

  /** Puts the screen into the page. `container` must be laid out: its size is asked of the machine. */
  mount(container: HTMLElement): void {
    if (this.element.parentElement === container) return
    container.append(this.element)
    if (this.#watch !== null) return
    this.emulator.open(this.element)
    // On touch a field of our own listens; this one would only take the focus and open the keyboard. The glyphs are hidden
    // from screen readers by the emulator itself: the reader view says them better.
    if (isTouch() && this.emulator.textarea !== undefined) this.emulator.textarea.disabled = true
    this.#ahead.mount(this.element.querySelector('.xterm-screen'))
    void drawFaster(this.emulator)
    const { emulator } = this
    // The scroll position is known when it is drawn, not yet when it is asked for.
    for (const heard of [
      emulator.onScroll(() => this.#scrolled()),
      emulator.onRender(() => this.#scrolled()),
    ])
      this.#ends.push(() => heard.dispose())
    this.#ends.push(
      this.facts.subscribe(() => this.#ahead.draw()),
      this.#link.terminals.subscribe(() => this.#tell({ secret: this.secret })),
      drawnTheme.subscribe(() => this.#colour()),
      fontPx.subscribe(() => this.layOut()),
    )
    this.#begin()
  }

  /** Shown or behind another tab. */
  bringToFront(front: boolean): void {
    this.#front = front
    this.element.hidden = !front
    if (!front) return
    this.#tell({ unseenOutput: false })
    this.layOut()
    this.emulator.refresh(0, this.emulator.rows - 1)
  }

  /** Types bytes that a person's action made. */
  type(bytes: Uint8Array): Typed {
    const typed = this.#keys.type(bytes)
    if (typed === 'taken') {
      this.typedCount += 1
      if (!this.#stale) commandsOf(this.emulator).typed()
      this.#ahead.typed(bytes)
      this.selection.clear()
      this.emulator.scrollToBottom()
      this.#tell({ gapBytes: null, ...(this.secret ? { pendingSecret: true } : {}) })
    }
    const refused = bytes.length > PENDING_BYTES_MAX ? 'too-large' : 'refused'
    this.#tell({ full: typed === 'full' ? refused : this.#keys.isEmpty ? null : 'waiting' })
    return typed
  }

  get bracketedPaste(): boolean {
    return this.emulator.modes.bracketedPasteMode
  }

  get applicationCursor(): boolean {
    return this.emulator.modes.applicationCursorKeysMode
  }

  get keyboardAsked(): KeyboardAsked {
    return { ...this.#modes.keyboardAsked, lineFeed: this.takesLineFeed }
  }

  get isCursorHidden(): boolean {
    return this.#modes.isCursorHidden
  }

  /** Whether the program reads a secret: by the machine's word, or by what stands before the cursor. */
  get secret(): boolean {
    return this.#info?.secret === true || asksForSecret(lineBeforeCursor(this.emulator))
  }

  get #info() {
    return this.#link.terminals.current.find((each) => each.terminal === this.terminal)
  }

  /** In the upper half of the screen: what floats over it goes below then. */
  get isCursorHigh(): boolean {
    return this.emulator.buffer.active.cursorY < this.emulator.rows / 2
  }

  get text(): string {
    return textOf(this.emulator)
  }

  sendHeld(): void {
    this.#watch?.sendHeld()
  }

  discardHeld(): void {
    this.#watch?.discardHeld()
  }

  /** The person has seen a note, or answered it. */
  dismiss(what: 'copied' | 'gap'): void {
    this.#tell(what === 'copied' ? { copied: null } : { gapBytes: null })
  }

  takeSize(): void {
    const size = this.#fitting()
    if (size !== null) this.#watch?.takeSize(size)
  }

  /** The link is gone (or back): grey and hollow, or as it is. */
  stale(stale: boolean): void {
    if (stale === this.#stale) return
    this.#stale = stale
    this.element.classList.toggle('grey', stale)
    if (stale) commandsOf(this.emulator).away()
    this.#colour()
    this.#ahead.stale(stale)
  }

  wide(view: WideView): void {
    this.#wide = view
    this.layOut()
  }

  /** Fits letters and size to the room. Asks the machine for this window's size, and draws the terminal's. */
  layOut(): void {
    if (!this.#front || this.#watch === null) return
    this.emulator.options.fontSize = fontPx.current
    const fitting = this.#fitting()
    if (fitting === null) return
    keepWindowSize(fitting)
    this.#watch.resize(fitting)
    if (this.#wide === 'fit' && this.isWider) drawWhole(this.element, this.emulator, fontPx.current)
    this.#ahead.draw()
    this.#panned()
  }

  /** Whether the terminal is larger than this window shows at the person's letter size. */
  get isWider(): boolean {
    const fitting = this.#fitting()
    return fitting !== null && (this.emulator.cols > fitting.cols || this.emulator.rows > fitting.rows)
  }

  cell(): Cell {
    return cellOf(this.element, this.emulator)
  }

  /** Fetches lines from before the drawn ones, and shows the newest of them. */
  async earlier(): Promise<void> {
    const more = await this.#fetchEarlier(WISHED_LINES)
    if (more > 0) this.emulator.scrollToLine(more - 1)
    this.#scrolled()
  }

  /** A finger came down on the screen. */
  beginScroll(): void {
    this.#scroll.begin()
  }

  /** A finger at `at` moved the text down by `px`, or up when negative. */
  scrollBy(px: number, at: Point): void {
    const { height } = this.cell()
    if (height > 0) this.#scroll.by(px, at, height, this.facts.current.scrollsHere)
  }

  /** Whether a finger scrolls the lines here, although the program listens to the mouse. */
  scrollHere(here: boolean): void {
    this.#tell({ scrollsHere: here })
  }

  focus(): void {
    this.emulator.focus()
  }

  /** From a key that the emulator does not encode itself. */
  typeText(text: string): void {
    this.type(new TextEncoder().encode(text))
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    this.#ahead.dispose()
    this.selection.dispose()
    this.#watch?.detach()
    this.emulator.dispose()
    this.element.remove()
  }

  /** Input of the emulator: keys and mouse reports, or text from a drop, a dictation or a clipboard's helper. */
  #entered(bytes: Uint8Array): void {
    const text = bytes[0] === ESCAPE ? '' : new TextDecoder().decode(bytes)
    if (isInsertedPaste(text)) this.onInserted(text.replace(/\r/g, '\n'))
    else this.type(bytes)
  }

  #begin(): void {
    const size = this.#fitting() ?? this.facts.current.size ?? { cols: 80, rows: 24 }
    const watch = this.#link.watch(this.terminal, size, this.#sinkOf(++this.#watchNumber))
    this.#watch = watch
    this.#ends.push(
      watch.pending.subscribe((pending) => this.#pendingIs(pending.byteCount)),
      watch.held.subscribe((held) => this.#tell({ held })),
    )
    this.#pendingIs(watch.pending.current.byteCount)
  }

  /** How many more lines there are now above the screen. */
  async #fetchEarlier(lines: number): Promise<number> {
    if (this.facts.current.earlier !== 'unknown' || this.emulator.buffer.active.type === 'alternate') return 0
    this.#tell({ earlier: 'loading' })
    const source: EarlierSource = {
      drawnLines: () => this.emulator.buffer.normal.baseY,
      outputCount: () => this.#outputCount,
      isTyping: () => this.facts.current.pendingCount > 0,
      ask: async (lines) => (await this.#watch?.scrollback(lines))?.bytes ?? null,
      drawUnder: (history) => this.#drawAnewUnder({ history }),
    }
    const outcome = await fetchEarlier(source, lines)
    this.#tell({ earlier: outcome.exhausted ? 'none' : 'unknown' })
    return outcome.more
  }

  #drawAnewUnder(above: Above): Promise<void> {
    return new Promise((resolve) => {
      this.#above = above
      this.#settled = resolve
      this.#begin()
    })
  }

  #sinkOf(watchNumber: number): TerminalSink {
    return {
      write: (bytes, drawn) => {
        this.#outputCount++
        this.#drawing.output(bytes, drawn)
        if (!this.#front && !this.facts.current.unseenOutput) this.#tell({ unseenOutput: true })
      },
      reset: (snapshot, drawn) => {
        const above = this.#above
        this.#above = null
        if (above === null && this.facts.current.earlier === 'none') this.#tell({ earlier: 'unknown' })
        this.#drawing.behind(() => this.#modes.reset())
        this.#drawing.snapshot(snapshot, above, () => {
          drawn()
          this.#settled?.()
          this.#settled = null
          this.#sized()
        })
      },
      gap: (byteCount) => {
        this.#drawing.gap(words.current.term.gap(byteSize(byteCount, words.current)))
        this.#tell({ gapBytes: (this.facts.current.gapBytes ?? 0) + byteCount, earlier: 'unknown' })
      },
      size: (size) =>
        this.#drawing.size(size, (lacksLines) => {
          this.#sized()
          if (lacksLines) void this.#fetchEarlier(TAKEN_LINES)
        }),
      exited: (exit) => this.#tell({ exit }),
      gone: () => {
        // The end of a watch that this page replaced itself is no news.
        if (watchNumber === this.#watchNumber) this.#tell({ gone: true })
      },
    }
  }

  #sized(): void {
    const { cols, rows } = this.emulator
    this.#tell({ size: { cols, rows } })
    this.layOut()
  }

  /** The size at which the terminal fills this window at the person's letter size. */
  #fitting(): Size | null {
    return fittingSize(this.element, this.emulator, fontPx.current)
  }

  /** A screen that has to be moved under the window is moved by the keyboard too: it is a stop of the Tab key then. */
  #panned(): void {
    const pans = pansIn(this.element)
    this.element.tabIndex = pans ? 0 : -1
    this.#tell({ pans })
  }

  #scrolled(): void {
    const { active } = this.emulator.buffer
    const atEnd = active.viewportY >= active.baseY
    const atTop = active.type === 'normal' && active.viewportY === 0
    const mouse = this.emulator.modes.mouseTrackingMode !== 'none'
    this.#tell({ atEnd, atTop, mouse, secret: this.secret, ...(mouse ? {} : { scrollsHere: false }) })
    this.#ahead.draw()
  }

  #pendingIs(byteCount: number): void {
    const { full } = this.facts.current
    this.#tell({ pendingCount: byteCount, ...(byteCount === 0 ? { pendingSecret: false } : {}) })
    if (this.#keys.isEmpty) return this.#ahead.changed(byteCount)
    this.#keys.drain()
    if (this.#keys.isEmpty && full === 'waiting') this.#tell({ full: null })
    this.#ahead.changed(byteCount)
  }

  #colour(): void {
    this.emulator.options.theme = terminalColours(this.#stale)
  }

  #tell(change: Partial<ScreenFacts>): void {
    const now = this.facts.current
    const changed = Object.entries(change).some(
      ([key, value]) => !Object.is(now[key as keyof ScreenFacts], value),
    )
    if (changed) this.facts.set({ ...now, ...change })
  }
}
