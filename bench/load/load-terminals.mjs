/**
 * Terminals without programs, screens and pseudo-terminals, for the channels of a real runner: they print by a pace, echo
 * each key, keep their output as a runner does, and send it within each app's credit. So thousands fit into one process, and
 * their frames are a runner's.
 */
import { InputLedger } from '@latchkey/domain/terminal/input-ledger'
import { PACES, printed } from './paces.mjs'

const { KeptOutput } = await import('../../apps/runner/dist/terminal/kept-output.js')
const { ledgerKey, Viewer } = await import('../../apps/runner/dist/terminal/viewer.js')

const SIZE = { cols: 80, rows: 24 }
const TURN_MS = 25
/** As a keeper's: a program that prints more than apps take waits. */
const WAITS_AT_BYTES = 256 * 1024
/** A turn that comes later than this has lost the difference. */
const LATE_MS_MAX = 2_000

/** One machine's terminals: as many as it is asked to open, all of one pace. */
export class LoadTerminals {
  #all = new Map()
  #pace
  #turns

  /** @param turns drives the output of every machine in this process */
  constructor(pace, turns) {
    this.#pace = pace
    this.#turns = turns
  }

  get list() {
    return [...this.#all.values()].map(({ info }) => info)
  }

  get(number) {
    return this.#all.get(number) ?? null
  }

  async open() {
    const terminal = new LoadTerminal(this.#all.size + 1, this.#pace)
    this.#all.set(terminal.number, terminal)
    this.#turns.add(terminal)
    return { ok: true, terminal }
  }

  close(terminal) {
    this.#all.delete(terminal.number)
    this.#turns.delete(terminal)
  }

  folderOf() {
    return '/'
  }
}

class LoadTerminal {
  past = null
  recording = { start: async () => 'no recordings here', stop: () => {} }
  #pace
  #output = new KeptOutput({ start: 0, end: 0 })
  #ledger = new InputLedger()
  #viewers = new Set()
  #dueMs = 0
  #offset = 0

  constructor(number, pace) {
    this.number = number
    this.#pace = PACES[pace]
    this.#output.begin({ start: 0, end: 0 })
  }

  get info() {
    const watchers = [...this.#viewers].map(({ port: { app, label, mayType } }) => ({ app, label, mayType }))
    return { terminal: this.number, name: 'load', ...SIZE, owner: null, watchers, exit: null, secret: false }
  }

  attach(port, writer, from) {
    const attached = this.#ledger.attach(ledgerKey(port, writer), port.connection)
    if (attached.status !== 'attached') return attached.status
    const viewer = new Viewer({
      port,
      writer,
      terminal: this.number,
      ring: this.#output,
      from,
      redraw: false,
      // The picture of a screen names its offset, so that the app knows which byte comes next.
      requestSnapshot: (asking) =>
        queueMicrotask(() => {
          if (!this.#viewers.has(asking)) return
          const bytes = Buffer.from(`@${this.#output.end}`)
          asking.restore({ offset: this.#output.end, ...SIZE, bytes }, false)
          asking.pump(null)
        }),
    })
    this.#viewers.add(viewer)
    return { viewer, applied: attached.applied }
  }

  detach(viewer) {
    this.#viewers.delete(viewer)
    this.#ledger.detach(ledgerKey(viewer.port, viewer.writer), viewer.port.connection)
  }

  grant(viewer, upTo) {
    viewer.grant(upTo)
    viewer.pump(null)
  }

  pump(viewer) {
    viewer.pump(null)
  }

  giveUp(port, writers) {
    for (const writer of writers) this.#ledger.giveUp(ledgerKey(port, writer))
  }

  type(viewer, from, bytes) {
    const { port, writer } = viewer
    const applied = this.#ledger.apply(ledgerKey(port, writer), port.connection, from, bytes)
    if (applied.status === 'past') return 'past'
    if (applied.status === 'hole' || applied.status === 'unknown') return 'gap'
    port.tell({ type: 'applied', terminal: this.number, upTo: applied.upTo })
    if (applied.status === 'applied') this.#print(applied.fresh)
    return 'typed'
  }

  /** Prints all that is due since the last turn. A turn that comes late makes up for it, as a program does. */
  turn(nowMs) {
    const { bytesPerSecond, everyMs } = this.#pace
    if (bytesPerSecond === 0 || this.#viewers.size === 0) return
    // Spread over the pace, so that not all print in one turn.
    if (this.#dueMs === 0) this.#dueMs = nowMs + Math.random() * everyMs
    this.#dueMs = Math.max(this.#dueMs, nowMs - LATE_MS_MAX)
    for (; this.#dueMs <= nowMs; this.#dueMs += everyMs) {
      const waits = [...this.#viewers].every((viewer) => this.#output.end - viewer.offset > WAITS_AT_BYTES)
      if (!waits) this.#print(printed(this.#offset, (bytesPerSecond * everyMs) / 1_000))
    }
  }

  #print(bytes) {
    this.#output.append(bytes)
    this.#offset += bytes.length
    for (const viewer of this.#viewers) viewer.pump(null)
  }

  wishSize() {}
  takeSize() {}
  rename() {}
  scrollback() {}
}

/** The turns of all terminals of a process: one timer. Answers with its set of terminals. */
export function turning() {
  const terminals = new Set()
  setInterval(() => {
    const nowMs = performance.now()
    for (const terminal of terminals) terminal.turn(nowMs)
  }, TURN_MS)
  return terminals
}
