import { textOf, utf8 } from '@latchkey/protocol/bytes'
import { unsealed } from '@latchkey/protocol/terminal/envelope'
import { decodeFirstFrame } from '@latchkey/protocol/terminal/first-frame'
import {
  CloseReason,
  decodeFrame,
  encodeFrame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { encodePlaintext, type Plaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { expect, it } from 'vitest'
import type { ChannelEnd } from '../admission.ts'
import { settled } from '../hand-platform.fixture.ts'
import type { BinarySocket, Platform } from '../transport.ts'
import type { Channel } from './channel.ts'
import { openChannel } from './open-channel.ts'
import type { OpeningFailure } from './sealed-opening.ts'
import type { SealHandshake, SealRefusal } from './sealer.ts'

const PID = 'ab'.repeat(16)
const opened = (channel = 5, said: object = { channel, pid: PID, runnerId: 'forge' }) =>
  encodeFrame(FrameType.opened, channel, utf8(JSON.stringify(said)))
const output = encodePlaintext({ stream: Stream.output, seq: 0, terminal: 1, bytes: utf8('hello') })

/** A broker's end of a socket, in the hands of the test. */
function broker(
  sealing: 'unsealed' | SealRefusal | SealHandshake = 'unsealed',
  expected: { readonly pid: string; readonly runnerId: string } | null = null,
) {
  const sent: Uint8Array[] = []
  let closed = false
  const timers: (() => void)[] = []
  const socket: BinarySocket = {
    send: (frame) => void sent.push(frame),
    close: () => {
      closed = true
    },
    bufferedBytes: 0,
    onFrame: () => {},
    onEnd: () => {},
  }
  const platform: Platform = {
    openSocket: () => Promise.resolve(socket),
    randomBytes: (count) => new Uint8Array(count),
    nowMs: () => 0,
    after: (_, run) => {
      timers.push(run)
      return () => void timers.splice(timers.indexOf(run), 1)
    },
  }
  const heard: Plaintext[] = []
  const ends: ChannelEnd[] = []
  const admitted: { channel: Channel | null } = { channel: null }
  const opening: Promise<OpeningFailure | null> = openChannel({
    openSocket: () => Promise.resolve(socket),
    ticket: 'a ticket',
    expected,
    sealing: () => Promise.resolve(sealing),
    onPin: () => {},
    onOpening: () => {},
    platform,
    timeoutMs: 1_000,
    onOpen: (channel) => {
      admitted.channel = channel
      return {
        onPlaintext: (plaintext) => void heard.push(plaintext),
        onWritable: () => {},
        onEnd: (reason) => void ends.push(reason),
      }
    },
  })
  return { socket, sent, heard, ends, opening, admitted, isClosed: () => closed, timers }
}

async function admitted() {
  const one = broker()
  await settled()
  one.socket.onFrame(opened())
  expect(await one.opening).toBe(null)
  return one
}

it('shows its ticket first, and speaks on the channel that the broker names', async () => {
  const { sent, admitted: at } = await admitted()
  expect(decodeFrame(sent[0]!)).toEqual({
    type: FrameType.data,
    channel: NO_CHANNEL,
    payload: utf8('a ticket'),
  })
  at.channel?.send([{ type: 'detach', terminal: 1 }])
  expect(decodeFrame(sent[1]!)?.channel).toBe(5)
})

it('what comes on another channel ends the connection: nothing of it is taken', async () => {
  const { socket, heard, ends, isClosed } = await admitted()
  socket.onFrame(encodeFrame(FrameType.data, 5, unsealed.seal(output)))
  expect(heard).toHaveLength(1)
  socket.onFrame(encodeFrame(FrameType.data, 6, unsealed.seal(output)))
  expect(heard).toHaveLength(1)
  expect(ends).toEqual([CloseReason.malformed])
  expect(isClosed()).toBe(true)
  socket.onFrame(encodeFrame(FrameType.data, 5, unsealed.seal(output)))
  expect(heard, 'nor what follows').toHaveLength(1)
})

it('what is no frame, has no place, or cannot be read ends the connection', async () => {
  for (const bad of [
    new Uint8Array(0),
    opened(),
    encodeFrame(FrameType.open, 5, new Uint8Array(0)),
    encodeFrame(FrameType.data, 5, Uint8Array.of(99)),
  ]) {
    const { socket, ends } = await admitted()
    socket.onFrame(bad)
    expect(ends).toEqual([CloseReason.malformed])
  }
})

it('is not admitted by anything but a well-formed opening, and says why not', async () => {
  const cases: [Uint8Array, ChannelEnd][] = [
    [opened(NO_CHANNEL, {}), CloseReason.malformed],
    [opened(5, { channel: 5 }), CloseReason.malformed],
    [encodeFrame(FrameType.data, 5, new Uint8Array(1)), CloseReason.malformed],
    [encodeFrame(FrameType.close, NO_CHANNEL, Uint8Array.of(CloseReason.badTicket)), CloseReason.badTicket],
  ]
  for (const [frame, end] of cases) {
    const { socket, opening, admitted: at, isClosed } = broker()
    await settled()
    socket.onFrame(frame)
    expect(await opening).toMatchObject({ why: 'ended', end })
    expect([at.channel, isClosed()]).toEqual([null, true])
  }
})

it('is not opened at all where sealing says no', async () => {
  const { socket, opening, admitted: at, isClosed } = broker('runner-changed')
  await settled()
  socket.onFrame(opened())
  expect(await opening).toEqual({ why: 'refused', refusal: 'runner-changed' })
  expect([at.channel, isClosed()]).toEqual([null, true])
})

it('a broker that does not admit in time is given up', async () => {
  const { timers, opening, isClosed } = broker()
  await settled()
  timers[0]?.()
  expect(await opening).toMatchObject({ why: 'ended', end: 'timeout' })
  expect(isClosed()).toBe(true)
})

/** Sends one message, then waits for ever. */
function waiting() {
  const did: string[] = []
  const handshake: SealHandshake = {
    begin: async () => {
      did.push('begin')
      return { status: 'waiting', send: [utf8('first words')] }
    },
    hear: async (payload) => {
      did.push(`hear ${textOf(payload)}`)
      return { status: 'waiting', send: [] }
    },
    enterPin: async () => ({ status: 'waiting', send: [] }),
    cancel: async () => {
      did.push('cancel')
      return { status: 'refused', refusal: 'expired', send: [] }
    },
  }
  return { handshake, did }
}

const expected = { pid: PID, runnerId: 'forge' }
const firstFrameOf = (frame: Uint8Array | undefined) => {
  const read = frame === undefined ? null : decodeFrame(frame)
  return read === null ? null : decodeFirstFrame(read, 100)
}

it('begins the handshake with the ticket where it knows the pair of ends, and says nothing twice', async () => {
  const { handshake, did } = waiting()
  const { sent, socket } = broker(handshake, expected)
  await expect.poll(() => sent.length).toBe(1)
  expect(firstFrameOf(sent[0])).toEqual({ ticket: 'a ticket', early: [utf8('first words')] })
  socket.onFrame(opened())
  socket.onFrame(encodeFrame(FrameType.data, 5, utf8('an answer')))
  await expect.poll(() => did).toEqual(['begin', 'hear an answer'])
  expect(sent).toHaveLength(1)
})

it('a channel for another pair of ends than the one that was spoken to early is not used', async () => {
  const { handshake, did } = waiting()
  const { sent, socket, opening, isClosed } = broker(handshake, expected)
  await expect.poll(() => sent.length).toBe(1)
  socket.onFrame(opened(5, { channel: 5, pid: 'cd'.repeat(16), runnerId: 'forge' }))
  expect(await opening).toMatchObject({ why: 'ended', end: 'lost' })
  expect(isClosed()).toBe(true)
  expect(did).toEqual(['begin', 'cancel'])
})

it('a handshake that cannot begin early is left to the opened channel', async () => {
  const { sent, socket, opening } = broker('no-key', expected)
  await expect.poll(() => sent.length).toBe(1)
  expect(firstFrameOf(sent[0])).toEqual({ ticket: 'a ticket', early: [] })
  socket.onFrame(opened())
  expect(await opening).toEqual({ why: 'refused', refusal: 'no-key' })
})
