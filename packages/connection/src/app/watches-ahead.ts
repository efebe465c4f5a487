import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Cancel, Platform } from '../transport.ts'
import type { TerminalSink } from './link.ts'
import type { Watch } from './terminal-watch.ts'
import { WaitingSink } from './waiting-sink.ts'

/** A page needs less to draw a terminal that it has just opened. */
const DRAWN_WITHIN_MS = 10_000

/** Watches that began before they are drawn: a terminal that is being opened, or will be in front when the machine is reached. */
export class WatchesAhead {
  readonly #after: Platform['after']
  readonly #waiting = new Map<
    number,
    { readonly watch: Watch; readonly sink: WaitingSink; readonly stop: Cancel }
  >()

  constructor({ after }: Pick<Platform, 'after'>) {
    this.#after = after
  }

  /** Begins a watch that waits to be drawn; after ten seconds it is left. */
  begin(watchOn: (sink: TerminalSink) => Watch): Watch {
    const sink = new WaitingSink()
    const watch = watchOn(sink)
    const stop = this.#after(DRAWN_WITHIN_MS, () => this.#leave(watch.terminal))
    this.#waiting.set(watch.terminal, { watch, sink, stop })
    return watch
  }

  /** The watch of that terminal, drawn there from now on; null when none waits. */
  drawOn(terminal: number, size: Size, sink: TerminalSink): Watch | null {
    const ahead = this.#waiting.get(terminal)
    if (ahead === undefined) return null
    this.ended(terminal)
    ahead.sink.drawOn(sink)
    // After a short wait: a page that is being laid out has several sizes, and ends with the one that was there before.
    ahead.watch.resize(size)
    return ahead.watch
  }

  /** It waits no more. */
  ended(terminal: number): void {
    this.#waiting.get(terminal)?.stop()
    this.#waiting.delete(terminal)
  }

  /** The connection is lost: a page that draws later watches anew. */
  leaveAll(): void {
    for (const terminal of [...this.#waiting.keys()]) this.#leave(terminal)
  }

  #leave(terminal: number): void {
    const ahead = this.#waiting.get(terminal)
    this.ended(terminal)
    ahead?.watch.detach()
  }
}
