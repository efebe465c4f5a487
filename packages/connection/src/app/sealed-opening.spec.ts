import { CloseReason, encodeFrame, FrameType } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import { handPlatform, settled } from '../hand-platform.fixture.ts'
import { type OpeningFailure, type PinQuestion, SealedOpening } from './sealed-opening.ts'
import type { SealedEnvelope, SealHandshake, SealStep } from './sealer.ts'

const envelope: SealedEnvelope = { seal: (x) => x, open: (x) => x, isStale: false, end: () => {} }
const waiting: SealStep = { status: 'waiting', send: [] }
const pinWanted: SealStep = { status: 'pin-wanted', digits: 6, withinMs: 120_000, machine: 'forge', send: [] }
const open: SealStep = { status: 'open', envelope, send: [Uint8Array.of(9)] }
const bytes = (value: number) => Uint8Array.of(value)

/** A handshake on channel 5 whose attempt answers each payload by `steps`, in order. */
async function opening(steps: SealStep[], begin: SealStep = { status: 'waiting', send: [bytes(1)] }) {
  const hand = handPlatform()
  const socket = await hand.platform.openSocket('ws://house.example', 1)
  const heard: Uint8Array[] = []
  const pins: string[] = []
  const said = { questions: [] as (PinQuestion | null)[], failures: [] as OpeningFailure[], cancelled: 0 }
  const opened: { unread: readonly Uint8Array[] }[] = []
  const handshake: SealHandshake = {
    begin: async () => begin,
    hear: async (payload) => {
      heard.push(payload)
      return steps.shift() ?? waiting
    },
    enterPin: async (pin) => {
      pins.push(pin)
      return waiting
    },
    cancel: async () => {
      said.cancelled += 1
      return { status: 'refused', refusal: 'given-up', send: [bytes(66)] }
    },
  }
  const made = new SealedOpening({
    socket,
    channel: 5,
    platform: hand.platform,
    handshake,
    onPin: (question) => said.questions.push(question),
    onOpen: (_, unread) => opened.push({ unread }),
    onFail: (failure) => said.failures.push(failure),
  })
  made.begin()
  await settled()
  const [own] = hand.sockets
  if (own === undefined) throw new Error('no socket')
  const says = async (value: number, channel = 5) => {
    socket.onFrame(encodeFrame(FrameType.data, channel, bytes(value)))
    await settled()
  }
  const sent = () => own.frames().filter(({ type }) => type === FrameType.data)
  return { ...hand, made, socket: own, says, heard, pins, said, opened, sent }
}

it('takes each message to the attempt, in order, and sends what it says', async () => {
  const { says, heard, opened, sent, said } = await opening([waiting, open])
  await says(2)
  await says(3)
  expect(heard.map(([value]) => value)).toEqual([2, 3])
  expect(sent().map(({ channel, payload }) => [channel, payload[0]])).toEqual([
    [5, 1],
    [5, 9],
  ])
  expect(opened).toEqual([{ unread: [] }])
  expect([said.failures, said.cancelled]).toEqual([[], 0])
})

it('payloads that came before the last step was over belong to the channel', async () => {
  const { socket, opened } = await opening([open])
  for (const value of [2, 3, 4]) socket.onFrame(encodeFrame(FrameType.data, 5, bytes(value)))
  await settled()
  expect(opened).toEqual([{ unread: [bytes(3), bytes(4)] }])
})

it('frames of another channel, floods and what has no place end it, as a machine that can seal', async () => {
  const malformed = { why: 'ended', end: CloseReason.malformed, answered: true }
  const foreign = await opening([])
  await foreign.says(2, 6)
  expect([foreign.said.failures, foreign.heard, foreign.socket.isClosed]).toEqual([[malformed], [], true])
  const flooded = await opening([])
  for (let count = 0; count < 18; count++) flooded.socket.onFrame(encodeFrame(FrameType.data, 5, bytes(2)))
  await settled()
  expect(flooded.said.failures).toEqual([malformed])
  const odd = await opening([])
  odd.socket.onFrame(encodeFrame(FrameType.opened, 5))
  expect(odd.said.failures).toEqual([malformed])
})

it('a machine that says nothing is given up after ten seconds, and the attempt with it', async () => {
  const { passes, said, socket } = await opening([])
  await passes(9_999)
  expect(said.failures).toEqual([])
  await passes(1)
  expect(said.failures).toEqual([{ why: 'ended', end: 'timeout', answered: false }])
  expect([said.cancelled, socket.isClosed]).toEqual([1, true])
})

it('a person has the time that the machine gives; the connection is kept alive meanwhile', async () => {
  const { says, passes, said, socket } = await opening([pinWanted])
  await says(2)
  expect(said.questions.at(-1)).toMatchObject({ machine: 'forge', digits: 6, withinMs: 120_000 })
  await passes(119_999)
  expect(said.failures).toEqual([])
  expect(socket.frames().filter(({ type }) => type === FrameType.ping)).toHaveLength(23)
  await passes(1)
  expect(said.failures).toEqual([{ why: 'refused', refusal: 'expired' }])
  expect(said.questions.at(-1)).toBe(null)
})

it('a PIN is entered once, and only digits that may be one', async () => {
  const { says, said, pins } = await opening([pinWanted])
  await says(2)
  const question = said.questions.at(-1)
  question?.give('12345')
  question?.give('12345x')
  expect(pins).toEqual([])
  question?.give('123456')
  question?.give('654321')
  await settled()
  expect(pins).toEqual(['123456'])
  expect(said.questions.at(-1), 'the question is over').toBe(null)
})

it('when the connection ends, or nothing is wanted any more, the attempt is given up and told once', async () => {
  const { socket, made, said } = await opening([])
  socket.onEnd()
  made.abandon()
  await settled()
  expect(said.failures).toEqual([{ why: 'ended', end: 'lost', answered: false }])
  expect(said.cancelled).toBe(1)
  const left = await opening([])
  left.made.abandon()
  await settled()
  expect(left.sent().map(({ payload }) => payload[0])).toEqual([1, 66])
  expect(left.socket.isClosed).toBe(true)
})

it('the broker’s reason is passed on, and a ping is answered', async () => {
  const { socket, said } = await opening([])
  socket.onFrame(encodeFrame(FrameType.ping, 0, bytes(7)))
  expect(socket.frames().at(-1)).toEqual({ type: FrameType.pong, channel: 0, payload: bytes(7) })
  socket.onFrame(encodeFrame(FrameType.close, 5, bytes(CloseReason.superseded)))
  expect(said.failures).toEqual([{ why: 'ended', end: CloseReason.superseded, answered: false }])
})

it('a grant that cannot be stored opens nothing', async () => {
  const hand = handPlatform()
  const socket = await hand.platform.openSocket('ws://house.example', 1)
  const failures: OpeningFailure[] = []
  const failing = () => Promise.reject(new Error('disk full'))
  const handshake: SealHandshake = {
    begin: failing,
    hear: failing,
    enterPin: failing,
    cancel: async () => waiting,
  }
  new SealedOpening({
    socket,
    channel: 5,
    platform: hand.platform,
    handshake,
    onPin: () => {},
    onOpen: () => failures.push({ why: 'refused', refusal: 'busy' }),
    onFail: (failure) => failures.push(failure),
  }).begin()
  await settled()
  expect(failures).toEqual([{ why: 'refused', refusal: 'no-key' }])
})
