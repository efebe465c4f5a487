import type { AppLink, HeldInput, TerminalSink, TerminalWatch, Typed } from '@latchkey/connection/app/link'
import { type Subject, subject } from '@latchkey/connection/observable'
import type { Cancel } from '@latchkey/connection/transport'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Terminal } from '@xterm/xterm'
import { drawnTheme } from '../theme.ts'
import { words } from '../words/language.ts'
import { byteSize } from '../words/times.ts'
import { terminalColours } from './colours.ts'
import { type Above, drawGap, drawSnapshot } from './drawing.ts'
import { createEmulator, drawFaster } from './emulator.ts'
import { fontPx } from './font-size.ts'
import { type Cell, fontPxToFit, sizeThatFits } from './geometry.ts'
import { createOverlay } from './overlay.ts'
import { asksForSecret } from './pending.ts'
import { lineBeforeCursor, textOf } from './text-of.ts'

/** Input that stays unacknowledged this long is shown as pending; quicker answers are their own receipt. */
const SHOW_PENDING_AFTER_MS = 300
/** How many more lines a wish for earlier ones brings. */
const EARLIER_LINES = 1_000
const EARLIER_TRIES = 3

/** How a screen that is wider than this window is shown. */
export type WideView = 'follow' | 'fit'

/** What a page shows about one screen besides the screen itself. */
export interface ScreenFacts {
  readonly pendingCount: number
  readonly held: HeldInput | null
  /** the lines typed into a password question are never shown */
  readonly secret: boolean
  readonly gapBytes: number | null
  readonly exit: { readonly code: number; readonly signal: number | null } | null
  /** the terminal is no more: closed by somebody */
  readonly gone: boolean
  readonly unseenOutput: boolean
  readonly atEnd: boolean
  readonly atTop: boolean
  readonly earlier: 'unknown' | 'loading' | 'none'
  /** there was more input waiting than is kept */
  readonly full: boolean
  readonly size: Size | null
}

const NOTHING: ScreenFacts = {
  pendingCount: 0,
  held: null,
  secret: false,
  gapBytes: null,
  exit: null,
  gone: false,
  unseenOutput: false,
  atEnd: true,
  atTop: false,
  earlier: 'unknown',
  full: false,
  size: null,
}

/** One terminal as this page draws it, for as long as the page watches it. Lives on while another tab is in front. */
export class Screen {
  readonly terminal: number
  readonly facts: Subject<ScreenFacts> = subject(NOTHING)
  readonly element: HTMLElement
  readonly emulator: Terminal
  readonly #link: AppLink
  readonly #overlay
  #watch: TerminalWatch | null = null
  #ends: Cancel[] = []
  #stale = false
  #front = false
  #wide: WideView = 'follow'
  #above: Above | null = null
  #outputCount = 0
  #watchNumber = 0
  #pendingShown = false
  #pendingTimer: ReturnType<typeof setTimeout> | null = null
  #settled: (() => void) | null = null

  constructor(link: AppLink, terminal: number) {
    this.#link = link
    this.terminal = terminal
    this.element = document.createElement('div')
    this.element.className = 'emulator'
    this.emulator = createEmulator((bytes) => void this.type(bytes))
    this.#overlay = createOverlay(this.emulator)
  }

  /** Puts the screen into the page; it must be laid out by then, since its size is what it asks the machine for. */
  mount(container: HTMLElement): void {
    if (this.element.parentElement === container) return
    container.append(this.element)
    if (this.#watch !== null) return
    this.emulator.open(this.element)
    // The glyphs say nothing to a screen reader that the reader view does not say better.
    this.element.setAttribute('aria-hidden', 'true')
    this.element.querySelector('.xterm-screen')?.append(this.#overlay.element)
    void drawFaster(this.emulator)
    const { emulator } = this
    const scrolled = emulator.onScroll(() => this.#scrolled())
    const rendered = emulator.onRender(() => this.#drawOverlay())
    this.#ends.push(
      () => scrolled.dispose(),
      () => rendered.dispose(),
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
    const typed = this.#watch?.type(bytes) ?? 'ended'
    if (typed === 'taken') this.emulator.scrollToBottom()
    this.#tell({ full: typed === 'full', ...(typed === 'taken' ? { gapBytes: null } : {}) })
    return typed
  }

  get bracketedPaste(): boolean {
    return this.emulator.modes.bracketedPasteMode
  }

  get applicationCursor(): boolean {
    return this.emulator.modes.applicationCursorKeysMode
  }

  /** Whether the line at the cursor asks for a password. */
  get secret(): boolean {
    return asksForSecret(lineBeforeCursor(this.emulator))
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

  dismissGap(): void {
    this.#tell({ gapBytes: null })
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
    this.#colour()
    this.#showPending()
  }

  wide(view: WideView): void {
    this.#wide = view
    this.layOut()
  }

  /** Fits letters and size to the room there is. What is asked is this window's size; what is drawn is the terminal's. */
  layOut(): void {
    if (!this.#front || this.#watch === null) return
    this.emulator.options.fontSize = fontPx.current
    const fitting = this.#fitting()
    if (fitting === null) return
    this.#watch.resize(fitting)
    const { cols, rows } = this.emulator
    if (this.#wide === 'fit' && (cols > fitting.cols || rows > fitting.rows)) {
      const [width, height] = this.#room()
      this.emulator.options.fontSize = fontPxToFit(width, height, { cols, rows }, this.cell(), fontPx.current)
    }
    this.#drawOverlay()
  }

  /** Whether the terminal is larger than this window shows at the person's letter size. */
  get isWider(): boolean {
    const fitting = this.#fitting()
    return fitting !== null && (this.emulator.cols > fitting.cols || this.emulator.rows > fitting.rows)
  }

  cell(): Cell {
    const drawn = this.element.querySelector<HTMLElement>('.xterm-screen')
    if (drawn === null) return { width: 0, height: 0 }
    return {
      width: drawn.offsetWidth / this.emulator.cols,
      height: drawn.offsetHeight / this.emulator.rows,
    }
  }

  /**
   * Fetches lines from before what is drawn. They go above a screen that is asked anew, since nothing can be prepended; if
   * output arrived in between, both no longer meet, and it is tried again.
   */
  async earlier(): Promise<void> {
    if (this.facts.current.earlier !== 'unknown' || this.emulator.buffer.active.type === 'alternate') return
    this.#tell({ earlier: 'loading' })
    const had = this.emulator.buffer.normal.baseY
    let drew = false
    for (let tries = 0; tries < EARLIER_TRIES && !drew; tries++) {
      const outputBefore = this.#outputCount
      const history = await this.#watch?.scrollback(Math.min(10_000, had + EARLIER_LINES))
      // Unacknowledged input belongs to the present watch, so it is not ended while there is any.
      if (history == null || this.facts.current.pendingCount > 0) break
      await this.#drawAnewUnder({ history: history.bytes })
      drew = this.#outputCount === outputBefore
    }
    const more = this.emulator.buffer.normal.baseY - had
    this.#tell({ earlier: drew && more <= 0 ? 'none' : 'unknown' })
    if (more > 0) this.emulator.scrollToLine(Math.max(0, more - 1))
    this.#scrolled()
  }

  focus(): void {
    this.emulator.focus()
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    if (this.#pendingTimer !== null) clearTimeout(this.#pendingTimer)
    this.#watch?.detach()
    this.emulator.dispose()
    this.element.remove()
  }

  #begin(): void {
    const size = this.#fitting() ?? { cols: 80, rows: 24 }
    const watch = this.#link.watch(this.terminal, size, this.#sinkOf(++this.#watchNumber))
    this.#watch = watch
    this.#ends.push(
      watch.pending.subscribe((pending) => this.#pendingIs(pending.byteCount)),
      watch.held.subscribe((held) => this.#tell({ held, secret: this.secret })),
    )
    this.#pendingIs(watch.pending.current.byteCount)
  }

  #drawAnewUnder(above: Above): Promise<void> {
    return new Promise((resolve) => {
      this.#above = above
      this.#settled = resolve
      this.#begin()
    })
  }

  #sinkOf(watchNumber: number): TerminalSink {
    const { emulator } = this
    return {
      write: (bytes, drawn) => {
        this.#outputCount++
        emulator.write(bytes, drawn)
        if (!this.#front && !this.facts.current.unseenOutput) this.#tell({ unseenOutput: true })
      },
      reset: (snapshot, drawn) => {
        const above = this.#above
        this.#above = null
        drawSnapshot(emulator, snapshot, above, () => {
          drawn()
          this.#settled?.()
          this.#settled = null
          this.#sized()
        })
      },
      gap: (byteCount) => {
        drawGap(emulator, words.current.term.gap(byteSize(byteCount, words.current)))
        this.#tell({ gapBytes: (this.facts.current.gapBytes ?? 0) + byteCount, earlier: 'unknown' })
      },
      size: (size) => {
        if (size.cols !== emulator.cols || size.rows !== emulator.rows) emulator.resize(size.cols, size.rows)
        this.#sized()
      },
      exited: (exit) => this.#tell({ exit }),
      gone: () => {
        // A watch that another one of ours replaced is gone too, and means nothing.
        if (watchNumber === this.#watchNumber) this.#tell({ gone: true })
      },
    }
  }

  #sized(): void {
    const { cols, rows } = this.emulator
    this.#tell({ size: { cols, rows } })
    this.layOut()
  }

  #room(): readonly [number, number] {
    const style = getComputedStyle(this.element)
    return [
      this.element.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight),
      this.element.clientHeight -
        Number.parseFloat(style.paddingTop) -
        Number.parseFloat(style.paddingBottom),
    ]
  }

  /** The size at which the terminal fills this window at the person's letter size. */
  #fitting(): Size | null {
    const [width, height] = this.#room()
    const drawn = this.cell()
    const scale = fontPx.current / (this.emulator.options.fontSize ?? fontPx.current)
    return sizeThatFits(width, height, { width: drawn.width * scale, height: drawn.height * scale })
  }

  #scrolled(): void {
    const { active } = this.emulator.buffer
    const atEnd = active.viewportY >= active.baseY
    const atTop = active.type === 'normal' && active.viewportY === 0
    this.#tell({ atEnd, atTop })
    this.#drawOverlay()
  }

  #pendingIs(byteCount: number): void {
    const before = this.facts.current.pendingCount
    if (byteCount === 0 || byteCount < before) this.#pendingShown = false
    this.#tell({ pendingCount: byteCount })
    if (this.#stale) return this.#showPending()
    if (this.#pendingTimer !== null && byteCount >= before) return
    if (this.#pendingTimer !== null) clearTimeout(this.#pendingTimer)
    this.#pendingTimer = null
    if (byteCount > 0)
      this.#pendingTimer = setTimeout(() => {
        this.#pendingTimer = null
        this.#showPending()
      }, SHOW_PENDING_AFTER_MS)
    this.#drawOverlay()
  }

  #showPending(): void {
    this.#pendingShown = this.facts.current.pendingCount > 0
    this.#drawOverlay()
  }

  #drawOverlay(): void {
    const shown = this.#pendingShown && this.facts.current.held === null
    this.#overlay.draw({
      pending: shown ? (this.#watch?.pending.current.bytes() ?? null) : null,
      secret: this.secret,
      stale: this.#stale,
      cell: this.cell(),
      fontPx: this.emulator.options.fontSize ?? fontPx.current,
    })
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
