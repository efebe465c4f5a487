import type { TerminalSink } from './link.ts'

/**
 * Takes what a watch says before there is anything to draw it on, and hands it on in its order. The machine sends no more than its
 * first window (32 KiB) and one picture before something is drawn.
 */
export class WaitingSink implements TerminalSink {
  #sink: TerminalSink | null = null
  #waiting: ((sink: TerminalSink) => void)[] = []

  /** Everything so far, and all that follows, is drawn there. */
  drawOn(sink: TerminalSink): void {
    this.#sink = sink
    const waiting = this.#waiting
    this.#waiting = []
    for (const say of waiting) say(sink)
  }

  write(...said: Parameters<TerminalSink['write']>): void {
    this.#say((sink) => sink.write(...said))
  }

  reset(...said: Parameters<TerminalSink['reset']>): void {
    this.#say((sink) => sink.reset(...said))
  }

  gap(byteCount: number): void {
    this.#say((sink) => sink.gap(byteCount))
  }

  size(...said: Parameters<TerminalSink['size']>): void {
    this.#say((sink) => sink.size(...said))
  }

  exited(...said: Parameters<TerminalSink['exited']>): void {
    this.#say((sink) => sink.exited(...said))
  }

  gone(): void {
    this.#say((sink) => sink.gone())
  }

  #say(say: (sink: TerminalSink) => void): void {
    if (this.#sink === null) this.#waiting.push(say)
    else say(this.#sink)
  }
}
