import { type ChannelOpening, readOpening } from '@latchkey/protocol/terminal/channel'
import { CloseReason, encodeFrame, type Frame, FrameType } from '@latchkey/protocol/terminal/frames'
import { askAdmission, type ChannelEnd } from '../admission.ts'
import type { BinarySocket, Platform } from '../transport.ts'
import { Channel, type ChannelEvents } from './channel.ts'
import { type OpeningFailure, type PinQuestion, SealedOpening } from './sealed-opening.ts'
import type { SealedEnvelope, SealHandshake, SealRefusal } from './sealer.ts'

export interface OpenChannelOptions {
  readonly openSocket: (timeoutMs: number) => Promise<BinarySocket>
  readonly ticket: string
  /** How the channel that was admitted is to be sealed. */
  readonly sealing: (opening: ChannelOpening) => Promise<SealHandshake | 'unsealed' | SealRefusal>
  readonly onPin: (wanted: PinQuestion | null) => void
  /** Hands over what ends the handshake, while one is under way. */
  readonly onOpening: (abandon: () => void) => void
  readonly platform: Platform
  readonly timeoutMs: number
  /** The channel is open. Whatever comes on it goes to the answer, from its first frame on. */
  readonly onOpen: (channel: Channel) => ChannelEvents
}

/** Opens a socket, shows the ticket, waits for the broker's `opened`, seals. Null when open, else why not. */
export async function openChannel(options: OpenChannelOptions): Promise<OpeningFailure | null> {
  const { platform, ticket, timeoutMs } = options
  const socket = await options.openSocket(timeoutMs).catch(() => null)
  if (socket === null) return ended('lost')
  return new Promise((resolve) =>
    askAdmission(socket, {
      platform,
      ticket,
      withinMs: timeoutMs,
      onOpened: (frame) => void admitted(socket, frame, options, resolve),
      onRefused: (end) => resolve(ended(end)),
    }),
  )
}

/** Seals the channel that the broker has opened, or leaves it unsealed, and hands it over. */
async function admitted(
  socket: BinarySocket,
  frame: Frame,
  options: OpenChannelOptions,
  resolve: (failure: OpeningFailure | null) => void,
): Promise<void> {
  const { platform, sealing, onPin, onOpening, onOpen } = options
  let isOver = false
  const fail = (failure: OpeningFailure) => {
    isOver = true
    socket.onEnd = () => {}
    socket.close()
    resolve(failure)
  }
  const open = (sealed: SealedEnvelope | null, unread: readonly Uint8Array[]) => {
    const channel = new Channel({ socket, number: frame.channel, sealed, nowMs: platform.nowMs })
    channel.begin(onOpen(channel))
    resolve(null)
    for (const payload of unread) channel.hear(encodeFrame(FrameType.data, frame.channel, payload))
  }
  const opening = readOpening(frame)
  if (opening === null) return fail(ended(CloseReason.malformed))
  // The machine says nothing of importance before this end has spoken.
  socket.onFrame = () => {}
  socket.onEnd = () => fail(ended('lost'))
  const attempt = await sealing(opening)
  if (isOver) return
  if (attempt === 'unsealed') return open(null, [])
  if (typeof attempt === 'string') return fail({ why: 'refused', refusal: attempt })
  const handshake = new SealedOpening({
    socket,
    channel: frame.channel,
    platform,
    handshake: attempt,
    onPin,
    onOpen: open,
    onFail: resolve,
  })
  onOpening(() => handshake.abandon())
  handshake.begin()
}

const ended = (end: ChannelEnd): OpeningFailure => ({ why: 'ended', end, answered: false })
