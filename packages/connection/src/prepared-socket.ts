import type { BinarySocket, Cancel, Platform } from './transport.ts'

/** A broker ends a connection that shows no ticket within five seconds. */
const KEPT_MS = 4_000

/** A connection that is opened before it is needed. Taken once, or closed by itself after four seconds. */
export class PreparedSocket {
  readonly #opening: Promise<BinarySocket | null>
  #isGone = false
  #stopWaiting: Cancel = () => {}

  constructor({ openSocket, after }: Pick<Platform, 'openSocket' | 'after'>, url: string, timeoutMs: number) {
    this.#opening = openSocket(url, timeoutMs).then(
      (socket) => {
        if (this.#isGone) return closed(socket)
        socket.onEnd = () => {
          this.#isGone = true
          this.#stopWaiting()
        }
        this.#stopWaiting = after(KEPT_MS, () => socket.close())
        return socket
      },
      () => null,
    )
  }

  /** Null when it cannot be had: it was not opened, was lost, or was given to another caller. */
  async take(): Promise<BinarySocket | null> {
    const socket = await this.#opening
    if (socket === null || this.#isGone) return null
    this.#isGone = true
    this.#stopWaiting()
    socket.onEnd = () => {}
    return socket
  }

  /** Closes it, unless it was taken. */
  drop(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#stopWaiting()
    void this.#opening.then(closed)
  }
}

function closed(socket: BinarySocket | null): null {
  socket?.close()
  return null
}
