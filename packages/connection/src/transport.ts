/** The parts that a platform hands in: browsers their WebSocket, Node the `ws` package. */

/** A binary socket that is open. Frames arrive whole and in order, or the socket ends. */
export interface BinarySocket {
  send(frame: Uint8Array): void
  /** Ends the socket at once: nothing is heard of it after this but `onEnd`. */
  close(): void
  /** bytes handed to `send` that have not left yet */
  readonly bufferedBytes: number
  onFrame: (frame: Uint8Array) => void
  /** called once, also when this end closed */
  onEnd: () => void
}

/** Opens `url` (ws: or wss:); rejects when it cannot be opened within `timeoutMs`. */
export type OpenBinarySocket = (url: string, timeoutMs: number) => Promise<BinarySocket>

/** Ends a timer or a subscription; doing it twice is doing it once. */
export type Cancel = () => void

/** Clock, timers and randomness of the platform, so that tests can hold them. */
export interface Platform {
  readonly openSocket: OpenBinarySocket
  readonly randomBytes: (byteCount: number) => Uint8Array
  readonly nowMs: () => number
  /** runs `run` once after `delayMs`, unless cancelled */
  readonly after: (delayMs: number, run: () => void) => Cancel
}

/** Runs `run` every `everyMs`, for the first time after that long, until cancelled. */
export function repeat({ after }: Pick<Platform, 'after'>, everyMs: number, run: () => void): Cancel {
  let isOver = false
  let stop: Cancel = () => {}
  const wait = () => {
    stop = after(everyMs, () => {
      run()
      if (!isOver) wait()
    })
  }
  wait()
  return () => {
    isOver = true
    stop()
  }
}
