import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import type { FeatureBytes } from '@latchkey/protocol/terminal/streams'
import { expect, it } from 'vitest'
import { settled } from '../hand-platform.fixture.ts'
import { appFiles } from './app-files.ts'
import type { FeatureVoice } from './link-feature.ts'
import { shellWord } from './shell-word.ts'

const MIB = 1024 * 1024
/** Stands for SHA-256: the number of bytes. */
const newDigest = () => {
  let bytes = 0
  return {
    update: (more: Uint8Array) => void (bytes += more.length),
    hex: () => bytes.toString(16).padStart(64, '0'),
  }
}

function app() {
  const said: AppMessage[] = []
  const sent: FeatureBytes[] = []
  const way = { writable: true, bufferedBytes: 0 }
  const voice: FeatureVoice = {
    say: (message) => void said.push(message),
    send: (bytes) => void sent.push(bytes),
    get writable() {
      return way.writable
    },
    get bufferedBytes() {
      return way.bufferedBytes
    },
  }
  const files = appFiles({ newDigest, nowMs: () => 0 })
  const send = (bytes: number, name = 'a') =>
    files.send({
      key: 'ab'.repeat(16),
      source: { name, bytes, read: async (from, to) => new Uint8Array(to - from) },
      terminal: 3,
      into: 'own',
    })
  const written = (have: number, transfer = 1) =>
    files.feature.hear({ type: 'fileWritten', transfer, have, upTo: have + MIB })
  return { files, said, sent, way, voice, send, written }
}

it('a file goes on after acknowledgements that came all at once', async () => {
  const { files, sent, voice, send, written } = app()
  send(4 * MIB)
  files.feature.offered(voice)
  written(0)
  await expect.poll(() => sent.length).toBeGreaterThan(3)
  await settled()
  const before = sent.length
  for (const { seq, bytes } of [...sent]) written(seq + bytes.length)
  await expect.poll(() => sent.length).toBeGreaterThan(before)
})

it('a file waits while the broker takes no more, or the network has not taken the last of it', async () => {
  const { files, sent, way, voice, send, written } = app()
  send(MIB)
  way.writable = false
  files.feature.offered(voice)
  written(0)
  await settled()
  expect(sent).toEqual([])
  way.writable = true
  way.bufferedBytes = MIB
  files.feature.pump?.()
  await settled()
  expect(sent).toEqual([])
  way.bufferedBytes = 0
  files.feature.pump?.()
  await expect.poll(() => sent.length).toBeGreaterThan(0)
})

it('three files go at once, and the next begins when one of them ends', () => {
  const { files, said, voice, send } = app()
  const sendings = ['a', 'b', 'c', 'd'].map((name) => send(5, name))
  files.feature.offered(voice)
  const begun = () => said.flatMap((message) => (message.type === 'sendFile' ? [message.name] : []))
  expect(begun()).toEqual(['a', 'b', 'c'])
  sendings[1]?.cancel()
  expect(said.at(-2)).toEqual({ type: 'fileCancel', transfer: 2 })
  expect(begun()).toEqual(['a', 'b', 'c', 'd'])
  expect(sendings[1]?.state.current).toEqual({ status: 'canceled' })
})

it('an empty file is sent and fetched too', async () => {
  const { files, said, voice, send, written } = app()
  const sending = send(0)
  files.feature.offered(voice)
  written(0)
  await expect.poll(() => said.at(-1)?.type).toBe('fileEnd')
  files.feature.hear({ type: 'fileDone', transfer: 1, path: '/srv/a' })
  expect(sending.state.current).toEqual({ status: 'done', path: '/srv/a' })
  const fetching = files.fetch({ path: 'b', terminal: null })
  files.feature.hear({ type: 'fileFound', transfer: 2, path: '/b', bytes: 0, changedAtMs: 0, tag: 't' })
  fetching.accept({ write: () => {} })
  expect(said.at(-1)).toEqual({ type: 'fileCredit', transfer: 2, upTo: 0 })
  files.feature.hear({ type: 'fileSent', transfer: 2, sha256: newDigest().hex() })
  await expect.poll(() => fetching.state.current.status).toBe('done')
})

it.each([
  ['/srv/a.png', '/srv/a.png'],
  ["/srv/it's here", "'/srv/it'\\''s here'"],
  ['/srv/$(rm)', "'/srv/$(rm)'"],
  ['/srv/a\nb', null],
  ['/srv/\u001b[201~', null],
  ['-rf', null],
])('the path %j is the shell word %j', (path, word) => {
  expect(shellWord(path)).toBe(word)
})
