import { TICKET_CHARS_MAX } from '@latchkey/protocol/runner-pairing'
import {
  decodeFirstFrame,
  type FirstFrame,
  firstFrameBytesMax,
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
   * @param carried another broker brought it here: it goes no further
   */
  accept(socket: WebSocket, { carried }: { readonly carried: boolean }): void {
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
        return this.#hearTicket(leg, isBinary && data instanceof Buffer ? data : null, carried)
      }),
    )
  }

  /** Closes connections that wait or are carried, and refuses all later ones. */
  stop(): void {
    this.#stopping = true
    this.parts.carriages.stop()
    for (const leg of this.#waiting) leg.end(NO_CHANNEL, CloseReason.restarting, WsCode.restarting)
  }

  #hearTicket(leg: Leg, frame: Buffer | null, carried: boolean): Promise<void> | undefined {
    const first = frame === null ? null : firstFrameIn(frame)
    const shown = first === null ? null : this.parts.tickets.read(first.ticket)
    if (frame !== null && shown !== null && !this.parts.tickets.isForHere(shown)) {
      if (!carried) this.parts.carriages.carry(leg, frame, shown.node)
      else {
        // Another process has the address of its home now. The next ticket names the right instance.
        this.parts.log.info('terminal.not-at-home')
        leg.end(NO_CHANNEL, CloseReason.runnerGone, WsCode.tryLater)
      }
      return undefined
    }
    if (shown === null || !this.parts.tickets.use(shown)) {
      this.parts.log.info('terminal.bad-ticket')
      leg.end(NO_CHANNEL, CloseReason.badTicket, WsCode.policy)
      return undefined
    }
    return this.parts.relay.admit(leg, shown.holder, first?.early ?? [])
  }
}

/** Null when the frame holds no ticket. */
function firstFrameIn(bytes: Buffer): FirstFrame | null {
  const frame = bytes.length <= firstFrameBytesMax(TICKET_CHARS_MAX) ? decodeFrame(bytes) : null
  return frame === null ? null : decodeFirstFrame(frame, TICKET_CHARS_MAX)
}
