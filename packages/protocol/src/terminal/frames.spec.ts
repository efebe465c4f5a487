import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CloseReason,
  DATA_BYTES_MAX,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FrameType,
} from './frames.ts'

const frameType = fc.constantFrom(...Object.values(FrameType))
const channel = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0xffffffff))

describe('a frame', () => {
  it('is type u8, channel u32 big-endian, payload: five bytes and not one more', () => {
    expect([...encodeFrame(FrameType.data, 0x01020304, Uint8Array.of(0xaa, 0xbb))]).toEqual([
      3, 1, 2, 3, 4, 0xaa, 0xbb,
    ])
    expect([...encodeFrame(FrameType.pause, 0xffffffff)]).toEqual([4, 0xff, 0xff, 0xff, 0xff])
    expect(FRAME_HEADER_BYTES).toBe(5)
  })

  it('has numbers that never change', () => {
    expect(FrameType).toEqual({
      open: 1,
      opened: 2,
      data: 3,
      pause: 4,
      resume: 5,
      close: 6,
      ping: 7,
      pong: 8,
    })
    expect(CloseReason).toEqual({
      appGone: 1,
      runnerGone: 2,
      unpaired: 3,
      tooSlow: 4,
      malformed: 5,
      badTicket: 6,
      restarting: 7,
      superseded: 8,
    })
  })

  it('is read back as it was written, for every type, channel and payload', () => {
    fc.assert(
      fc.property(frameType, channel, fc.uint8Array({ maxLength: 2_000 }), (type, number, payload) => {
        expect(decodeFrame(encodeFrame(type, number, payload))).toEqual({ type, channel: number, payload })
      }),
    )
  })

  it('carries the largest plaintext with room for sealing, and nothing larger', () => {
    const largest = encodeFrame(FrameType.data, 1, new Uint8Array(FRAME_BYTES_MAX - FRAME_HEADER_BYTES))
    expect(decodeFrame(largest)?.payload.length).toBeGreaterThanOrEqual(DATA_BYTES_MAX + 40 + 11)
    expect(decodeFrame(new Uint8Array([...largest, 0]))).toBeNull()
  })

  it('is refused when it is shorter than its header or of an unknown type', () => {
    for (let length = 0; length < FRAME_HEADER_BYTES; length++)
      expect(decodeFrame(new Uint8Array(length).fill(3))).toBeNull()
    for (let type = 0; type <= 0xff; type++)
      expect(decodeFrame(Uint8Array.of(type, 0, 0, 0, 1)) === null).toBe(type < 1 || type > 8)
  })

  it('hands its payload on without copying it', () => {
    const bytes = encodeFrame(FrameType.data, 7, Uint8Array.of(1, 2, 3))
    expect(decodeFrame(bytes)?.payload.buffer).toBe(bytes.buffer)
  })
})
