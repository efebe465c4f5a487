import { decodeAppMessages } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import type { Channel } from './channel.ts'
import { ConnectionLife } from './connection-life.ts'

function life() {
  const pings: { id: number; heard?: number | undefined }[] = []
  const channel: Channel = {
    send: (plaintext) => {
      for (const message of decodeAppMessages(plaintext.bytes) ?? [])
        if (message.type === 'ping') pings.push({ id: message.id, heard: message.heard })
    },
    askBroker: () => {},
    writable: true,
    sealed: true,
    isStale: false,
    close: () => {},
  }
  return { pings, life: new ConnectionLife(channel, 0) }
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
