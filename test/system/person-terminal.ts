import * as pty from '@lydell/node-pty'
import headless from '@xterm/headless'
import { cleanEnv, LATCHKEY } from './up-process.ts'

const COLUMNS = 100
const ROWS = 45

/** A person at a terminal: a real PTY with a program in it, and a screen that shows what they would see. */
export class PersonTerminal {
  readonly #pty: pty.IPty
  readonly #screen = new headless.Terminal({
    cols: COLUMNS,
    rows: ROWS,
    scrollback: 20_000,
    allowProposedApi: true,
  })
  #bytes = ''
  readonly exited: Promise<number>

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#pty = pty.spawn(file, [...args], {
      cols: COLUMNS,
      rows: ROWS,
      env: cleanEnv({ TERM: 'xterm-256color', ...env }),
    })
    this.#pty.onData((data) => {
      this.#bytes += data
      this.#screen.write(data)
    })
    // Programs ask their terminal things; a real one answers.
    this.#screen.onData((answer) => this.#pty.write(answer))
    this.exited = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)))
  }

  /** The built command line in a PTY. */
  static latchkey(args: readonly string[], env: Readonly<Record<string, string>> = {}): PersonTerminal {
    return new PersonTerminal(process.execPath, [LATCHKEY, ...args], env)
  }

  type(text: string): void {
    this.#pty.write(text)
  }

  /** Everything the program has written so far. */
  get bytes(): string {
    return this.#bytes
  }

  /** What the person can read, scrollback included, one line each. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve))
    const { active } = this.#screen.buffer
    return Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)?.translateToString(true) ?? '',
    )
  }

  async text(): Promise<string> {
    return (await this.lines()).join('\n')
  }

  /** Waits until the person can read `wanted`; throws with the screen otherwise. */
  async sees(wanted: string | RegExp, withinMs = 60_000): Promise<string> {
    const until = performance.now() + withinMs
    for (;;) {
      const text = await this.text()
      if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return text
      if (performance.now() > until)
        throw new Error(`not seen within ${withinMs} ms: ${wanted}\n${text.trimEnd()}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows)
    this.#screen.resize(columns, rows)
  }

  kill(): void {
    this.#pty.kill('SIGKILL')
  }
}
