import { InputGate } from '@latchkey/connection/app/input-gate'
import type { AppLink, TerminalWatch } from '@latchkey/connection/app/link'
import type { EndReason, LinkState } from '@latchkey/connection/app/link-state'
import { QueryFilter } from '@latchkey/connection/app/query-filter'
import type { SealRefusal } from '@latchkey/connection/app/sealer'
import { assertNever } from '@latchkey/domain/kernel'
import { printable } from '@latchkey/protocol/printable'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Invocation } from '../command.ts'
import { DetachKeys, KEYS_HELP, type KeyCommand } from './detach-keys.ts'
import { fitNotice } from './fit-notice.ts'
import { type Screen, screenOf } from './screen.ts'

/** How being attached ended. */
export type Parted = Parting & {
  /** how often a program wanted to write to the clipboard, which attach does not pass on */
  readonly clipboardWrites: number
}

type Parting =
  | { readonly why: 'exited'; readonly code: number; readonly signal: number | null }
  | { readonly why: 'detached' }
  | { readonly why: 'closed' }
  | { readonly why: 'lost'; readonly reason: EndReason }
  | { readonly why: 'refused'; readonly refusal: SealRefusal }
  | { readonly why: 'interrupted' }

export interface AttachedOptions {
  readonly call: Invocation
  readonly link: AppLink
  readonly terminal: number
  /** only look: nothing is typed, no size is asked for */
  readonly view: boolean
  /** At the end of a piped input: type Ctrl-D in a terminal that this call opened, or detach from another one. */
  readonly ownTerminal: boolean
}

/** Somebody else's terminal is left when its output has rested for so long after the last piped input. */
const REST_MS = 1_000
const SHOWN_MS = 4_000
/** The size that this window asks for comes after its coalescing and the way there and back. */
const SIZE_SETTLES_MS = 1_000
const CTRL_D = Uint8Array.of(4)
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const

/** Joins this process's input and output with one terminal, until either ends. The terminal is given back in any case. */
export function stayAttached(options: AttachedOptions): Promise<Parted> {
  return new Promise((resolve) => new Attached(options, resolve).begin())
}

class Attached {
  readonly #options: AttachedOptions
  readonly #screen: Screen
  readonly #resolve: (parted: Parted) => void
  readonly #keys = new DetachKeys()
  #queries: QueryFilter
  /** the terminal's size at the last drawing; null before the first snapshot */
  #terminalSize: Size | null = null
  #fitTimer: NodeJS.Timeout | null = null
  #isRecorded = false
  /** the sentence that was shown: once for each pair of sizes */
  #fitShown = ''
  #clipboardWrites = 0
  readonly #watch: TerminalWatch
  readonly #gate: InputGate
  #inputEnded = false
  #restTimer: NodeJS.Timeout | null = null
  #showTimer: NodeJS.Timeout | null = null
  #parted = false
  readonly #cleanUps: (() => void)[] = []

  constructor(options: AttachedOptions, resolve: (parted: Parted) => void) {
    this.#options = options
    this.#resolve = resolve
    this.#screen = screenOf(options.call)
    this.#queries = this.#newFilter()
    const { stdin } = options.call
    this.#gate = new InputGate({
      type: (bytes) => this.#watch.type(bytes),
      room: () => this.#watch.room,
      pause: () => {
        stdin.pause()
        this.#linkIs(options.link.state.current)
      },
      resume: () => {
        stdin.resume()
        this.#linkIs(options.link.state.current)
      },
    })
    // The last: it tells the terminal's size at once.
    this.#watch = this.#beginWatch()
  }

  begin(): void {
    const { link, call } = this.#options
    this.#screen.onResize((size) => {
      this.#watch.resize(size)
      this.#fits()
    })
    this.#cleanUps.push(link.state.subscribe((state) => this.#linkIs(state)))
    this.#cleanUps.push(link.terminals.subscribe(() => this.#recordedIs()))
    this.#recordedIs()
    for (const signal of SIGNALS) {
      const interrupted = () => this.#part({ why: 'interrupted' })
      process.once(signal, interrupted)
      this.#cleanUps.push(() => process.off(signal, interrupted))
    }
    // During a stop (Ctrl-Z of an outer shell) another program may have changed the terminal, and time has passed.
    const continued = () => link.wake()
    process.on('SIGCONT', continued)
    this.#cleanUps.push(() => process.off('SIGCONT', continued))
    this.#readInput(call.stdin)
  }

  #beginWatch(): TerminalWatch {
    const { link, terminal, call } = this.#options
    const screen = this.#screen
    const draw = (bytes: Uint8Array, drawn: () => void) => {
      this.#rested()
      // A program's questions were answered by the machine; a second answer would be typed.
      screen.write(this.#queries.filter(bytes), drawn)
    }
    const watch = link.watch(terminal, screen.size, {
      write: draw,
      reset: (snapshot, drawn) => {
        this.#queries = this.#newFilter()
        screen.clear()
        draw(snapshot.bytes, drawn)
        this.#sizeIs(snapshot)
      },
      gap: (byteCount) => call.emit({ event: 'gap', bytes: byteCount }),
      size: (size) => {
        call.emit({ event: 'size', ...size })
        this.#sizeIs(size)
      },
      exited: (exit) => this.#part({ why: 'exited', ...exit }),
      gone: () => this.#part({ why: 'closed' }),
    })
    watch.held.subscribe((held) => {
      // The answer comes from where a long paste waits.
      this.#gate.asking(held !== null)
      if (held !== null) this.#askHeld(held.byteCount, held.sinceMs)
    })
    watch.pending.subscribe(() => {
      this.#gate.pump()
      if (this.#inputEnded) this.#rested()
    })
    return watch
  }

  #readInput(stdin: NodeJS.ReadStream): void {
    const onData = (bytes: Buffer) => {
      if (stdin.isTTY) this.#fromKeys(bytes)
      else this.#type(bytes)
    }
    const onEnd = () => {
      this.#inputEnded = true
      if (this.#options.ownTerminal && !this.#options.view) this.#type(CTRL_D)
      this.#rested()
    }
    stdin.on('data', onData)
    stdin.once('end', onEnd)
    stdin.resume()
    this.#cleanUps.push(() => {
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.pause()
      stdin.unref()
    })
  }

  #fromKeys(bytes: Uint8Array): void {
    if (this.#watch.held.current !== null && this.#answerHeld(bytes)) return
    for (const typing of this.#keys.read(bytes)) {
      if (this.#parted) return
      if (typing.do === 'type') this.#type(typing.bytes)
      else this.#command(typing.do)
    }
  }

  #type(bytes: Uint8Array): void {
    if (this.#options.view) return
    switch (this.#gate.offer(bytes)) {
      case 'taken':
        return
      case 'view-only':
        return this.#show(['The machine lets you look, not type.'])
      case 'ended':
        return
    }
  }

  #command(command: KeyCommand): void {
    const { link } = this.#options
    switch (command) {
      case 'detach':
        return this.#part({ why: 'detached' })
      case 'take-size':
        return this.#options.view ? undefined : this.#watch.takeSize(this.#screen.size)
      case 'reconnect':
        return link.reconnectNow()
      case 'help':
        return this.#show(KEYS_HELP)
      default:
        return assertNever(command)
    }
  }

  #newFilter(): QueryFilter {
    return new QueryFilter({ ...this.#screen.hooks, clipboard: () => (this.#clipboardWrites += 1) })
  }

  #sizeIs({ cols, rows }: Size): void {
    this.#terminalSize = { cols, rows }
    this.#fits()
  }

  /** Says in the title, and after a while on the screen, that the terminal is larger than this window. */
  #fits(): void {
    this.#linkIs(this.#options.link.state.current)
    if (this.#fitTimer !== null) clearTimeout(this.#fitTimer)
    this.#fitTimer = null
    const sentence = this.#fitNotice?.sentence ?? ''
    if (sentence === '' || sentence === this.#fitShown) return
    // A size that was just asked for comes in a moment.
    this.#fitTimer = setTimeout(() => {
      this.#fitShown = sentence
      this.#show([sentence])
    }, SIZE_SETTLES_MS)
  }

  /** Says when a recording on the machine begins and ends; the title says it all the time. */
  #recordedIs(): void {
    const { link, terminal, call } = this.#options
    const info = link.terminals.current.find((one) => one.terminal === terminal)
    const isRecorded = info?.recording === true
    if (info === undefined || isRecorded === this.#isRecorded) return
    this.#isRecorded = isRecorded
    call.emit({ event: isRecorded ? 'recording' : 'recorded' })
    this.#show([isRecorded ? 'The machine records this terminal.' : 'The recording of this terminal ended.'])
    this.#linkIs(link.state.current)
  }

  get #fitNotice() {
    return fitNotice(this.#terminalSize, this.#screen.size, !this.#options.view)
  }

  /** Lines for a while; then the screen is drawn as it should be. */
  #show(lines: readonly string[]): void {
    this.#screen.overlay(lines)
    if (this.#showTimer !== null) clearTimeout(this.#showTimer)
    this.#showTimer = setTimeout(() => this.#watch.redraw(), SHOWN_MS)
  }

  #askHeld(byteCount: number, sinceMs: number): void {
    const since = clock(sinceMs)
    this.#options.call.emit({ event: 'held', bytes: byteCount, sinceMs })
    // Piped input has no person to ask: send it.
    if (!this.#options.call.stdin.isTTY) return this.#watch.sendHeld()
    this.#screen.overlay([`${byteCount} bytes typed since ${since} were not sent. Send them now? y / n`])
  }

  /** Whether `bytes` were the answer. Other input joins the held input, and the question stays. */
  #answerHeld(bytes: Uint8Array): boolean {
    const answer = bytes.length === 1 ? String.fromCharCode(bytes[0] ?? 0).toLowerCase() : ''
    if (answer !== 'y' && answer !== 'n') return false
    if (answer === 'y') this.#watch.sendHeld()
    else this.#watch.discardHeld()
    this.#watch.redraw()
    return true
  }

  #linkIs(state: LinkState): void {
    if (this.#parted) return
    const machine = printable(this.#options.link.machine.current?.name ?? 'the machine')
    switch (state.status) {
      case 'live':
        return this.#screen.title(this.#liveTitle(machine))
      case 'connecting':
      case 'catching-up':
        return this.#screen.title(`${machine}: catching up`)
      case 'reconnecting':
        return this.#screen.title(`${machine}: no link since ${clock(state.sinceMs)}`)
      case 'machine-offline':
        return this.#screen.title(`${machine} is offline since ${clock(state.sinceMs)}`)
      case 'unpaired':
        return this.#part({ why: 'lost', reason: 'unpaired' })
      // A known machine asks for no PIN. If one does, this screen has no field for it.
      case 'pin-wanted':
        return this.#options.link.cancelPin()
      case 'refused':
        return this.#part({ why: 'refused', refusal: state.refusal })
      case 'ended':
        return this.#part({ why: 'lost', reason: state.reason })
      default:
        return assertNever(state)
    }
  }

  #liveTitle(machine: string): string {
    if (this.#gate.isPaused) return `${machine}: what is typed waits until the program reads`
    const notice = this.#fitNotice
    const facts = [...(this.#isRecorded ? ['recorded'] : []), ...(notice === null ? [] : [notice.title])]
    return facts.length === 0 ? machine : `${machine}: ${facts.join(', ')}`
  }

  /** A piped input ended in a terminal that this call did not open: detach once all is typed and the output has come. */
  #rested(): void {
    if (this.#restTimer !== null) clearTimeout(this.#restTimer)
    this.#restTimer = null
    if (this.#gate.waitingByteCount > 0) return
    const { ownTerminal, view } = this.#options
    if (!this.#inputEnded || (ownTerminal && !view) || this.#watch.pending.current.byteCount > 0) return
    this.#restTimer = setTimeout(() => this.#part({ why: 'detached' }), REST_MS)
  }

  #part(parting: Parting): void {
    if (this.#parted) return
    this.#parted = true
    for (const timer of [this.#restTimer, this.#showTimer, this.#fitTimer])
      if (timer !== null) clearTimeout(timer)
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp()
    if (parting.why !== 'exited' && parting.why !== 'closed') this.#watch.detach()
    // Write pending output first, then the sequences that restore the terminal.
    this.#screen.write(this.#queries.end(), () => {
      this.#screen.restore()
      this.#resolve({ ...parting, clipboardWrites: this.#clipboardWrites })
    })
  }
}

const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8)
