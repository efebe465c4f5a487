import type { PendingInput } from '@latchkey/connection/app/link'
import type { Cancel } from '@latchkey/connection/transport'
import type { Terminal } from '@xterm/xterm'
import { echoSetting } from '../../echo-setting.ts'
import { Predictor } from '../predict/predictor.ts'
import { Way } from '../predict/way.ts'
import type { Cell } from './geometry.ts'
import { createGuessLayer } from './guess-layer.ts'
import { PendingMark } from './pending-mark.ts'
import { viewOf } from './view-of.ts'

/** The facts of its screen that are read each time something is drawn. */
export interface AheadSource {
  /** what the machine has not acknowledged; null before there is a watch */
  pending(): PendingInput | null
  /** keys wait here for room on their way to the machine */
  isWaiting(): boolean
  /** the program reads a secret, or some of the pending input is one */
  secret(): boolean
  /** the machine says that nothing secret is read; false also where it does not say */
  echoes(): boolean
  /** to the machine and back, ms; null while the link is not live */
  roundTripMs(): number | null
  isCursorHidden(): boolean
  /** a question about the input is open, which shows it already */
  isAsked(): boolean
  cell(): Cell
}

/**
 * What a person typed and the machine has not shown yet, over the screen: the guessed echo of keys on a slow way, or the input
 * itself where it stays unacknowledged.
 */
export class TypedAhead {
  readonly #emulator: Terminal
  readonly #source: AheadSource
  readonly #mark: PendingMark
  readonly #layer: ReturnType<typeof createGuessLayer>
  readonly #predictor = new Predictor()
  readonly #way = new Way()
  readonly #ends: Cancel[] = []
  #timer: ReturnType<typeof setTimeout> | null = null
  #isStale = false

  constructor(emulator: Terminal, source: AheadSource) {
    this.#emulator = emulator
    this.#source = source
    this.#layer = createGuessLayer(emulator)
    this.#mark = new PendingMark(emulator, {
      pending: () => source.pending()?.bytes() ?? null,
      secret: source.secret,
      cell: source.cell,
      isStale: () => this.#isStale,
      isAsked: () => source.isAsked() || this.#predictor.drawn !== null,
    })
  }

  /** Puts itself over the drawn screen of the emulator. */
  mount(screen: Element | null): void {
    screen?.append(this.#layer.element, this.#mark.element)
    const parsed = this.#emulator.onWriteParsed(() => this.#look())
    const resized = this.#emulator.onResize(() => {
      this.#predictor.clear()
      this.#look()
    })
    this.#ends.push(
      () => parsed.dispose(),
      () => resized.dispose(),
      echoSetting.subscribe(() => this.#look()),
    )
  }

  /** A person typed this, and it was taken. */
  typed(bytes: Uint8Array): void {
    this.#predictor.typed(bytes, this.#view(), performance.now())
    this.#shown()
  }

  /** The amount of unacknowledged input is another one. */
  changed(byteCount: number): void {
    this.#predictor.applied(this.#predictor.typedBytes - byteCount, performance.now())
    this.#look()
    this.#mark.changed(byteCount)
  }

  stale(isStale: boolean): void {
    this.#isStale = isStale
    this.#look()
    this.#mark.show()
  }

  draw(): void {
    if (this.#predictor.drawn !== null) this.#look()
    this.#mark.draw()
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#sleep()
    this.#mark.dispose()
  }

  /** The screen, where a line editor reads at it and nothing speaks against guessing; else null. */
  #view() {
    const { modes, buffer } = this.#emulator
    const { active } = buffer
    const source = this.#source
    const isSlow = this.#way.isSlow(source.roundTripMs())
    const mayGuess =
      isSlow &&
      echoSetting.current === 'auto' &&
      !this.#isStale &&
      source.echoes() &&
      !source.secret() &&
      !source.isWaiting() &&
      !source.isCursorHidden() &&
      active.type === 'normal' &&
      active.viewportY >= active.baseY &&
      modes.mouseTrackingMode === 'none' &&
      // A line editor asks for it while it reads, and takes it back when the line is handed over: in the output itself, so
      // that no program behind it is ever taken for one.
      modes.bracketedPasteMode
    return mayGuess ? viewOf(this.#emulator) : null
  }

  #look(): void {
    this.#predictor.look(this.#view(), performance.now())
    this.#shown()
  }

  #shown(): void {
    this.#layer.draw(this.#predictor.drawn, this.#source.cell())
    this.#sleep()
    const { wakeAtMs } = this.#predictor
    if (wakeAtMs === null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#look()
      this.#mark.draw()
    }, wakeAtMs - performance.now())
  }

  #sleep(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
