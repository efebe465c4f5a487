import { decoded } from '@latchkey/protocol/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FROM_KEEPER, TO_KEEPER } from '../testing/every-message.ts'
import { FROM_KEEPER_V1, TO_KEEPER_V1 } from '../testing/wire-v1.ts'
import { FRAME_BYTES_MAX, FrameReader } from './frame-reader.ts'
import { decodeFromKeeper, decodeToKeeper, encodeFromKeeper, encodeToKeeper } from './keeper-wire.ts'

const LENGTH_BYTES = 4
const content = (frame: Uint8Array) => frame.subarray(LENGTH_BYTES)
const fromHex = (hex = '') => Uint8Array.from(Buffer.from(hex, 'hex'))

describe.each([
  {
    side: 'to a keeper',
    frames: TO_KEEPER.map((message) => [message.type, message, encodeToKeeper(message)] as const),
    decode: decodeToKeeper,
    v1: TO_KEEPER_V1,
  },
  {
    side: 'from a keeper',
    frames: FROM_KEEPER.map((message) => [message.type, message, encodeFromKeeper(message)] as const),
    decode: decodeFromKeeper,
    v1: FROM_KEEPER_V1,
  },
])('what is said $side', ({ frames, decode, v1 }) => {
  it('is read as it was written', () => {
    for (const [, message, frame] of frames) expect(decode(content(frame))).toEqual(message)
  })

  it('is read from version 1 for ever, and what is written is read there', () => {
    for (const [type, message, frame] of frames) {
      expect(decode(content(fromHex(v1[type])))).toEqual(message)
      // Version 1 reads a prefix: fields are only added.
      expect(frame.subarray(LENGTH_BYTES, fromHex(v1[type]).length)).toEqual(content(fromHex(v1[type])))
    }
  })

  it('may have more fields in a later release', () => {
    for (const [, message, frame] of frames)
      expect(decode(Uint8Array.from([...content(frame), 1, 2, 3]))).toEqual(message)
  })

  it('is passed over when it is of a kind of a later release', () => {
    for (const kind of [0, 100, 255]) {
      expect(decode(Uint8Array.of(kind))).toBeNull()
      expect(decode(Uint8Array.of(kind, 1, 2, 3, 4))).toBeNull()
    }
  })

  it('is malformed when it is cut anywhere', () => {
    for (const [type, , frame] of frames)
      for (let length = 1; length < content(frame).length; length++) {
        // Cut behind the fields of version 1 it is a message of that version.
        if (length === content(fromHex(v1[type])).length) continue
        const cut = content(frame).subarray(0, length)
        expect(
          decoded(() => decode(cut)),
          `${type} cut to ${length}`,
        ).toBeNull()
      }
  })

  it('ends nothing but itself, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
        decoded(() => decode(Uint8Array.from([kind, ...bytes])))
      }),
      { numRuns: 5_000 },
    )
  })
})

it('frames are found however the stream is cut', () => {
  const stream = Buffer.concat(TO_KEEPER.map(encodeToKeeper))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (cuts) => {
      const reader = new FrameReader()
      const found: (string | undefined)[] = []
      for (let at = 0, n = 0; at < stream.length; at += cuts[n++ % cuts.length] ?? 1)
        for (const frame of reader.read(stream.subarray(at, at + (cuts[n % cuts.length] ?? 1))))
          found.push(decodeToKeeper(frame)?.type)
      expect(found).toEqual(TO_KEEPER.map(({ type }) => type))
    }),
  )
})

it('a frame that is longer than any, or empty, ends the stream', () => {
  for (const length of [0, FRAME_BYTES_MAX + 1, 0xffffffff]) {
    const head = Buffer.alloc(LENGTH_BYTES)
    head.writeUInt32BE(length)
    expect(decoded(() => new FrameReader().read(head))).toBeNull()
  }
})
