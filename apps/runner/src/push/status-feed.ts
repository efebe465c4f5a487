import { BoundedMap } from '@latchkey/domain/bounded'
import type { StatusListener, TerminalStatus } from '../attention/terminal-status.ts'
import type { Push } from './push-feature.ts'

/** A shorter command is done before a person looks away. */
const LONG_COMMAND_MS = 10_000
/** more than a machine has terminals */
const TERMINALS_MAX = 64

/** Turns changes of terminals' statuses into news. A status is told for many reasons; news is only its state. */
export class StatusFeed implements StatusListener {
  readonly #push: Pick<Push, 'notify' | 'settle'>
  readonly #nameOf: (terminal: number) => string
  readonly #beganAtMs: number
  /** by terminal, as it was told last */
  readonly #last = new BoundedMap<number, TerminalStatus>(TERMINALS_MAX)

  /**
   * @param nameOf how people call a terminal whose program has no name
   * @param beganAtMs a state that began before then, epoch milliseconds, is no news
   */
  constructor(
    push: Pick<Push, 'notify' | 'settle'>,
    nameOf: (terminal: number) => string,
    beganAtMs: number,
  ) {
    this.#push = push
    this.#nameOf = nameOf
    this.#beganAtMs = beganAtMs
  }

  changed(status: TerminalStatus): void {
    const { terminal, state, sinceMs } = status
    const before = this.#last.get(terminal)
    this.#last.renew(terminal, status)
    if (sinceMs < this.#beganAtMs || (before?.state === state && before.sinceMs === sinceMs)) return
    switch (state) {
      case 'working':
        return this.#push.settle(terminal)
      case 'idle':
        // A shell is idle right after its command is done.
        if (before?.state === 'needs-you') this.#push.settle(terminal)
        return
      case 'needs-you':
        return this.#tell(status, 'needs-you')
      case 'failed':
        return this.#tell(status, 'failed')
      case 'done':
        if (before?.state === 'working' && sinceMs - before.sinceMs >= LONG_COMMAND_MS)
          this.#tell(status, 'done')
    }
  }

  gone(terminal: number): void {
    this.#last.delete(terminal)
    this.#push.settle(terminal)
  }

  #tell(status: TerminalStatus, kind: 'needs-you' | 'failed' | 'done'): void {
    const { terminal, program, title, message, lastLines } = status
    this.#push.notify({
      terminal,
      kind,
      title: [program, title].find((text) => text !== undefined && text !== '') ?? this.#nameOf(terminal),
      body: message ?? lastLines.at(-1) ?? '',
    })
  }
}
