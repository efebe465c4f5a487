import type { Snapshot } from '@latchkey/connection/app/link'
import { Characters } from '@latchkey/connection/emulator/characters'
import { resizeEmulator } from '@latchkey/connection/emulator/resize'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Terminal } from '@xterm/xterm'
import { commandsOf } from './commands.ts'

const ESC = '\u001b'
/** Clears screen and scrollback, but no mode. */
const CLEAR_ALL = `${ESC}[?1049l${ESC}[0m${ESC}[H${ESC}[2J${ESC}[3J`

/** Lines to draw together with the next snapshot. */
export interface Above {
  /** lines above the screen, oldest first, each ending in a line break; they replace those drawn so far */
  readonly history: Uint8Array
}

/**
 * Draws on one emulator, in order: snapshots, the output that follows them, changes of its size, and gaps. An emulator draws output
 * later than it takes it. A change of size therefore waits until earlier output is drawn: that was printed at the earlier size.
 */
export class Drawing {
  readonly #terminal: Terminal
  #characters = new Characters()
  /** Steps that wait: where they draw is known only when the output before them is drawn. */
  #held: (() => void)[] | null = null

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  output(bytes: Uint8Array, drawn: () => void): void {
    if (this.#held === null) this.#terminal.write(this.#characters.read(bytes), drawn)
    else this.#held.push(() => this.output(bytes, drawn))
  }

  /** Runs `run` once the output so far is drawn. */
  behind(run: () => void): void {
    if (this.#held === null) this.#terminal.write('', run)
    else this.#held.push(() => this.behind(run))
  }

  /**
   * Resizes the emulator behind the output so far; then calls `resized`. A screen that became larger takes lines from above it:
   * `lacksLines` when it took all of them, while the machine's own screen may have had more.
   */
  size({ cols, rows }: Size, resized: (lacksLines: boolean) => void): void {
    this.behind(() => {
      const terminal = this.#terminal
      const isLarger = cols > terminal.cols || rows > terminal.rows
      resizeEmulator(terminal, cols, rows)
      resized(isLarger && terminal.buffer.normal.baseY === 0)
    })
  }

  /** A mark in the text itself, above the screen that follows: it stays where it belongs when one scrolls back. */
  gap(sentence: string): void {
    if (this.#held !== null) return void this.#held.push(() => this.gap(sentence))
    const terminal = this.#terminal
    this.#held = []
    terminal.write('', () => {
      commandsOf(terminal).marks.missed()
      if (terminal.buffer.active.type === 'normal') {
        const bottom = `${ESC}[${terminal.rows};1H`
        terminal.write(`${ESC}[0m${bottom}\r\n${ESC}[33m--- ${sentence} ---${ESC}[0m`)
        // Everything on the screen moves above it.
        terminal.write(`${bottom}${'\r\n'.repeat(terminal.rows)}`)
      }
      this.#goOn()
    })
  }

  /**
   * Draws a snapshot: it overwrites the screen and leaves the lines above it as they are, or puts `above` there instead. An
   * emulator cannot prepend lines, so older ones are only ever drawn before a new screen.
   */
  snapshot(snapshot: Snapshot, above: Above | null, drawn: () => void): void {
    if (this.#held !== null) return void this.#held.push(() => this.snapshot(snapshot, above, drawn))
    const terminal = this.#terminal
    this.size(snapshot, () => {})
    if (above !== null) {
      this.#held = []
      terminal.write(CLEAR_ALL)
      terminal.write(new Characters().read(above.history), () => this.#moveUp())
    }
    // It may end within a character, which the output goes on with.
    this.#characters = new Characters()
    this.output(snapshot.bytes, drawn)
  }

  /** The lines just drawn go above the screen, and no blank line between them and it. */
  #moveUp(): void {
    const { rows, buffer } = this.#terminal
    const { cursorX, cursorY } = buffer.normal
    this.#terminal.write(`${ESC}[${rows};1H${'\r\n'.repeat(cursorY + (cursorX > 0 ? 1 : 0))}`)
    this.#goOn()
  }

  #goOn(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const draw of held) draw()
  }
}
