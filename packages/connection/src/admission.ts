import { encodeFirstFrame } from '@latchkey/protocol/terminal/first-frame'
import { CloseReason, decodeFrame, type Frame, FrameType } from '@latchkey/protocol/terminal/frames'
import type { BinarySocket, Platform } from './transport.ts'

/** Why a terminal connection ended: the broker's reason, or what this end saw. */
export type ChannelEnd = CloseReason | 'lost' | 'timeout'

const CLOSE_REASONS: ReadonlySet<number> = new Set(Object.values(CloseReason))
const isCloseReason = (value: number): value is CloseReason => CLOSE_REASONS.has(value)

/** The reason in a `close` frame. */
export function reasonOf(frame: Frame): ChannelEnd {
  const reason = frame.payload[0]
  return reason !== undefined && isCloseReason(reason) ? reason : 'lost'
}

export interface AdmissionOptions {
  readonly platform: Pick<Platform, 'after'>
  readonly ticket: string
  /** what an app says first on the channel that will open; only where the ticket says that the broker takes it */
  readonly early?: readonly Uint8Array[]
  readonly withinMs: number
  /** The broker's `opened`. The socket is the caller's from now on: set `onFrame` and `onEnd` before this returns. */
  readonly onOpened: (opened: Frame) => void
  /** The socket is closed. */
  readonly onRefused: (reason: ChannelEnd) => void
}

/** Shows a ticket on a terminal connection that has just opened, and waits for the broker to admit it. */
export function askAdmission(socket: BinarySocket, options: AdmissionOptions): void {
  const { platform, ticket, early = [], withinMs, onOpened, onRefused } = options
  const refused = (reason: ChannelEnd) => {
    stopWaiting()
    socket.onFrame = () => {}
    socket.onEnd = () => {}
    socket.close()
    onRefused(reason)
  }
  const stopWaiting = platform.after(withinMs, () => refused('timeout'))
  socket.onEnd = () => refused('lost')
  socket.onFrame = (bytes) => {
    const frame = decodeFrame(bytes)
    if (frame?.type !== FrameType.opened)
      return refused(frame?.type === FrameType.close ? reasonOf(frame) : CloseReason.malformed)
    stopWaiting()
    onOpened(frame)
  }
  socket.send(encodeFirstFrame({ ticket, early }))
}
