import type { Socket } from 'node:net'
import { BulkPace } from '@latchkey/connection/app/bulk-pace'
import { PORT_AHEAD_BYTES_MAX, PORT_CHUNK_BYTES_MAX } from '@latchkey/protocol/terminal/ports'

/** What one end says to the other about a connection. */
export interface CarriedWire {
  /** whether bytes may be sent now */
  readonly isOpen: () => boolean
  readonly send: (offset: number, bytes: Uint8Array) => void
  /** the other end may send up to this offset */
  readonly granted: (upTo: number) => void
  readonly ended: (how: 'end' | 'reset') => void
  /** Called once, when nothing of it is left. */
  readonly over: () => void
}

/**
 * A TCP socket of this end, carried in a channel: bytes within the other end's credit, half-closed and reset like the socket at
 * the other end. Both ends have one. The socket must allow half-open connections.
 */
export class CarriedSocket {
  readonly #socket: Socket
  readonly #wire: CarriedWire
  readonly #pace = new BulkPace()
  #sent = 0
  #upTo = PORT_AHEAD_BYTES_MAX
  #received = 0
  #written = 0
  /** our socket has said its end, and the other end knows */
  #readAll = false
  /** the other end has said its end */
  #writtenAll = false
  #over = false

  constructor(socket: Socket, wire: CarriedWire) {
    this.#socket = socket
    this.#wire = wire
    this.#pace.begin(0, performance.now())
    socket.setNoDelay(true)
    socket.on('readable', () => this.pump())
    socket.on('end', () => {
      this.#readAll = true
      if (this.#over) return
      wire.ended('end')
      this.#endedBoth()
    })
    socket.on('error', () => this.#reset())
    socket.on('close', () => this.#reset())
    this.pump()
  }

  /** Bytes from the other end. False when they make no sense. */
  take(offset: number, bytes: Uint8Array): boolean {
    if (this.#over) return true
    const end = offset + bytes.length
    if (offset !== this.#received || this.#writtenAll || end > this.#written + PORT_AHEAD_BYTES_MAX)
      return false
    this.#received = end
    this.#socket.write(bytes, () => {
      this.#written = end
      if (!this.#over) this.#wire.granted(end + PORT_AHEAD_BYTES_MAX)
    })
    return true
  }

  /** The other end takes bytes up to this offset. */
  credit(upTo: number): void {
    this.#upTo = Math.max(this.#upTo, upTo)
    this.#pace.delivered(Math.min(upTo - PORT_AHEAD_BYTES_MAX, this.#sent), performance.now())
    this.pump()
  }

  /** The other end has said its end, or reset. */
  end(how: 'end' | 'reset'): void {
    if (how === 'reset') return this.drop()
    this.#writtenAll = true
    this.#socket.end()
    this.#endedBoth()
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (!this.#over && this.#wire.isOpen()) {
      const delivered = this.#upTo - PORT_AHEAD_BYTES_MAX
      const allowed = Math.min(this.#upTo, delivered + this.#pace.windowBytes) - this.#sent
      const count = Math.min(allowed, this.#socket.readableLength, PORT_CHUNK_BYTES_MAX)
      // A read of nothing begins the next read of the socket, and brings its end.
      const bytes: Buffer | null = count > 0 || allowed > 0 ? this.#socket.read(Math.max(0, count)) : null
      if (bytes === null) return
      this.#wire.send(this.#sent, bytes)
      this.#sent += bytes.length
      this.#pace.sent(this.#sent, performance.now())
    }
  }

  /** Ends the socket at once; the other end knows already. */
  drop(): void {
    if (this.#over) return
    this.#over = true
    this.#socket.resetAndDestroy()
    this.#wire.over()
  }

  #reset(): void {
    if (this.#over) return
    this.#over = true
    if (!this.#readAll || !this.#writtenAll) this.#wire.ended('reset')
    this.#socket.destroy()
    this.#wire.over()
  }

  #endedBoth(): void {
    if (this.#over || !this.#readAll || !this.#writtenAll) return
    this.#over = true
    this.#wire.over()
  }
}
