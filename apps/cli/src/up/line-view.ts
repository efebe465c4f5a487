import type { Invocation } from '../command.ts'
import type { UpState } from './facts.ts'
import type { UpView } from './live-view.ts'
import type { Machine } from './machine.ts'
import { paintWith } from './paint.ts'
import { plainScreen } from './screen.ts'

/** What a pipe, a log or a dumb terminal gets: the first screen once, then a line whenever something happened. */
export class LineView implements UpView {
  readonly #call: Invocation
  readonly #machine: Machine
  #code: string | null = null

  constructor(call: Invocation, machine: Machine) {
    this.#call = call
    this.#machine = machine
  }

  show(state: UpState): void {
    const { listening, code } = state
    if (listening === null || code === null || code.text === this.#code) return
    const first = this.#code === null
    this.#code = code.text
    const view = {
      state,
      machine: this.#machine,
      nowMs: Date.now(),
      offlineSinceMs: null,
      // A link is one word, whatever its length.
      columns: 100,
      rows: Number.POSITIVE_INFINITY,
      // Lines that stay, or go to a program: without colours.
      paint: paintWith(false),
      qr: false,
      keys: '',
    }
    if (first) for (const line of plainScreen(view)) this.#call.say(line)
    else this.note(`The code is now ${code.text}.`)
  }

  note(line: string): void {
    this.#call.say(`${new Date().toISOString()}  ${line}`)
  }

  /** This view reads no keys. */
  copy(): void {}

  end(): void {}
}
