import { encodeRunnerMessages, type RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { expect, it } from 'vitest'
import type { Platform } from '../transport.ts'
import { Channel } from './channel.ts'
import type { LinkFeature } from './link-feature.ts'
import type { EndReason } from './link-state.ts'
import { WatchedRunner } from './watched-runner.ts'

const welcome: RunnerMessage = {
  type: 'welcome',
  version: PROTOCOL_VERSION,
  machine: 'forge',
  you: 'me',
  mayType: true,
  shell: 'sh',
  terminals: [],
}

/** A session whose machine is played by the test. */
function session(features: readonly LinkFeature[] = []) {
  const refused: EndReason[] = []
  const broken: number[] = []
  const socket = { send: () => {}, close: () => {}, bufferedBytes: 0, onFrame: () => {}, onEnd: () => {} }
  const platform: Platform = {
    nowMs: () => 0,
    after: () => () => {},
    randomBytes: (count) => new Uint8Array(count),
    openSocket: () => Promise.reject(new Error('not opened here')),
  }
  const made = new WatchedRunner({
    platform,
    label: 'phone',
    locale: 'en',
    features,
    events: {
      changed: () => {},
      machineBroken: () => void broken.push(1),
      machineRefused: (reason) => void refused.push(reason),
    },
  })
  const life = new Channel({ socket, number: 5, sealed: null, nowMs: () => 0 })
  made.connected(life)
  const says = (message: RunnerMessage) =>
    made.hear({ stream: Stream.control, seq: 0, bytes: encodeRunnerMessages([message]) })
  return { made, life, says, refused, broken }
}

it('a machine of this version is welcome', () => {
  const { made, life, says, refused } = session()
  says(welcome)
  expect(refused).toEqual([])
  expect(life.welcomed).toBe(true)
  expect(made.machine.current).toMatchObject({ name: 'forge', mayType: true })
})

it('a machine of another version is not: nothing that it says of itself is taken', () => {
  for (const version of [PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1]) {
    const { made, life, says, refused } = session()
    says({ ...welcome, version })
    expect(refused).toEqual(['version'])
    expect(life.welcomed).toBe(false)
    expect(made.machine.current).toBe(null)
  }
})

it('a machine that turns this app away for how it speaks is heard', () => {
  for (const [code, reason] of [
    ['VERSION', 'version'],
    ['E2EE_REQUIRED', 'sealing-required'],
  ] as const) {
    const { says, refused } = session()
    says({ type: 'error', code, message: '' })
    expect(refused).toEqual([reason])
  }
})

it('what only an app may say breaks the connection', () => {
  const { made, broken } = session()
  made.hear({ stream: Stream.input, seq: 0, terminal: 1, bytes: Uint8Array.of(1) })
  made.hear({ stream: Stream.control, seq: 0, bytes: Uint8Array.of(1, 2) })
  expect(broken).toHaveLength(2)
})

it('a feature hears of the machines that offer it, and of its own messages', () => {
  const told: string[] = []
  const feature: LinkFeature = {
    name: 'status',
    hears: new Set(['status']),
    offered: () => void told.push('offered'),
    hear: ({ type }) => void told.push(type),
    lost: () => void told.push('lost'),
  }
  const { made, says } = session([feature])
  says(welcome)
  expect(told).toEqual([])
  says({ ...welcome, features: ['status', 'flying'] })
  says({ type: 'status', terminal: 1, state: 'idle', sinceMs: 0, lastLines: [] })
  says({ type: 'guarded', request: 1, typed: true })
  made.lost()
  expect(told).toEqual(['offered', 'status', 'lost'])
})
