import { SealedChannel } from '@latchkey/e2ee/channel'
import { expect, it } from 'vitest'
import { sealedEnvelope } from './app-envelope.ts'
import { primitives } from './primitives.ts'

const MINUTE_MS = 60_000
const secrets = () => ({
  fromApp: new Uint8Array(32).fill(1),
  fromRunner: new Uint8Array(32).fill(2),
  channel: new Uint8Array(8).fill(3),
})

function ends() {
  const time = { nowMs: 0 }
  const clock = () => time.nowMs
  const runner = sealedEnvelope(secrets(), clock)
  const app = new SealedChannel({ aead: primitives.aead, role: 'app', secrets: secrets(), clock, pad: true })
  return { time, runner, app }
}

it('an app that makes no new handshake within its hour is asked to after seventy minutes', () => {
  const { time, runner, app } = ends()
  time.nowMs = 60 * MINUTE_MS
  expect(app.needsNewHandshake).toBe(true)
  expect(runner.isStale).toBe(false)
  time.nowMs = 70 * MINUTE_MS - 1
  expect(runner.isStale).toBe(false)
  time.nowMs = 70 * MINUTE_MS
  expect(runner.isStale).toBe(true)
})

it('a goodbye that is authentic is a leaving, and nothing is sealed after one', () => {
  const { runner, app } = ends()
  expect(runner.wasLeft).toBe(false)
  runner.open(app.close() ?? new Uint8Array(0))
  expect(runner.wasLeft).toBe(true)
  expect(runner.isOpen).toBe(false)
  expect(runner.goodbye()).toBe(null)
})

it('a frame that the relay swallowed ends the channel: nothing behind it is taken', () => {
  const { runner, app } = ends()
  app.seal(Uint8Array.of(1))
  expect(runner.open(app.seal(Uint8Array.of(2)))).toBe(null)
  expect(runner.open(app.seal(Uint8Array.of(3)))).toBe(null)
})
