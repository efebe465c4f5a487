import type { ServerResponse } from 'node:http'
import { failureFields, type Log } from '../log/log.ts'
import type { Pulse } from '../shell/pulse.ts'
import type { ConsoleView } from './console-view.ts'

const EVENT_EVERY_MS_MIN = 250
/** Round trips and lag change without a beat. */
const EVENT_EVERY_MS_MAX = 5_000
const HEARTBEAT_EVERY_MS = 15_000
const STREAMS_MAX = 32
/** A console that does not read is ended: it comes back by itself. */
const QUEUED_BYTES_MAX = 256 * 1024

interface Parts {
  readonly view: ConsoleView
  readonly pulse: Pulse
  readonly log: Log
}

/** Sends the operator's picture over Server-Sent Events: at once, and again whenever something in it changed. */
export class ConsoleStream {
  readonly #open = new Set<() => void>()

  constructor(private readonly parts: Parts) {}

  get isFull(): boolean {
    return this.#open.size >= STREAMS_MAX
  }

  /**
   * @param until when the session ends, milliseconds since the epoch
   * @param isValid asked before each event, so that signing out ends the stream
   */
  begin(response: ServerResponse, until: number, isValid: () => Promise<boolean>): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    let timer: NodeJS.Timeout | null = null
    let sentAtMs = Number.NEGATIVE_INFINITY
    let sending = false
    let changed = false

    const end = () => {
      stopListening()
      clearInterval(heartbeat)
      if (timer !== null) clearTimeout(timer)
      this.#open.delete(end)
      response.end()
    }
    const send = async () => {
      timer = null
      if (response.writableLength > QUEUED_BYTES_MAX) return end()
      sending = true
      changed = false
      sentAtMs = performance.now()
      try {
        if (!(await isValid())) return end()
        response.write(`data: ${JSON.stringify(await this.parts.view.make(until))}\n\n`)
      } catch (problem) {
        this.parts.log.error('console.failed', failureFields(problem))
      }
      sending = false
      if (this.#open.has(end)) wait(changed ? EVENT_EVERY_MS_MIN : EVENT_EVERY_MS_MAX)
    }
    const wait = (ms: number) => {
      if (timer !== null) clearTimeout(timer)
      timer = setTimeout(send, Math.max(0, sentAtMs + ms - performance.now()))
    }
    const stopListening = this.parts.pulse.listen(() => {
      if (!changed && !sending) wait(EVENT_EVERY_MS_MIN)
      changed = true
    })
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_EVERY_MS)
    this.#open.add(end)
    response.on('close', end)
    response.on('error', () => {}) // 'close' follows
    void send()
  }

  stop(): void {
    for (const end of this.#open) end()
  }
}
