import { type ChannelOpening, readOpening } from '@latchkey/protocol/terminal/channel'
import { CloseReason, encodeFrame, type Frame, FrameType } from '@latchkey/protocol/terminal/frames'
import { askAdmission, type ChannelEnd } from '../admission.ts'
import type { BinarySocket, Platform } from '../transport.ts'
import { Channel, type ChannelEvents } from './channel.ts'
import { type OpeningFailure, type PinQuestion, SealedOpening } from './sealed-opening.ts'
import type { SealedEnvelope, SealHandshake, SealRefusal, SealStep } from './sealer.ts'

export interface OpenChannelOptions {
  readonly openSocket: (timeoutMs: number) => Promise<BinarySocket>
  /** or what the app shows in its place */
  readonly ticket: string
  /** The channel that will open: its handshake may begin with the ticket. Null where it waits for the broker's `opened`. */
  readonly expected: Pick<ChannelOpening, 'pid' | 'runnerId'> | null
  /** How the channel that was admitted is to be sealed. */
  readonly sealing: (
    opening: Pick<ChannelOpening, 'pid' | 'runnerId'>,
  ) => Promise<SealHandshake | 'unsealed' | SealRefusal>
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
  const beginning = beginEarly(options)
  const socket = await options.openSocket(timeoutMs).catch(() => null)
  const begun = await beginning
  const drop = () => void begun?.handshake.cancel()
  if (socket === null) {
    drop()
    return ended('lost')
  }
  return new Promise((resolve) =>
    askAdmission(socket, {
      platform,
      ticket,
      early: begun?.step.send ?? [],
      withinMs: timeoutMs,
      onOpened: (frame) => void admitted(socket, frame, begun, options, resolve),
      onRefused: (end) => {
        drop()
        resolve(ended(end))
      },
    }),
  )
}

/** A handshake whose first messages go with the ticket. */
interface Begun {
  readonly pid: string
  readonly handshake: SealHandshake
  readonly step: SealStep
}

/** Null when nothing can be said before the channel is open. */
async function beginEarly({ expected, sealing }: OpenChannelOptions): Promise<Begun | null> {
  if (expected === null) return null
  const handshake = await sealing(expected)
  if (typeof handshake === 'string') return null
  try {
    return { pid: expected.pid, handshake, step: await handshake.begin() }
  } catch {
    // The usual way meets the same trouble, and tells it.
    return null
  }
}

/** Seals the channel that the broker has opened, or leaves it unsealed, and hands it over. */
async function admitted(
  socket: BinarySocket,
  frame: Frame,
  begun: Begun | null,
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
  // The channel is for another pair of ends, where the early messages are void.
  if (begun !== null && begun.pid !== opening.pid) {
    void begun.handshake.cancel()
    return fail(ended('lost'))
  }
  const attempt = begun?.handshake ?? (await sealing(opening))
  if (isOver) return
  if (attempt === 'unsealed') return open(null, [])
  if (typeof attempt === 'string') return fail({ why: 'refused', refusal: attempt })
  const handshake = new SealedOpening({
    socket,
    channel: frame.channel,
    platform,
    handshake: attempt,
    begun: begun?.step ?? null,
    onPin,
    onOpen: open,
    onFail: resolve,
  })
  onOpening(() => handshake.abandon())
  handshake.begin()
}

const ended = (end: ChannelEnd): OpeningFailure => ({ why: 'ended', end, answered: false })
