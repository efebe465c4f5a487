import fc from 'fast-check'
import { expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import {
  decodeFirstFrame,
  EARLY_PAYLOAD_BYTES_MAX,
  EARLY_PAYLOADS_MAX,
  encodeFirstFrame,
  firstFrameBytesMax,
} from './first-frame.ts'
import { decodeFrame, encodeFrame, FrameType, NO_CHANNEL } from './frames.ts'

const TICKET_MAX = 40
const read = (bytes: Uint8Array) => {
  const frame = decodeFrame(bytes)
  return frame === null ? null : decodeFirstFrame(frame, TICKET_MAX)
}
const tickets = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)
const early = fc.array(fc.uint8Array({ maxLength: EARLY_PAYLOAD_BYTES_MAX }), {
  maxLength: EARLY_PAYLOADS_MAX,
})

it('gives back ticket and payloads, within its bound', () => {
  fc.assert(
    fc.property(tickets, early, (ticket, payloads) => {
      const bytes = encodeFirstFrame({ ticket, early: payloads })
      expect(read(bytes)).toEqual({ ticket, early: payloads })
      expect(bytes.length).toBeLessThanOrEqual(firstFrameBytesMax(TICKET_MAX))
    }),
  )
})

it('a ticket alone is what every older app sends', () => {
  expect(encodeFirstFrame({ ticket: 'abc', early: [] })).toEqual(
    encodeFrame(FrameType.data, NO_CHANNEL, utf8('abc')),
  )
})

it('is not read from another frame, a cut or longer one, with too much or too many behind the ticket', () => {
  const whole = encodeFirstFrame({ ticket: 'abc', early: [utf8('first'), utf8('second')] })
  const payload = whole.subarray(5)
  const cases = [
    encodeFrame(FrameType.ping, NO_CHANNEL, payload),
    encodeFrame(FrameType.data, 7, payload),
    encodeFrame(FrameType.data, NO_CHANNEL, new Uint8Array(0)),
    whole.subarray(0, whole.length - 1),
    Uint8Array.of(...whole, 0),
    encodeFirstFrame({ ticket: 'abc', early: [payload, payload, payload] }),
    encodeFirstFrame({ ticket: 'abc', early: [new Uint8Array(EARLY_PAYLOAD_BYTES_MAX + 1)] }),
    encodeFirstFrame({ ticket: 'a'.repeat(TICKET_MAX + 1), early: [] }),
    encodeFrame(FrameType.data, NO_CHANNEL, Uint8Array.of(0xff, 0xfe)),
  ]
  for (const bytes of cases) expect(read(bytes)).toBeNull()
})
