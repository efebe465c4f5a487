import { decodeFrame, FrameType } from '@latchkey/protocol/terminal/frames'
import { decodeAppMessages } from '@latchkey/protocol/terminal/messages'
import { decodePlaintext } from '@latchkey/protocol/terminal/streams'
import { expect, it } from 'vitest'
import { Channel } from './channel.ts'

function life() {
  const time = { nowMs: 0 }
  const pings: { id: number; heard?: number | undefined }[] = []
  const socket = {
    send: (bytes: Uint8Array) => {
      const frame = decodeFrame(bytes)
      const plaintext = frame?.type === FrameType.data ? decodePlaintext(frame.payload) : null
      for (const message of decodeAppMessages(plaintext?.bytes ?? new Uint8Array(0)) ?? [])
        if (message.type === 'ping') pings.push({ id: message.id, heard: message.heard })
    },
    close: () => {},
    bufferedBytes: 0,
    onFrame: () => {},
    onEnd: () => {},
  }
  const channel = new Channel({ socket, number: 5, sealed: null, nowMs: () => time.nowMs })
  const ask = (nowMs: number) => {
    time.nowMs = nowMs
    return channel.ask()
  }
  const machineAnswered = (answer: { id: number; mark?: number }, nowMs: number) => {
    time.nowMs = nowMs
    return channel.machineAnswered(answer)
  }
  return { pings, life: { ask, machineAnswered } }
}

it('a question brings back the newest mark of the machine', () => {
  const { pings, life: one } = life()
  const first = one.ask(0)
  one.machineAnswered({ id: first, mark: 7 }, 20)
  one.ask(5_000)
  expect(pings).toEqual([
    { id: first, heard: undefined },
    { id: first + 1, heard: 7 },
  ])
})

it('who was silent asks once more as soon as it is answered, so that the machine knows that it hears', () => {
  const { pings, life: one } = life()
  one.machineAnswered({ id: one.ask(0), mark: 7 }, 20)
  const after = one.ask(60_000)
  expect(one.machineAnswered({ id: after, mark: 8 }, 60_020)).toBe(20)
  expect(pings.map(({ heard }) => heard)).toEqual([undefined, 7, 8])
  one.machineAnswered({ id: after + 1, mark: 9 }, 60_040)
  expect(pings).toHaveLength(3)
})

it('a machine of before that sets no marks is asked as before', () => {
  const { pings, life: one } = life()
  one.machineAnswered({ id: one.ask(0) }, 20)
  one.machineAnswered({ id: one.ask(60_000) }, 60_020)
  expect(pings.map(({ heard }) => heard)).toEqual([undefined, undefined])
})
