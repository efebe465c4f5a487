import type { InputLedger } from '@latchkey/domain/terminal/input-ledger'
import type { KeptHandle } from '../keeper/keeper-client.ts'
import type { KeptOutput } from './kept-output.ts'
import type { LivingScreen } from './living-screen.ts'
import type { TerminalRecording } from './terminal-recording.ts'
import type { ViewerPort } from './viewer.ts'

/** The writer of keys that depend on the screen, in the terminal's ledger. An app's handle has no blank before it. */
const WRITER = ' guarded'
/** A program that draws all the time: so often its newest output is waited for. */
const LOOKS_MAX = 8

type Typist = Pick<ViewerPort, 'app' | 'appId' | 'label'>

export interface ScreenKeysOptions {
  readonly withScreen: (ask: (screen: LivingScreen) => void) => void
  readonly output: KeptOutput
  readonly ledger: InputLedger
  readonly kept: KeptHandle
  readonly recording: TerminalRecording
}

/** Reads the rows of a terminal's own screen, and types single keys that an app made depend on them. */
export class ScreenKeys {
  readonly #options: ScreenKeysOptions
  #typed = 0

  constructor(options: ScreenKeysOptions) {
    this.#options = options
  }

  /** Gives the rows `from` to `to`, both included, of the screen with all output drawn; null when it has no such rows. */
  askRows(from: number, to: number, give: (rows: readonly string[] | null) => void, looks = 1): void {
    const { withScreen, output } = this.#options
    withScreen((screen) =>
      screen.rows((rows, offset) => {
        if (offset < output.end && looks < LOOKS_MAX) return this.askRows(from, to, give, looks + 1)
        give(offset < output.end || from > to || to >= rows.length ? null : rows.slice(from, to + 1))
      }),
    )
  }

  /** Types `key` once, recorded in the name of this app. False when too many write to the terminal. */
  type(app: Typist, key: string): boolean {
    const bytes = Buffer.from(key)
    return this.#give(bytes, () => this.#options.recording.typed(app, bytes))
  }

  /** Gives the program a report of its terminal that it asked for, and that no app typed. */
  report(text: string): void {
    this.#give(Buffer.from(text))
  }

  #give(bytes: Buffer, onGiven: () => void = () => {}): boolean {
    const { ledger, kept } = this.#options
    const connection = ++this.#typed
    const attached = ledger.attach(WRITER, connection)
    if (attached.status !== 'attached') return false
    const { applied } = attached
    kept.attach(WRITER, connection)
    ledger.apply(WRITER, connection, applied, bytes)
    onGiven()
    kept.input(WRITER, connection, applied, bytes)
    ledger.detach(WRITER, connection)
    kept.detach(WRITER, connection)
    return true
  }
}
