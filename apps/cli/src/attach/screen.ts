import { writeSync } from 'node:fs'
import type { FilterHooks } from '@latchkey/connection/app/query-filter'
import { printable } from '@latchkey/protocol/printable'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Invocation } from '../command.ts'
import { wrapped } from '../up/text-width.ts'
import { windowSize } from '../window-size.ts'
import { KeyboardModes } from './keyboard-modes.ts'
import { PrivateModes } from './private-modes.ts'
import { TitleStack } from './title-stack.ts'

/** The destination of output and notices. */
export interface Screen {
  readonly size: Size
  /** the handlers of program sequences that this screen tracks */
  readonly hooks: FilterHooks
  write(bytes: Uint8Array, drawn: () => void): void
  /** Makes room for a whole screen that follows. The old screen moves into the scrollback. */
  clear(): void
  /** The window's title: the only place that never disturbs a program's drawing. */
  title(text: string): void
  /** Lines over the last rows, each wrapped in the window, until the screen is drawn anew. */
  overlay(lines: readonly string[]): void
  onResize(changed: (size: Size) => void): void
  /** Gives the terminal back as it was. Twice is once. */
  restore(): void
}

const STDOUT = 1
const TEXT_CHARS_MAX = 500

export const screenOf = (call: Invocation): Screen =>
  call.stdout.isTTY && !call.manner.json ? new TerminalScreen(call) : pipeScreen(call)

/** The person's own terminal, in raw mode while something is drawn. */
class TerminalScreen implements Screen {
  readonly #call: Invocation
  readonly #modes = new PrivateModes()
  readonly #keyboard = new KeyboardModes()
  readonly #titles = new TitleStack()
  readonly hooks: FilterHooks = {
    csi: (csi) => (csi.final === 't' ? this.#titles : this.#keyboard).translate(csi),
    fullReset: () => this.#keyboard.fullReset(),
  }
  #restored = false
  #cleared = false
  readonly #onExit = () => this.restore()

  constructor(call: Invocation) {
    this.#call = call
    if (call.stdin.isTTY) call.stdin.setRawMode(true)
    // Whatever ends this process, the terminal is the person's again.
    process.on('exit', this.#onExit)
    call.stdout.write(this.#titles.keep)
  }

  get size(): Size {
    return windowSize(this.#call.stdout)
  }

  write(bytes: Uint8Array, drawn: () => void): void {
    this.#modes.note(bytes)
    this.#call.stdout.write(bytes, () => drawn())
  }

  clear(): void {
    const away = this.#cleared ? '' : '\n'.repeat(this.size.rows)
    this.#cleared = true
    const undoing = `${this.#keyboard.leaveAlternate()}${this.#modes.undoing}${this.#keyboard.startOver()}`
    this.write(Buffer.from(`${undoing}\x1b[m${away}\x1b[H\x1b[2J`), () => {})
  }

  title(text: string): void {
    this.#call.stdout.write(`\x1b]2;${printable(text, TEXT_CHARS_MAX)}\x07`)
  }

  overlay(lines: readonly string[]): void {
    const { cols, rows } = this.size
    const shown = rowsIn(
      lines.map((line) => printable(line, TEXT_CHARS_MAX)),
      cols - 2,
    ).slice(0, rows)
    const first = rows - shown.length + 1
    const drawn = shown.map((line, at) => `\x1b[${first + at};1H\x1b[0;7m ${line}\x1b[K`)
    this.#call.stdout.write(`\x1b7${drawn.join('')}\x1b[0m\x1b8`)
  }

  onResize(changed: (size: Size) => void): void {
    this.#call.stdout.on('resize', () => changed(this.size))
  }

  restore(): void {
    if (this.#restored) return
    this.#restored = true
    process.off('exit', this.#onExit)
    const { stdin } = this.#call
    if (stdin.isTTY) stdin.setRawMode(false)
    try {
      // At exit nothing asynchronous runs any more.
      const settings = this.#modes.leaving(this.size.cols)
      const text = `${this.#keyboard.leaveAlternate()}${settings}${this.#keyboard.undoingMain}${this.#titles.giveBack}`
      writeSync(STDOUT, text)
    } catch {
      // The terminal itself is gone.
    }
  }
}

const pipeScreen = (call: Invocation): Screen => ({
  size: windowSize({}),
  hooks: {},
  write(bytes, drawn) {
    if (!call.manner.json) return void call.stdout.write(bytes, () => drawn())
    call.emit({ event: 'output', base64: Buffer.from(bytes).toString('base64') })
    drawn()
  },
  clear() {},
  title() {},
  overlay: (lines) => lines.forEach((line) => call.say(line)),
  onResize() {},
  restore() {},
})

/** `lines` in rows of at most `columns`; a word that is longer than a row is cut. */
export function rowsIn(lines: readonly string[], columns: number): readonly string[] {
  const width = Math.max(1, columns)
  return lines
    .flatMap((line) => wrapped(line, width))
    .flatMap((row) =>
      Array.from({ length: Math.max(1, Math.ceil(row.length / width)) }, (_, at) =>
        row.slice(at * width, (at + 1) * width),
      ),
    )
}
