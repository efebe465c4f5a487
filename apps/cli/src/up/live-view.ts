import { printableLines } from '@latchkey/protocol/printable'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import type { Invocation } from '../command.ts'
import { windowSize } from '../window-size.ts'
import { connectedApps, type UpState } from './facts.ts'
import { firstScreen } from './first-screen.ts'
import { EMPTY_PAGE, type KnownAppsPage, knownAppsScreen, pressedOn, withApps } from './known-apps-page.ts'
import type { Machine } from './machine.ts'
import { paintedOnly, paintWith } from './paint.ts'
import { addressScreen, pinScreen, plainScreen, qrScreen, rowsOf, statusLine } from './screen.ts'
import type { View } from './view.ts'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_BELOW = '\r\u001b[J'
const TICK_MS = 1_000
const HELP = [
  'q  the QR that needs no PIN       n  a new code (paired apps stay)',
  'c  copy the link that needs none  l  lock: no new app pairs; again: unlock',
  'd  the known apps; revoke one     o  the console; its link signs in once',
  'w  another address of this page   ?  this, and everything as text',
  'Ctrl-C  stop',
]
const ESCAPE = '\u001b'

/** What a person at the keyboard may ask for. */
export interface Wishes {
  newCode(): void
  copyUrl(): void
  /** lets no new app pair, or lets them again */
  toggleLock(): void
  viewOnly(): void
  /** an app that only watches may answer questions of agents all the same, or send files */
  toggleRight(right: 'approve' | 'send'): void
  /** an app that cannot seal, and is shown, may come in */
  accept(): void
  /** links and QR codes lead to another address of the broker */
  nextAddress(): void
  /** the apps that this machine knows; null when the runner does not answer */
  listApps(): Promise<readonly ListedApp[] | null>
  /** ends an app's access at once and for ever */
  revoke(app: string): Promise<void>
  interrupt(): void
}

/** A view of `up` for people. */
export interface UpView {
  show(state: UpState): void
  /** one line about an event; it stays on screen */
  note(line: string): void
  /** puts `text` on the clipboard of the terminal, where it lets programs do so */
  copy(text: string): void
  end(): void
}

type Page = 'usual' | 'whole' | 'qr' | 'console' | 'apps'

/** Redraws a block at the bottom of the terminal, counts down, and reads keys. Leaves the terminal as it was. */
export class LiveView implements UpView {
  readonly #call: Invocation
  readonly #machine: Machine
  readonly #wishes: Wishes
  #state: UpState
  #page: Page = 'usual'
  #apps: KnownAppsPage = EMPTY_PAGE
  #offlineSinceMs: number | null = Date.now()
  #drawn: readonly string[] = []
  readonly #timer: NodeJS.Timeout
  readonly #onResize = (): void => this.#draw()
  readonly #onKey = (bytes: Buffer): void => {
    // A key that sends a sequence is none of ours.
    if (bytes.length > 1 && bytes[0] === 0x1b) return
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
    // The first app replaces the first screen, unless a key has opened the QR since.
    if (connectedApps(state).length > connectedApps(this.#state).length) this.#page = 'usual'
    this.#state = state
    this.#offlineSinceMs = state.link === 'online' ? null : (this.#offlineSinceMs ?? Date.now())
    if (this.#page === 'apps') void this.#listApps()
    this.#draw()
  }

  note(line: string): void {
    const time = new Date().toTimeString().slice(0, 8)
    this.#replace([], `${time}  ${printableLines(line)}\n`)
    this.#draw()
  }

  copy(text: string): void {
    this.#call.stderr.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`)
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
    if (this.#page === 'apps' && this.#state.prompt === null && this.#pressOnApps(key)) return this.#draw()
    if (key === 'n') return this.#wishes.newCode()
    if (key === 'c') return this.#wishes.copyUrl()
    if (key === 'v') return this.#wishes.viewOnly()
    if (key === 'a') return this.#wishes.toggleRight('approve')
    if (key === 's') return this.#wishes.toggleRight('send')
    if (key === 'l') return this.#wishes.toggleLock()
    if (key === ESCAPE && this.#page === 'apps' && this.#apps.sure)
      this.#apps = { ...this.#apps, sure: false }
    else if (key === ESCAPE) this.#page = 'usual'
    if (key === 'w') return this.#wishes.nextAddress()
    if (key === 'o') this.#showConsole()
    if (key === 'd') this.#showApps()
    if (key === 'y') return this.#wishes.accept()
    if (key === 'q') this.#page = this.#page === 'qr' ? 'usual' : 'qr'
    if (key === '?') {
      this.#page = this.#page === 'whole' ? 'usual' : 'whole'
      if (this.#page === 'whole') for (const line of HELP) this.#replace([], `  ${line}\n`)
    }
    this.#draw()
  }

  /** A broker that runs elsewhere has its console there. */
  #showConsole(): void {
    const address = this.#state.listening?.consoleUrl ?? null
    if (address === null) return this.note('Only the operator of the broker has a console link.')
    this.#page = this.#page === 'console' ? 'usual' : 'console'
    if (this.#page === 'console') this.copy(address)
  }

  #showApps(): void {
    this.#page = this.#page === 'apps' ? 'usual' : 'apps'
    this.#apps = EMPTY_PAGE
    if (this.#page === 'apps') void this.#listApps()
  }

  async #listApps(): Promise<void> {
    this.#apps = withApps(this.#apps, (await this.#wishes.listApps()) ?? [])
    if (this.#page === 'apps') this.#draw()
  }

  /** Whether the key was one of the page's own. */
  #pressOnApps(key: string): boolean {
    const pressed = pressedOn(this.#apps, key)
    if (pressed === null) return false
    this.#apps = pressed.page
    if (pressed.revoke !== null) void this.#wishes.revoke(pressed.revoke).then(() => this.#listApps())
    return true
  }

  #lines(view: View): string[] {
    if (this.#state.prompt !== null) return pinScreen(view, this.#state.prompt)
    if (this.#page === 'qr') return qrScreen(view)
    if (this.#page === 'apps') return knownAppsScreen(view, this.#apps)
    if (this.#page === 'console') {
      const address = this.#state.listening?.consoleUrl ?? null
      if (address !== null) return addressScreen(view, CONSOLE_TITLE, address)
    }
    if (this.#page === 'whole') return plainScreen(view)
    const busy = connectedApps(this.#state).length > 0
    return busy ? statusLine(view) : firstScreen(view)
  }

  #draw(): void {
    const { stderr, manner } = this.#call
    const { cols, rows } = windowSize(stderr)
    const lines = this.#lines({
      state: this.#state,
      machine: this.#machine,
      nowMs: Date.now(),
      offlineSinceMs: this.#offlineSinceMs,
      columns: cols,
      rows,
      paint: paintWith(manner.color),
      qr: manner.qr,
      keys: manner.keys ? 'keys' : '',
    })
    this.#replace(lines)
  }

  /** Puts `lines` where the block was, after `above`, which stays. In one write, so that nothing flickers. */
  #replace(wanted: readonly string[], above = ''): void {
    const { stderr } = this.#call
    const lines = wanted.map(paintedOnly)
    if (above === '' && lines.join('\n') === this.#drawn.join('\n')) return
    // Rows are counted by today's width: after a resize the terminal has broken the old lines anew.
    const rows = rowsOf(this.#drawn, stderr.columns ?? 80)
    const up = rows > 0 ? `\u001b[${rows}A` : ''
    const block = lines.map((line) => `${line}\n`).join('')
    stderr.write(`${up}${CLEAR_BELOW}${above}${block}`)
    this.#drawn = lines
  }
}

const CONSOLE_TITLE = 'The console of this broker. The link signs one browser in, once:'
