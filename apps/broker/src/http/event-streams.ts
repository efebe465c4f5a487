import type { ServerResponse } from 'node:http'

/** The line is held open by a comment now and then. */
const HEARTBEAT_EVERY_MS = 15_000

/** One open stream of Server-Sent Events. */
export interface EventStream {
  readonly isOpen: boolean
  /** bytes that the client has not read yet */
  readonly queuedBytes: number
  send(event: unknown): void
  end(): void
}

/** Server-Sent Events to browsers, a bounded number of streams at once. */
export class EventStreams {
  readonly #open = new Set<EventStream>()

  constructor(private readonly streamsMax: number) {}

  get isFull(): boolean {
    return this.#open.size >= this.streamsMax
  }

  /** @param onEnd called once, whichever end closes the stream */
  begin(response: ServerResponse, onEnd: () => void): EventStream {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.flushHeaders()
    const open = this.#open
    const stream: EventStream = {
      get isOpen() {
        return open.has(stream)
      },
      get queuedBytes() {
        return response.writableLength
      },
      send: (event) => void response.write(`data: ${JSON.stringify(event)}\n\n`),
      end: () => {
        if (!open.delete(stream)) return
        clearInterval(heartbeat)
        onEnd()
        response.end()
      },
    }
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_EVERY_MS)
    open.add(stream)
    response.on('close', stream.end)
    response.on('error', () => {}) // 'close' follows
    return stream
  }

  stop(): void {
    for (const stream of this.#open) stream.end()
  }
}
