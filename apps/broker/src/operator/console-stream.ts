import type { ServerResponse } from 'node:http'
import { EventStreams } from '../http/event-streams.ts'
import { failureFields, type Log } from '../log/log.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'
import type { ConsoleView } from './console-view.ts'

const EVENT_EVERY_MS_MIN = 250
/** Round trips and lag change without a beat. */
const EVENT_EVERY_MS_MAX = 5_000
const STREAMS_MAX = 32
/** A console that does not read is ended: it comes back by itself. */
const QUEUED_BYTES_MAX = 256 * 1024

interface Parts {
  readonly view: ConsoleView
  readonly changes: ChangeSignal
  readonly log: Log
}

/** Sends the operator's picture over Server-Sent Events: at once, and again whenever something in it changed. */
export class ConsoleStream {
  readonly #streams = new EventStreams(STREAMS_MAX)

  constructor(private readonly parts: Parts) {}

  get isFull(): boolean {
    return this.#streams.isFull
  }

  /**
   * @param until when the session ends, milliseconds since the epoch
   * @param isValid asked before each event, so that signing out ends the stream
   */
  begin(response: ServerResponse, until: number, isValid: () => Promise<boolean>): void {
    let timer: NodeJS.Timeout | null = null
    let sentAtMs = Number.NEGATIVE_INFINITY
    let sending = false
    let changed = false

    const stream = this.#streams.begin(response, () => {
      stopListening()
      if (timer !== null) clearTimeout(timer)
    })
    const send = async () => {
      timer = null
      if (stream.queuedBytes > QUEUED_BYTES_MAX) return stream.end()
      sending = true
      changed = false
      sentAtMs = performance.now()
      try {
        if (!(await isValid())) return stream.end()
        stream.send(await this.parts.view.make(until))
      } catch (problem) {
        this.parts.log.error('console.failed', failureFields(problem))
      }
      sending = false
      if (stream.isOpen) wait(changed ? EVENT_EVERY_MS_MIN : EVENT_EVERY_MS_MAX)
    }
    const wait = (ms: number) => {
      if (timer !== null) clearTimeout(timer)
      timer = setTimeout(send, Math.max(0, sentAtMs + ms - performance.now()))
    }
    const stopListening = this.parts.changes.listen(() => {
      if (!changed && !sending) wait(EVENT_EVERY_MS_MIN)
      changed = true
    })
    void send()
  }

  stop(): void {
    this.#streams.stop()
  }
}
