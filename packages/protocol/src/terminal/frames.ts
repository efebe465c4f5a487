import { ByteReader, ByteWriter, decoded } from '../bytes.ts'

/**
 * The outer frame of a terminal connection: `type u8 ‖ channel u32 ‖ payload` (one WebSocket message each).
 * These five bytes are all that the broker reads. A channel is one app's way to one runner, numbered by the broker.
 */
export const FrameType = {
  /** broker → runner: a channel begins; payload = `ChannelOpening` as JSON */
  open: 1,
  /** broker → app or runner: the connection is admitted; payload = `ChannelOpening` as JSON for an app, empty for a runner */
  opened: 2,
  /** app ↔ runner: an envelope, opaque to the broker */
  data: 3,
  /** broker → either end: send no more `data` on this channel until `resume` */
  pause: 4,
  resume: 5,
  /** either direction: the channel ends; payload = `CloseReason` u8 */
  close: 6,
  /** either direction, answered at once by `pong` with the same payload (at most 16 bytes) */
  ping: 7,
  pong: 8,
} as const
export type FrameType = (typeof FrameType)[keyof typeof FrameType]

const FRAME_TYPES: ReadonlySet<number> = new Set(Object.values(FrameType))
const isFrameType = (value: number): value is FrameType => FRAME_TYPES.has(value)

export const CloseReason = {
  /** the app left, or its connection was lost: it may be back */
  appGone: 1,
  /** the runner's connection was lost: it may be back */
  runnerGone: 2,
  /** the pairing ended: unpaired, revoked, or the runner's life ended */
  unpaired: 3,
  /** too much was queued for this end: come back, and take a snapshot */
  tooSlow: 4,
  /** this end broke the protocol */
  malformed: 5,
  /** the ticket was unknown, used or too old */
  badTicket: 6,
  /** the broker goes down: come back */
  restarting: 7,
  /** another connection of the same end took over */
  superseded: 8,
} as const
export type CloseReason = (typeof CloseReason)[keyof typeof CloseReason]

/** The channel of frames that concern the connection itself (ping, ticket, opened for a runner). */
export const NO_CHANNEL = 0
export const FRAME_HEADER_BYTES = 5
/** Largest plaintext in one `data` frame; fits a PTY read and keeps one app's frame from delaying another's. */
export const DATA_BYTES_MAX = 64 * 1024
/** Room for what sealing adds (24 header + 16 tag, PROTOCOL rp1 3.5), for stream, seq and the terminal's number. */
export const SEALING_BYTES_MAX = 128
export const FRAME_BYTES_MAX = FRAME_HEADER_BYTES + DATA_BYTES_MAX + SEALING_BYTES_MAX

export interface Frame {
  readonly type: FrameType
  readonly channel: number
  readonly payload: Uint8Array
}

const EMPTY = new Uint8Array(0)

export function encodeFrame(type: FrameType, channel: number, payload: Uint8Array = EMPTY): Uint8Array {
  return new ByteWriter(FRAME_HEADER_BYTES + payload.length).u8(type).u32(channel).put(payload).bytes
}

/** The frame in one WebSocket message, its payload a view into `bytes`; null when it is not a frame. */
export function decodeFrame(bytes: Uint8Array): Frame | null {
  if (bytes.length > FRAME_BYTES_MAX) return null
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const type = reader.u8()
    const channel = reader.u32()
    return isFrameType(type) ? { type, channel, payload: reader.rest() } : null
  })
}
