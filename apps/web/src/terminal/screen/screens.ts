import type { AppLink } from '@latchkey/connection/app/link'
import { Screen } from './screen.ts'

/** Screens kept alive behind the tab in front: they show new output at once, and cost data and memory. */
const SCREENS_MAX = 6

/** The screens of one machine on this page, the one looked at longest ago given up first. */
export class Screens {
  readonly #link: AppLink
  readonly #byTerminal = new Map<number, Screen>()

  constructor(link: AppLink) {
    this.#link = link
  }

  /** The screen of `terminal`, made when there is none. */
  of(terminal: number): Screen {
    const screen = this.#byTerminal.get(terminal) ?? new Screen(this.#link, terminal)
    this.#byTerminal.delete(terminal)
    this.#byTerminal.set(terminal, screen)
    for (const [oldest] of this.#byTerminal) {
      if (this.#byTerminal.size <= SCREENS_MAX) break
      this.#drop(oldest)
    }
    return screen
  }

  /** Terminals that are no more. */
  keepOnly(terminals: readonly number[]): void {
    for (const terminal of [...this.#byTerminal.keys()])
      if (!terminals.includes(terminal)) this.#drop(terminal)
  }

  all(): readonly Screen[] {
    return [...this.#byTerminal.values()]
  }

  dispose(): void {
    for (const terminal of [...this.#byTerminal.keys()]) this.#drop(terminal)
  }

  #drop(terminal: number): void {
    this.#byTerminal.get(terminal)?.dispose()
    this.#byTerminal.delete(terminal)
  }
}
