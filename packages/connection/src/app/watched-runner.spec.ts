import { decodeFrame, FrameType } from '@latchkey/protocol/terminal/frames'
import {
  type AppMessage,
  decodeAppMessages,
  encodeRunnerMessages,
  type RunnerMessage,
} from '@latchkey/protocol/terminal/messages'
import { decodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { expect, it } from 'vitest'
import type { Platform } from '../transport.ts'
import { Channel } from './channel.ts'
import type { TerminalSink } from './link.ts'
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
function session(features: readonly LinkFeature[] = [], isConnected = true) {
  const refused: EndReason[] = []
  const broken: number[] = []
  const sent: Uint8Array[] = []
  const socket = {
    send: (frame: Uint8Array) => void sent.push(frame),
    ...{ close: () => {}, bufferedBytes: 0, onFrame: () => {}, onEnd: () => {} },
  }
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
  if (isConnected) made.connected(life)
  const said = (): AppMessage[] =>
    sent.flatMap((bytes) => {
      const frame = decodeFrame(bytes)
      const plaintext = frame?.type === FrameType.data ? decodePlaintext(frame.payload) : null
      return plaintext?.stream === Stream.control ? [...(decodeAppMessages(plaintext.bytes) ?? [])] : []
    })
  const says = (message: RunnerMessage) =>
    made.hear({ stream: Stream.control, seq: 0, bytes: encodeRunnerMessages([message]) })
  return { made, life, says, said, refused, broken }
}

it('a machine of this version is welcome', () => {
  const { made, life, says, refused } = session()
  says(welcome)
  expect(refused).toEqual([])
  expect(life.welcomed).toBe(true)
  expect(made.machine.current).toMatchObject({ name: 'forge', mayType: true })
})

it.each([
  ['a machine that says nothing of files', { mayType: false }, false],
  ['an older machine, to an app that may type', { mayType: true }, true],
  ['a machine that takes files of an app that may look', { mayType: false, maySend: true }, true],
])('%s', (_, rights, maySend) => {
  const { made, says } = session()
  says({ ...welcome, ...rights })
  expect(made.machine.current).toMatchObject({ mayType: rights.mayType, maySend })
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

/** A sink that notes each call. */
function drawing() {
  const drawn: string[] = []
  const sink: TerminalSink = {
    write: (bytes) => void drawn.push(new TextDecoder().decode(bytes)),
    reset: ({ cols, rows }) => void drawn.push(`picture ${cols}x${rows}`),
    gap: () => void drawn.push('gap'),
    size: () => {},
    exited: () => void drawn.push('exited'),
    gone: () => void drawn.push('gone'),
  }
  return { drawn, sink }
}
const SIZE = { cols: 80, rows: 24 }
const picture = { type: 'snapshot', terminal: 3, kind: 'screen', offset: 0, ...SIZE, bytes: 0 } as const

it('a terminal that is opened is watched at once: what it prints before it is drawn waits, and nothing is asked twice', async () => {
  const { made, says, said } = session()
  says(welcome)
  const opening = made.open(SIZE)
  const asked = said().find((message) => message.type === 'open')
  if (asked?.type !== 'open') throw new Error('not asked')
  says({ type: 'opened', request: asked.request, terminal: 3, watched: true })
  says({ type: 'attached', terminal: 3, offset: 0, applied: 0 })
  says(picture)
  made.hear({ stream: Stream.output, terminal: 3, seq: 0, bytes: new TextEncoder().encode('$ ') })
  expect(await opening).toEqual({ ok: true, terminal: 3 })
  const { drawn, sink } = drawing()
  const watch = made.watch(3, SIZE, sink)
  expect(drawn).toEqual(['picture 80x24', '$ '])
  expect(watch.type(Uint8Array.of(97))).toBe('taken')
  expect(said().filter(({ type }) => type === 'attach')).toEqual([])
})

it('a terminal whose news came before the answer is drawn by the watch that is there', async () => {
  const { made, says, said } = session()
  says(welcome)
  const opening = made.open(SIZE)
  says({ type: 'terminal', terminal: 3, name: '', ...SIZE, owner: null, watchers: [], exit: null })
  const { drawn, sink } = drawing()
  made.watch(3, SIZE, sink)
  says({ type: 'opened', request: 1, terminal: 3, watched: true })
  // For the writer of the opening, then for that of the watch.
  says({ type: 'attached', terminal: 3, offset: 0, applied: 0 })
  says(picture)
  says({ type: 'attached', terminal: 3, offset: 0, applied: 0 })
  says(picture)
  made.hear({ stream: Stream.output, terminal: 3, seq: 0, bytes: new TextEncoder().encode('$ ') })
  expect(await opening).toEqual({ ok: true, terminal: 3 })
  expect(drawn).toEqual(['picture 80x24', 'picture 80x24', '$ '])
  expect(made.caughtUp).toBe(true)
  expect(said().filter(({ type }) => type === 'attach')).toHaveLength(1)
})

it('an older machine opens a terminal without watching it: it is attached when it is drawn', async () => {
  const { made, says, said } = session()
  says(welcome)
  const opening = made.open(SIZE)
  says({ type: 'opened', request: 1, terminal: 3 })
  expect(await opening).toEqual({ ok: true, terminal: 3 })
  made.watch(3, SIZE, drawing().sink)
  expect(said().filter(({ type }) => type === 'attach')).toHaveLength(1)
})

it('what is wanted before the first connection goes with its greeting', async () => {
  const { made, life, says, said } = session([], false)
  made.expect(3, SIZE)
  made.expect(4, SIZE)
  const opening = made.open(SIZE)
  made.connected(life)
  await Promise.resolve()
  await Promise.resolve()
  expect(said().map(({ type }) => type)).toEqual(['hello', 'attach', 'attach', 'ping', 'open'])
  says(welcome)
  says({ type: 'attached', terminal: 3, offset: 0, applied: 0 })
  says(picture)
  says({ type: 'error', terminal: 4, code: 'NO_SUCH_TERMINAL', message: '' })
  const { drawn, sink } = drawing()
  made.watch(3, SIZE, sink)
  expect(drawn).toEqual(['picture 80x24'])
  says({ type: 'opened', request: 1, terminal: 5 })
  expect(await opening).toEqual({ ok: true, terminal: 5 })
  made.watch(4, SIZE, sink)
  expect(said().filter(({ type }) => type === 'attach')).toHaveLength(3)
  made.lost()
  expect(await made.open(SIZE)).toMatchObject({ ok: false, code: 'OFFLINE' })
})
