import { ByteReader, ByteWriter, decoded } from '@latchkey/protocol/bytes'
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

export interface FrameHeader {
  readonly type: SealedFrameType
  readonly flags: number
  readonly direction: number
  readonly epoch: number
  readonly channel: Uint8Array
  readonly counter: number
}

export const encodeFrameHeader = (header: FrameHeader): Uint8Array =>
  new ByteWriter(FRAME_HEADER_BYTES)
    .u8(VERSION)
    .u8(header.type)
    .u8(header.flags)
    .u8(header.direction)
    .u32(header.epoch)
    .put(header.channel)
    .u53(header.counter).bytes

/** Null when there are no 24 bytes, or they say what this version never says. */
export const decodeFrameHeader = (bytes: Uint8Array): FrameHeader | null =>
  decoded(() => {
    const reader = new ByteReader(bytes)
    const version = reader.u8()
    const type = reader.u8()
    const flags = reader.u8()
    const header = {
      direction: reader.u8(),
      epoch: reader.u32(),
      channel: reader.bytes(CHANNEL_ID_BYTES),
      counter: reader.u53(),
    }
    if (version !== VERSION || !isFrameType(type) || (flags & ~ALL_FLAGS) !== 0) return null
    // Only data can be old, or padded.
    if (type !== SealedFrameType.data && flags !== 0) return null
    return { type, flags, ...header }
  })

const FRAME_TYPES: ReadonlySet<number> = new Set(Object.values(SealedFrameType))
const isFrameType = (value: number): value is SealedFrameType => FRAME_TYPES.has(value)
