import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppFiles, appFiles } from '@latchkey/connection/app/app-files'
import type { AcceptChannel, ChannelListener } from '@latchkey/connection/runner/terminal-plane'
import { runnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { decodeRunnerMessages, encodeAppMessages } from '@latchkey/protocol/terminal/messages'
import { decodePlaintext, encodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { filesFeature } from './files.ts'
import { TransferLog } from './transfer-log.ts'

/** `LATCHKEY_FILE_CUTS=200` for all of them. */
const CUTS = Number(process.env['LATCHKEY_FILE_CUTS'] ?? 20)
const FILES = 3
const BYTES = 600_000
const MIB = 1024 * 1024

const newDigest = () => {
  const hash = createHash('sha256')
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') }
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function place() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'cuts-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const work = join(root, 'work')
  mkdirSync(work)
  const log = new TransferLog(join(root, 'transfers.log'), (trouble) => expect.fail(trouble))
  onTestFinished(() => log.settled())
  let settled = () => Promise.resolve()
  /** Another process of the machine over the same disk; that before has ended. */
  const machine = async () => {
    await settled()
    const nowMs = () => Date.now()
    const feature = filesFeature({ stateFolder: join(root, 'state'), bytesMax: 64 * MIB, log, nowMs })
    settled = () => feature.settled()
    return machineUnderTest({ features: [feature], folder: work }).accept
  }
  return { work, own: join(work, '.latchkey'), machine }
}

/** Joins an app's files with a machine, until so many bytes have gone between them. */
function joined(files: AppFiles, accept: AcceptChannel, bytesMax: number): Promise<void> {
  return new Promise((resolve) => {
    let left = bytesMax
    let isCut = false
    let seq = 0
    let listener: ChannelListener | null = null
    const passes = (bytes: number): boolean => {
      left -= bytes
      if (left < 0 && !isCut) {
        isCut = true
        listener?.onEnd()
        files.feature.lost()
        resolve()
      }
      return !isCut
    }
    const toMachine = (payload: Uint8Array) =>
      setImmediate(() => passes(payload.length) && listener?.onEnvelope(payload))
    const say = (...messages: Parameters<typeof encodeAppMessages>[0]) =>
      toMachine(encodePlaintext({ stream: Stream.control, seq: seq++, bytes: encodeAppMessages(messages) }))
    const voice = {
      say: (message: Parameters<typeof encodeAppMessages>[0][number]) => say(message),
      send: (bytes: Parameters<typeof encodePlaintext>[0]) => toMachine(encodePlaintext(bytes)),
      writable: true,
      bufferedBytes: 0,
    }
    const hear = (payload: Uint8Array) => {
      const plaintext = decodePlaintext(payload)
      if (plaintext === null) throw new Error('the machine sent something malformed')
      if ('number' in plaintext) {
        if (files.feature.take?.(plaintext) !== true) throw new Error('the app did not take the bytes')
        return
      }
      for (const message of decodeRunnerMessages(plaintext.bytes) ?? []) {
        if (message.type === 'welcome') files.feature.offered(voice)
        const told = runnerFeatureMessage.safeParse(message)
        if (told.success) files.feature.hear(told.data)
      }
    }
    listener = accept({
      opening: {
        channel: 1,
        pid: '00'.repeat(16),
        runnerId: 'runner',
        appSessionId: 'phone',
        label: 'phone',
        address: '',
      },
      send: (payload) => {
        const copy = Uint8Array.from(payload)
        setImmediate(() => passes(copy.length) && hear(copy))
      },
      close: (reason) => expect(reason).toBe(CloseReason.runnerGone),
    })
    say({ type: 'hello', version: PROTOCOL_VERSION, label: 'phone', features: ['files'] })
  })
}

it(`${FILES} files survive ${CUTS} cuts at random bytes, with new processes of the machine, and are there once`, async () => {
  const { own, machine } = place()
  const files = appFiles({ newDigest, nowMs: () => performance.now() })
  const contents = Array.from({ length: FILES }, () => randomBytes(BYTES))
  const sendings = contents.map((bytes, at) =>
    files.send({
      key: randomBytes(16).toString('hex'),
      source: {
        name: `file-${at}.bin`,
        bytes: bytes.length,
        read: async (from, to) => bytes.subarray(from, to),
      },
      terminal: null,
      into: 'own',
    }),
  )
  let accept = await machine()
  for (let cut = 0; cut < CUTS; cut++) {
    if (cut % 5 === 4) accept = await machine()
    await joined(files, accept, 1 + Math.floor(((FILES * BYTES) / CUTS) * Math.random() * 1.5))
    // A cut may come before the machine has made the folder.
    const there = existsSync(own) ? readdirSync(own, { encoding: 'utf8' }) : []
    for (const name of there.filter((each) => each.endsWith('.bin')))
      expect(sha256(readFileSync(join(own, name))), name).toBe(sha256(contents[Number(name.slice(5, 6))]!))
  }
  void joined(files, accept, Number.POSITIVE_INFINITY)
  await until(() => sendings.every(({ state }) => state.current.status === 'done'))
  expect(readdirSync(own).sort()).toEqual(['.gitignore', ...contents.map((_, at) => `file-${at}.bin`)])
  for (const [at, bytes] of contents.entries())
    expect(sha256(readFileSync(join(own, `file-${at}.bin`)))).toBe(sha256(bytes))
})

it('a fetched file survives cuts as well', async () => {
  const { work, machine } = place()
  const bytes = randomBytes(BYTES)
  writeFileSync(join(work, 'out.bin'), bytes)
  const files = appFiles({ newDigest, nowMs: () => performance.now() })
  const fetching = files.fetch({ path: 'out.bin', terminal: null })
  const parts: Uint8Array[] = []
  fetching.state.subscribe(({ status }) => {
    if (status === 'found') fetching.accept({ write: (part) => void parts.push(part) })
  })
  const accept = await machine()
  for (let cut = 0; cut < 8; cut++) await joined(files, accept, 2_000 + Math.floor(Math.random() * 90_000))
  void joined(files, accept, Number.POSITIVE_INFINITY)
  await until(() => fetching.state.current.status === 'done')
  expect(sha256(Buffer.concat(parts))).toBe(sha256(bytes))
})

it('a file that changes while it is sent is canceled, and its reader says why', async () => {
  const { own, machine } = place()
  const files = appFiles({ newDigest, nowMs: () => performance.now() })
  const read = async () => Promise.reject(new Error('The file has changed.'))
  const sending = files.send({
    key: '0a'.repeat(16),
    source: { name: 'a', bytes: 10, read },
    terminal: null,
    into: 'own',
  })
  void joined(files, await machine(), Number.POSITIVE_INFINITY)
  await until(() => sending.state.current.status === 'refused')
  expect(sending.state.current).toMatchObject({ code: 'OWN_FILE', message: 'The file has changed.' })
  await until(() => readdirSync(own).length === 1)
})
