import { ByteReader, ByteWriter, concatenated, decoded, textOf, utf8 } from '../bytes.ts'
import { type HandshakeAuth, handshakeAuth } from '../runner-pairing.ts'
import { encodeFrame, FRAME_HEADER_BYTES, type Frame, FrameType, NO_CHANNEL } from './frames.ts'

/**
 * The first frame of a terminal link: `ticket`, and behind it what the app would say first on the channel that the ticket opens,
 * each as `LF ‖ length u16 ‖ payload`. The broker passes these on, unread, as the channel's first data. It saves an app the wait
 * for `opened`: one round trip. In place of the ticket an app that comes back may show its credential, as the JSON of its handshake
 * (`shownHandshake`), which saves it the way to a ticket: one more.
 */

/** As many as a sealed handshake sends before it hears anything. */
export const EARLY_PAYLOADS_MAX = 2
/** A handshake's first messages have some 300 bytes each. */
export const EARLY_PAYLOAD_BYTES_MAX = 1_024

const SEPARATOR = 0x0a

export interface FirstFrame {
  readonly ticket: string
  readonly early: readonly Uint8Array[]
}

export function encodeFirstFrame({ ticket, early }: FirstFrame): Uint8Array {
  const parts = early.map(
    (payload) => new ByteWriter(3 + payload.length).u8(SEPARATOR).u16(payload.length).put(payload).bytes,
  )
  return encodeFrame(FrameType.data, NO_CHANNEL, concatenated(utf8(ticket), ...parts))
}

/** Null when the frame is not a first one. `ticketBytesMax`: the longest ticket that is read. */
export function decodeFirstFrame(frame: Frame, ticketBytesMax: number): FirstFrame | null {
  const { type, channel, payload } = frame
  if (type !== FrameType.data || channel !== NO_CHANNEL || payload.length === 0) return null
  const end = payload.indexOf(SEPARATOR)
  const ticketBytes = end < 0 ? payload.length : end
  if (ticketBytes > ticketBytesMax) return null
  const ticket = textOf(payload.subarray(0, ticketBytes))
  const early = earlyIn(payload.subarray(ticketBytes))
  return ticket === null || early === null ? null : { ticket, early }
}

function earlyIn(bytes: Uint8Array): readonly Uint8Array[] | null {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const early: Uint8Array[] = []
    while (reader.left > 0) {
      if (reader.u8() !== SEPARATOR || early.length === EARLY_PAYLOADS_MAX) return null
      const length = reader.u16()
      if (length > EARLY_PAYLOAD_BYTES_MAX) return null
      early.push(reader.bytes(length))
    }
    return early
  })
}

/** The most that a first frame can have, header included. */
export const firstFrameBytesMax = (ticketBytesMax: number): number =>
  FRAME_HEADER_BYTES + ticketBytesMax + EARLY_PAYLOADS_MAX * (3 + EARLY_PAYLOAD_BYTES_MAX)

/** What an app shows on its control connection, as text for a first frame: no ticket begins so. */
export const shownHandshake = (auth: HandshakeAuth): string => JSON.stringify(auth)

/** The handshake that was shown in place of a ticket; null when it is a ticket, or malformed. */
export function handshakeIn(shown: string): HandshakeAuth | null {
  if (!shown.startsWith('{')) return null
  try {
    return handshakeAuth.safeParse(JSON.parse(shown)).data ?? null
  } catch {
    return null
  }
}
