import { CHANNEL_ID_BYTES } from './derivations.ts'

/** The 24 bytes before every sealed frame, authenticated and readable by anybody (PROTOCOL rp1 3.5). */
export const SealedFrameType = { data: 0x10, rekey: 0x11, close: 0x12 } as const
export type SealedFrameType = (typeof SealedFrameType)[keyof typeof SealedFrameType]

export const FrameFlag = { replay: 1, pad: 2 } as const
const ALL_FLAGS = FrameFlag.replay | FrameFlag.pad

export const Direction = { fromApp: 0, fromRunner: 1 } as const
export type Direction = (typeof Direction)[keyof typeof Direction]

export const FRAME_HEADER_BYTES = 16 + CHANNEL_ID_BYTES
const VERSION = 1
const CHANNEL_AT = 8
const COUNTER_AT = 16

export interface FrameHeader {
  readonly type: SealedFrameType
  readonly flags: number
  readonly direction: number
  readonly epoch: number
  readonly channel: Uint8Array
  readonly counter: number
}

/** Written and read field by field, without a reader's comfort: this stands in the path of every key press. */
export function encodeFrameHeader(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  bytes[0] = VERSION
  bytes[1] = header.type
  bytes[2] = header.flags
  bytes[3] = header.direction
  view.setUint32(4, header.epoch)
  bytes.set(header.channel, CHANNEL_AT)
  view.setUint32(COUNTER_AT, Math.floor(header.counter / 2 ** 32))
  view.setUint32(COUNTER_AT + 4, header.counter % 2 ** 32)
  return bytes
}

/** Null when there are no 24 bytes, or they say what this version never says. */
export function decodeFrameHeader(bytes: Uint8Array): FrameHeader | null {
  if (bytes.length < FRAME_HEADER_BYTES || bytes[0] !== VERSION) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES)
  const type = view.getUint8(1)
  const flags = view.getUint8(2)
  const counterHigh = view.getUint32(COUNTER_AT)
  // Counters beyond 2^53 are refused: a channel rekeys long before.
  if (!isFrameType(type) || (flags & ~ALL_FLAGS) !== 0 || counterHigh >= 2 ** 21) return null
  // Only data can be old, or padded.
  if (type !== SealedFrameType.data && flags !== 0) return null
  return {
    type,
    flags,
    direction: view.getUint8(3),
    epoch: view.getUint32(4),
    channel: bytes.subarray(CHANNEL_AT, CHANNEL_AT + CHANNEL_ID_BYTES),
    counter: counterHigh * 2 ** 32 + view.getUint32(COUNTER_AT + 4),
  }
}

const isFrameType = (value: number): value is SealedFrameType =>
  value === SealedFrameType.data || value === SealedFrameType.rekey || value === SealedFrameType.close
