import { TICKET_CHARS_MAX } from '@latchkey/protocol/runner-pairing'
import {
  decodeFirstFrame,
  encodeFirstFrame,
  type FirstFrame,
  firstFrameBytesMax,
  handshakeIn,
} from '@latchkey/protocol/terminal/first-frame'
import { CloseReason, decodeFrame, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import type { RawData, WebSocket } from 'ws'
import type { Log } from '../log/log.ts'
import { safe } from '../shell/safe.ts'
import type { Carriages } from './carriage.ts'
import { Leg, WsCode } from './leg.ts'
import type { TerminalRelay } from './relay.ts'
import type { TicketOffice } from './tickets.ts'

const TICKET_WITHIN_MS = 5_000

interface Parts {
  readonly tickets: TicketOffice
  readonly relay: TerminalRelay
  readonly carriages: Carriages
  /** A ticket for an app that shows its credential in place of one; null when it may go nowhere now. */
  readonly ticketFor: (shown: string, address: string) => Promise<string | null>
  readonly log: Log
}

/**
 * Receives terminal sockets: reads their tickets and hands them to this instance's relay, or to the instance that is the home of
 * their runner.
 */
export class Reception {
  readonly #waiting = new Set<Leg>()
  #stopping = false

  constructor(private readonly parts: Parts) {}

  /**
   * A socket whose upgrade was allowed. Its first message must be its ticket.
   * @param from where it is, after the trusted proxy; null when another broker brought it here: it goes no further
   */
  accept(socket: WebSocket, from: string | null): void {
    const leg = new Leg(socket)
    socket.on('error', () => {}) // the close that follows says enough
    socket.on('ping', (data: Buffer) => {
      if (socket.bufferedAmount === 0) socket.pong(data)
    })
    if (this.#stopping) return leg.end(NO_CHANNEL, CloseReason.restarting, WsCode.restarting)
    this.#waiting.add(leg)
    const timer = setTimeout(
      () => leg.end(NO_CHANNEL, CloseReason.badTicket, WsCode.policy),
      TICKET_WITHIN_MS,
    )
    const leave = () => {
      clearTimeout(timer)
      this.#waiting.delete(leg)
    }
    socket.once('close', leave)
    socket.once(
      'message',
      safe(this.parts.log, 'terminal.admission-failed', (data: RawData, isBinary: boolean) => {
        leave()
        socket.removeListener('close', leave)
        return this.#hearTicket(leg, isBinary && data instanceof Buffer ? data : null, from)
      }),
    )
  }

  /** Closes connections that wait or are carried, and refuses all later ones. */
  stop(): void {
    this.#stopping = true
    this.parts.carriages.stop()
    for (const leg of this.#waiting) leg.end(NO_CHANNEL, CloseReason.restarting, WsCode.restarting)
  }

  async #hearTicket(leg: Leg, frame: Buffer | null, from: string | null): Promise<void> {
    const said = frame === null ? null : firstFrameIn(frame)
    const first = said === null || from === null ? said : await this.#withTicket(said, from)
    if (!leg.isOpen) return
    const shown = first === null ? null : this.parts.tickets.read(first.ticket)
    if (first !== null && shown !== null && !this.parts.tickets.isForHere(shown)) {
      if (from !== null)
        return this.parts.carriages.carry(leg, Buffer.from(encodeFirstFrame(first)), shown.node)
      // Another process has the address of its home now. The next ticket names the right instance.
      this.parts.log.info('terminal.not-at-home')
      return leg.end(NO_CHANNEL, CloseReason.runnerGone, WsCode.tryLater)
    }
    if (shown === null || !this.parts.tickets.use(shown)) {
      this.parts.log.info('terminal.bad-ticket')
      return leg.end(NO_CHANNEL, CloseReason.badTicket, WsCode.policy)
    }
    return this.parts.relay.admit(leg, shown.holder, first?.early ?? [])
  }

  /** An app that shows its credential is given a ticket, which then goes the way of all tickets. */
  async #withTicket(first: FirstFrame, from: string): Promise<FirstFrame | null> {
    if (handshakeIn(first.ticket) === null) return first
    const ticket = await this.parts.ticketFor(first.ticket, from)
    return ticket === null ? null : { ...first, ticket }
  }
}

/** Null when the frame holds no ticket. */
function firstFrameIn(bytes: Buffer): FirstFrame | null {
  const frame = bytes.length <= firstFrameBytesMax(TICKET_CHARS_MAX) ? decodeFrame(bytes) : null
  return frame === null ? null : decodeFirstFrame(frame, TICKET_CHARS_MAX)
}
