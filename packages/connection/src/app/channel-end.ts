import { CloseReason, type Frame } from '@latchkey/protocol/terminal/frames'

/** Why a channel ended: the broker's reason, or what this end saw. */
export type ChannelEnd = CloseReason | 'lost' | 'timeout'

const CLOSE_REASONS: ReadonlySet<number> = new Set(Object.values(CloseReason))
const isCloseReason = (value: number): value is CloseReason => CLOSE_REASONS.has(value)

/** The reason in a `close` frame. */
export function reasonOf(frame: Frame): ChannelEnd {
  const reason = frame.payload[0]
  return reason !== undefined && isCloseReason(reason) ? reason : 'lost'
}
