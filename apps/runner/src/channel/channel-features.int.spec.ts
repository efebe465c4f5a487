import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { expect, it } from 'vitest'
import { connectApp, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import type { ChannelFeature } from './feature.ts'

const seen = { type: 'seen', id: '0'.repeat(32) } as const

/** A feature that notes what it is told. */
function noting(): ChannelFeature & { readonly noted: string[] } {
  const noted: string[] = []
  return {
    name: 'questions',
    hears: new Set(['seen']),
    streams: new Set(),
    noted,
    joined: (app) => {
      noted.push(`joined ${app.app}`)
      return {
        hear: (message) => void noted.push(`${app.app} says ${message.type}`),
        left: () => void noted.push(`left ${app.app}`),
      }
    },
  }
}

it('a feature is used with the apps that named it, and with no other', async () => {
  const feature = noting()
  const machine = machineUnderTest({ features: [feature] })
  const old = connectApp(machine.accept, { app: 'old' })
  const young = connectApp(machine.accept, { app: 'young', greet: false })
  young.say({ type: 'hello', version: PROTOCOL_VERSION, label: '', features: ['questions', 'flying'] })
  expect(await young.heard('welcome')).toMatchObject({ features: ['status', 'questions'] })
  await old.heard('welcome')
  old.say(seen)
  old.say({ type: 'ping', id: 1 })
  await old.heard('pong')
  young.say(seen)
  await until(() => feature.noted.includes('young says seen'))
  young.cut()
  expect(feature.noted).toEqual(['joined young', 'young says seen', 'left young'])
  expect(old.closedWith).toBeNull()
})

it('a message of a feature before the hello ends the channel', async () => {
  const app = connectApp(machineUnderTest({ features: [noting()] }).accept, { greet: false })
  app.say(seen)
  await until(() => app.closedWith === CloseReason.malformed)
})
