import { utf8 } from '@latchkey/protocol/bytes'
import { CloseReason, encodeFrame, FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import { handPlatform, settled } from '../hand-platform.fixture.ts'
import { openTerminalPlane, type RunnerChannel } from './terminal-plane.ts'

/** A runner's terminal connection whose broker is played by the test. */
async function plane() {
  const hand = handPlatform()
  const { platform } = hand
  const told: string[] = []
  const channels: RunnerChannel[] = []
  const opening = openTerminalPlane({
    openSocket: (timeoutMs) => platform.openSocket('ws://house.example', timeoutMs),
    ticket: 'a-ticket',
    platform,
    accept: (channel) => {
      channels.push(channel)
      const { label } = channel.opening
      return {
        onEnvelope: (envelope) => void told.push(`${label} ${envelope[0]}`),
        onPaused: (paused) => void told.push(`${label} paused ${paused}`),
        onEnd: () => void told.push(`${label} ended`),
      }
    },
    onEnd: () => void told.push('plane ended'),
  })
  await settled()
  const [socket] = hand.sockets
  if (socket === undefined) throw new Error('no connection was opened')
  const says = (type: FrameType, channel: number = NO_CHANNEL, payload: Uint8Array = new Uint8Array(0)) =>
    socket.onFrame(encodeFrame(type, channel, payload))
  const open = (channel: number, label: string, said = channel) =>
    says(FrameType.open, channel, utf8(JSON.stringify({ channel: said, pid: 'p', runnerId: 'forge', label })))
  const admitted = async () => {
    says(FrameType.opened)
    return opening
  }
  return { ...hand, told, channels, opening, socket, says, open, admitted }
}

it('is open once the broker admits its ticket', async () => {
  const { socket, admitted, told } = await plane()
  expect(socket.frames()).toEqual([{ type: FrameType.data, channel: NO_CHANNEL, payload: utf8('a-ticket') }])
  const open = await admitted()
  open.close()
  expect([socket.isClosed, told]).toEqual([true, ['plane ended']])
})

it('is not open when the broker refuses, says nothing for ten seconds, or is lost', async () => {
  for (const end of ['refuses', 'silent', 'lost'] as const) {
    const { opening, says, passes, socket, told } = await plane()
    const outcome = opening.then(
      () => 'open',
      (problem: Error) => problem.message,
    )
    if (end === 'refuses') says(FrameType.close, NO_CHANNEL, Uint8Array.of(CloseReason.badTicket))
    else if (end === 'silent') await passes(10_000)
    else socket.onEnd()
    expect(await outcome).toBe('the broker did not admit the terminal connection')
    expect([socket.isClosed, told]).toEqual([true, []])
  }
})

it('each app has a channel of its own, and what it says goes to that alone', async () => {
  const { admitted, open, says, told, channels, socket } = await plane()
  await admitted()
  open(1, 'phone')
  open(2, 'laptop')
  says(FrameType.data, 2, Uint8Array.of(7))
  says(FrameType.pause, 1)
  says(FrameType.resume, 1)
  says(FrameType.data, 9, Uint8Array.of(8))
  says(FrameType.close, 2)
  says(FrameType.data, 2, Uint8Array.of(9))
  expect(told).toEqual(['laptop 7', 'phone paused true', 'phone paused false', 'laptop ended'])
  channels[0]?.send(Uint8Array.of(5))
  channels[1]?.send(Uint8Array.of(6))
  expect(socket.frames().slice(1), 'nothing on a channel that has ended').toEqual([
    { type: FrameType.data, channel: 1, payload: Uint8Array.of(5) },
  ])
})

it('a channel that this end closes is told to the broker, not to its listener', async () => {
  const { admitted, open, told, channels, socket } = await plane()
  await admitted()
  open(1, 'phone')
  channels[0]?.close(CloseReason.unpaired)
  channels[0]?.close(CloseReason.unpaired)
  expect(socket.frames().slice(1)).toEqual([
    { type: FrameType.close, channel: 1, payload: Uint8Array.of(CloseReason.unpaired) },
  ])
  expect(told).toEqual([])
})

it('what breaks the protocol ends the connection, and every channel with it', async () => {
  for (const bad of ['no frame', 'no opening', 'of another channel', 'twice'] as const) {
    const { admitted, open, says, told, socket } = await plane()
    await admitted()
    open(1, 'phone')
    if (bad === 'no frame') socket.onFrame(Uint8Array.of(99))
    else if (bad === 'no opening') says(FrameType.open, 2, utf8('{'))
    else if (bad === 'of another channel') open(2, 'laptop', 3)
    else open(1, 'laptop')
    expect([socket.isClosed, told]).toEqual([true, ['phone ended', 'plane ended']])
  }
})

it('asks every five seconds for a sign of life, and gives up after fifteen without any', async () => {
  const { admitted, says, passes, socket, told } = await plane()
  await admitted()
  for (let rounds = 0; rounds < 6; rounds++) {
    await passes(5_000)
    says(FrameType.pong)
  }
  expect(socket.frames().filter(({ type }) => type === FrameType.ping)).toHaveLength(6)
  await passes(19_999)
  expect(socket.isClosed).toBe(false)
  await passes(1)
  expect([socket.isClosed, told]).toEqual([true, ['plane ended']])
})
