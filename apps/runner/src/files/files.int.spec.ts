import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { encodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { expect, it, onTestFinished } from 'vitest'
import { type AppUnderTest, connectApp, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { arrivalId, partOf } from './arrival-book.ts'
import { filesFeature } from './files.ts'
import { TransferLog } from './transfer-log.ts'

const KEY = 'cd'.repeat(16)
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const MIB = 1024 * 1024

/** A machine whose shells start in `work`, with files of at most 4 MiB. */
function machine(how: { readonly viewOnly?: boolean; readonly bytesMax?: number } = {}) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'files-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const work = join(root, 'work')
  mkdirSync(work)
  const log = new TransferLog(join(root, 'state', 'files.log'), (trouble) => expect.fail(trouble))
  onTestFinished(() => log.settled())
  const start = () => {
    const feature = filesFeature({
      stateFolder: join(root, 'state'),
      bytesMax: how.bytesMax ?? 4 * MIB,
      log,
      nowMs: () => Date.now(),
    })
    const hosted = machineUnderTest({ features: [feature], folder: work, viewOnly: how.viewOnly === true })
    return () => connectApp(hosted.accept, { app: 'phone', features: ['files'] })
  }
  return { work, own: join(work, '.latchkey'), root, log, start, connect: start() }
}

const bytesOnStream = (app: AppUnderTest, number: number, seq: number, bytes: Uint8Array) =>
  app.raw(encodePlaintext({ stream: Stream.files, number, seq, bytes }))

/** Sends what the machine does not have, in chunks, and the end. */
async function send(
  app: AppUnderTest,
  transfer: number,
  name: string,
  bytes: Uint8Array,
  key = KEY,
): Promise<string> {
  app.say({ type: 'sendFile', transfer, key, name, bytes: bytes.length, into: 'own' })
  const { have } = await app.heard('fileWritten', (message) => message.transfer === transfer)
  for (let at = have; at < bytes.length; at += 30_000) {
    bytesOnStream(app, transfer, at, bytes.subarray(at, at + 30_000))
    const end = Math.min(at + 30_000, bytes.length)
    await app.heard('fileWritten', (message) => message.transfer === transfer && message.have >= end)
  }
  app.say({ type: 'fileEnd', transfer, sha256: sha256(bytes) })
  const { path } = await app.heard('fileDone', (message) => message.transfer === transfer)
  return path
}

async function refused(app: AppUnderTest, transfer: number) {
  const { code, message } = await app.heard('fileRefused', (each) => each.transfer === transfer)
  expect(message).toMatch(/^\S.{10,}\.$/s)
  return code
}

const partsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.part'))
const filler = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 255)

it('a file that an app sends lies whole in the folder of the terminal, for its user alone', async () => {
  const { own, connect, root, log } = machine()
  const app = connect()
  const bytes = filler(100_000)
  const path = await send(app, 1, '../../hours wrong.png', bytes)
  expect(path).toBe(join(own, 'hours wrong.png'))
  expect(readFileSync(path)).toEqual(Buffer.from(bytes))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(own).mode & 0o777).toBe(0o700)
  expect(partsIn(own)).toEqual([])
  await log.settled()
  const line: unknown = JSON.parse(readFileSync(join(root, 'state', 'files.log'), 'utf8'))
  expect(line).toMatchObject({ did: 'file-received', label: 'phone', path, sha256: sha256(bytes) })
})

it('a file goes into the folder where the shell of its terminal is', async () => {
  const { root, connect } = machine()
  const app = connect()
  const terminal = await app.open()
  app.attach(terminal)
  const other = join(root, 'other')
  mkdirSync(other)
  app.type(terminal, 0, `cd ${other}; echo arri''ved\n`)
  await until(() => Buffer.from(app.seen(terminal).bytes).includes('arrived'))
  app.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'a.txt', bytes: 0, terminal, into: 'working' })
  await app.heard('fileWritten')
  app.say({ type: 'fileEnd', transfer: 1, sha256: sha256('') })
  expect((await app.heard('fileDone')).path).toBe(join(other, 'a.txt'))
})

it('a file of the same name gets a number, and the first stays', async () => {
  const { own, connect } = machine()
  const app = connect()
  await send(app, 1, 'a.txt', filler(5), '01'.repeat(16))
  expect(await send(app, 2, 'a.txt', filler(9), '02'.repeat(16))).toBe(join(own, 'a-2.txt'))
  expect(statSync(join(own, 'a.txt')).size).toBe(5)
})

it('a lost channel costs nothing: the file goes on at its offset, also in another process', async () => {
  const { own, connect, start } = machine()
  const bytes = filler(200_000)
  const first = connect()
  first.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'a.bin', bytes: bytes.length, into: 'own' })
  await first.heard('fileWritten')
  bytesOnStream(first, 1, 0, bytes.subarray(0, 60_000))
  await first.heard('fileWritten', ({ have }) => have === 60_000)
  first.cut()
  expect(readdirSync(own).filter((name) => name === 'a.bin')).toEqual([])
  const second = start()()
  second.say({ type: 'sendFile', transfer: 9, key: KEY, name: 'a.bin', bytes: bytes.length, into: 'own' })
  expect(await second.heard('fileWritten')).toMatchObject({ have: 60_000 })
  second.cut()
  const path = await send(start()(), 1, 'a.bin', bytes)
  expect(readFileSync(path)).toEqual(Buffer.from(bytes))
  expect(readdirSync(own).sort()).toEqual(['.gitignore', 'a.bin'])
})

it('a file whose end was not heard of is not there twice', async () => {
  const { own, connect, start } = machine()
  const bytes = filler(5_000)
  const path = await send(connect(), 1, 'a.bin', bytes)
  const again = start()()
  again.say({ type: 'sendFile', transfer: 4, key: KEY, name: 'a.bin', bytes: bytes.length, into: 'own' })
  expect(await again.heard('fileDone')).toMatchObject({ transfer: 4, path })
  expect(readdirSync(own).sort()).toEqual(['.gitignore', 'a.bin'])
})

it('a process that ended between the place and the record leaves one file', async () => {
  const { own, root, connect, start } = machine()
  const bytes = filler(5_000)
  const path = await send(connect(), 1, 'a.bin', bytes)
  // As it was one step earlier: placed, with its part, and a record that does not know.
  const id = arrivalId('phone', KEY)
  linkSync(path, partOf(id, { folder: own }))
  const record = join(root, 'state', 'arrivals', `${id}.json`)
  writeFileSync(record, readFileSync(record, 'utf8').replace(JSON.stringify(path), 'null'))
  const again = start()()
  again.say({ type: 'sendFile', transfer: 4, key: KEY, name: 'a.bin', bytes: bytes.length, into: 'own' })
  expect(await again.heard('fileDone')).toMatchObject({ path })
  expect(readdirSync(own).sort()).toEqual(['.gitignore', 'a.bin'])
})

it('bytes that are not those of the app are thrown away', async () => {
  const { own, connect } = machine()
  const app = connect()
  app.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'a.bin', bytes: 4, into: 'own' })
  await app.heard('fileWritten')
  bytesOnStream(app, 1, 0, filler(4))
  app.say({ type: 'fileEnd', transfer: 1, sha256: sha256('else') })
  expect(await refused(app, 1)).toBe('DAMAGED')
  expect(readdirSync(own)).toEqual(['.gitignore'])
})

it('a canceled file leaves nothing, and late bytes of it disturb nothing', async () => {
  const { own, connect } = machine()
  const app = connect()
  app.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'a.bin', bytes: 100, into: 'own' })
  await app.heard('fileWritten')
  bytesOnStream(app, 1, 0, filler(50))
  app.say({ type: 'fileCancel', transfer: 1 })
  bytesOnStream(app, 1, 50, filler(50))
  app.say({ type: 'ping', id: 1 })
  await app.heard('pong')
  await until(() => partsIn(own).length === 0)
  expect(app.closedWith).toBeNull()
})

it('bytes at a wrong offset end the channel', async () => {
  const app = machine().connect()
  app.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'a.bin', bytes: 100, into: 'own' })
  await app.heard('fileWritten')
  bytesOnStream(app, 1, 7, filler(50))
  await until(() => app.closedWith === CloseReason.malformed)
})

it('a file that is too large, or has no room on the disk, is refused before a byte of it is sent', async () => {
  const { connect, own } = machine({ bytesMax: Number.MAX_SAFE_INTEGER })
  const small = machine().connect()
  small.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'film', bytes: 10 * 1024 * MIB, into: 'own' })
  expect(await refused(small, 1)).toBe('TOO_LARGE')
  const large = connect()
  large.say({
    type: 'sendFile',
    transfer: 1,
    key: KEY,
    name: 'film',
    bytes: Number.MAX_SAFE_INTEGER - 1,
    into: 'own',
  })
  expect(await refused(large, 1)).toBe('NO_SPACE')
  expect(readdirSync(own)).toEqual(['.gitignore'])
})

it('a link in place of the folder is not followed', async () => {
  const { own, root, connect } = machine()
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync(join(root, 'elsewhere'), own)
  const app = connect()
  app.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'a', bytes: 1, into: 'own' })
  expect(await refused(app, 1)).toBe('NO_FOLDER')
  expect(readdirSync(join(root, 'elsewhere'))).not.toContain('a')
})

it('an app that may only look sends and fetches nothing', async () => {
  const { work, connect, own } = machine({ viewOnly: true })
  writeFileSync(join(work, 'secret'), 'x')
  const app = connect()
  expect(await app.heard('welcome')).toMatchObject({ mayType: false, maySend: false })
  app.say({ type: 'sendFile', transfer: 1, key: KEY, name: 'a', bytes: 1, into: 'own' })
  app.say({ type: 'fetchFile', transfer: 2, path: 'secret', from: 0 })
  expect(await refused(app, 1)).toBe('NOT_ALLOWED')
  expect(await refused(app, 2)).toBe('NOT_ALLOWED')
  expect(existsSync(own)).toBe(false)
})

it('a fetched file comes as far as its app wants it, says its size first, and ends with its digest', async () => {
  const { work, connect } = machine()
  const bytes = filler(90_000)
  writeFileSync(join(work, 'out.bin'), bytes)
  const app = connect()
  app.say({ type: 'fetchFile', transfer: 1, path: 'out.bin', from: 0 })
  expect(await app.heard('fileFound')).toMatchObject({ path: join(work, 'out.bin'), bytes: 90_000 })
  expect(app.received).toEqual([])
  app.say({ type: 'fileCredit', transfer: 1, upTo: 40_000 })
  await until(() => got(app, 1).length === 40_000)
  app.say({ type: 'fileCredit', transfer: 1, upTo: 90_000 })
  expect((await app.heard('fileSent')).sha256).toBe(sha256(bytes))
  expect(got(app, 1)).toEqual(Buffer.from(bytes))
})

it('a fetch goes on at an offset, but not in a file that has changed', async () => {
  const { work, connect } = machine()
  const bytes = filler(50_000)
  writeFileSync(join(work, 'out.bin'), bytes)
  const app = connect()
  app.say({ type: 'fetchFile', transfer: 1, path: 'out.bin', from: 0 })
  const { tag } = await app.heard('fileFound')
  app.say({ type: 'fileCancel', transfer: 1 })
  app.say({ type: 'fetchFile', transfer: 2, path: 'out.bin', from: 49_000, tag })
  await app.heard('fileFound', ({ transfer }) => transfer === 2)
  app.say({ type: 'fileCredit', transfer: 2, upTo: 50_000 })
  expect((await app.heard('fileSent')).sha256).toBe(sha256(bytes))
  expect(got(app, 2)).toEqual(Buffer.from(bytes.subarray(49_000)))
  app.say({ type: 'fetchFile', transfer: 3, path: 'out.bin', from: 0 })
  await app.heard('fileFound', ({ transfer }) => transfer === 3)
  appendFileSync(join(work, 'out.bin'), 'more')
  app.say({ type: 'fileCredit', transfer: 3, upTo: 50_000 })
  expect(await refused(app, 3)).toBe('CHANGED')
  app.say({ type: 'fetchFile', transfer: 4, path: 'out.bin', from: 49_000, tag })
  expect(await refused(app, 4)).toBe('CHANGED')
})

it('links, folders, sockets and files that are not there are refused, each with its reason', async () => {
  const { work, connect } = machine()
  writeFileSync(join(work, 'real'), 'x')
  symlinkSync('real', join(work, 'link'))
  const socket = createServer().listen(join(work, 'socket'))
  onTestFinished(() => void socket.close())
  const app = connect()
  const cases = [
    ['link', 'LINK'],
    ['.', 'NOT_A_FILE'],
    ['/dev/zero', 'NOT_A_FILE'],
    ['socket', 'NOT_A_FILE'],
    ['none', 'NOT_FOUND'],
    ['real/x', 'NOT_FOUND'],
  ] as const
  await until(() => existsSync(join(work, 'socket')))
  for (const [at, [path, code]] of cases.entries()) {
    app.say({ type: 'fetchFile', transfer: at, path, from: 0 })
    expect(await refused(app, at), path).toBe(code)
  }
  expect(app.closedWith).toBeNull()
})

const got = (app: AppUnderTest, transfer: number): Buffer =>
  Buffer.concat(app.received.filter(({ number }) => number === transfer).map(({ bytes }) => bytes))
