import type { Invocation } from '../command.ts'
import { connectedApps, type UpState } from './facts.ts'
import { paintWith } from './paint.ts'
import { firstScreen, type Machine, pinScreen, qrScreen, rowsOf, statusLine, type View } from './screen.ts'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_BELOW = '\r\u001b[J'
const TICK_MS = 1_000
const KEYS = 'q QR   n new code   c copy link   ? help   Ctrl-C stop'
const HELP = [
  'q  the QR code, large             n  a new code (paired apps stay)',
  'c  copy the link                  ?  this, and the whole screen again',
  'Ctrl-C  stop: closes every terminal that is open',
]

/** What a person at the keyboard may ask for. */
export interface Wishes {
  newCode(): void
  copyLink(): void
  viewOnly(): void
  interrupt(): void
}

/** A view of `up` for people. */
export interface UpView {
  show(state: UpState): void
  /** one line about what happened, which stays */
  note(line: string): void
  end(): void
}

type Page = 'usual' | 'whole' | 'qr'

/** Redraws a block at the bottom of the terminal, counts down, and reads keys. Leaves the terminal as it was. */
export class LiveView implements UpView {
  readonly #call: Invocation
  readonly #machine: Machine
  readonly #wishes: Wishes
  #state: UpState
  #page: Page = 'usual'
  #drawn: readonly string[] = []
  readonly #timer: NodeJS.Timeout
  readonly #onResize = (): void => this.#draw()
  readonly #onKey = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) this.#press(key)
  }

  constructor(call: Invocation, machine: Machine, state: UpState, wishes: Wishes) {
    this.#call = call
    this.#machine = machine
    this.#state = state
    this.#wishes = wishes
    this.#timer = setInterval(() => this.#draw(), TICK_MS)
    call.stderr.on('resize', this.#onResize)
    if (call.manner.keys) {
      call.stdin.setRawMode(true)
      call.stdin.on('data', this.#onKey)
    }
    call.stderr.write(HIDE_CURSOR)
    this.#draw()
  }

  show(state: UpState): void {
    // The first app to come gets the screen out of the way; whoever asked for the QR since then keeps it.
    if (connectedApps(state).length > connectedApps(this.#state).length) this.#page = 'usual'
    this.#state = state
    this.#draw()
  }

  note(line: string): void {
    const time = new Date().toTimeString().slice(0, 8)
    this.#replace([], `${time}  ${line}\n`)
    this.#draw()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#replace([])
    const { stdin, stderr, manner } = this.#call
    stderr.off('resize', this.#onResize)
    stderr.write(SHOW_CURSOR)
    if (!manner.keys) return
    stdin.off('data', this.#onKey)
    stdin.setRawMode(false)
    stdin.pause()
  }

  #press(key: string): void {
    if (key === '\u0003') return this.#wishes.interrupt()
    if (key === 'n') return this.#wishes.newCode()
    if (key === 'c') return this.#wishes.copyLink()
    if (key === 'v') return this.#wishes.viewOnly()
    if (key === 'q') this.#page = this.#page === 'qr' ? 'usual' : 'qr'
    if (key === '?') {
      this.#page = this.#page === 'whole' ? 'usual' : 'whole'
      if (this.#page === 'whole') for (const line of HELP) this.#replace([], `  ${line}\n`)
    }
    this.#draw()
  }

  #lines(view: View): string[] {
    if (this.#state.prompt !== null) return pinScreen(view, this.#state.prompt)
    if (this.#page === 'qr') return qrScreen(view)
    const busy = connectedApps(this.#state).length > 0
    return busy && this.#page === 'usual' ? statusLine(view) : firstScreen(view)
  }

  #draw(): void {
    const { stderr, manner } = this.#call
    const lines = this.#lines({
      state: this.#state,
      machine: this.#machine,
      nowMs: Date.now(),
      columns: stderr.columns ?? 80,
      rows: stderr.rows ?? 24,
      paint: paintWith(manner.color),
      qr: manner.qr,
      keys: manner.keys ? KEYS : '',
    })
    this.#replace(lines)
  }

  /** Puts `lines` where the block was, after `above`, which stays. In one write, so that nothing flickers. */
  #replace(lines: readonly string[], above = ''): void {
    const { stderr } = this.#call
    if (above === '' && lines.join('\n') === this.#drawn.join('\n')) return
    // Rows are counted by today's width: after a resize the terminal has broken the old lines anew.
    const rows = rowsOf(this.#drawn, stderr.columns ?? 80)
    const up = rows > 0 ? `\u001b[${rows}A` : ''
    const block = lines.map((line) => `${line}\n`).join('')
    stderr.write(`${up}${CLEAR_BELOW}${above}${block}`)
    this.#drawn = lines
  }
}
