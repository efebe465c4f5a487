import { mkdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { until } from '../testing/app-under-test.ts'
import { keeperFolder, rawRunner, sh, size } from '../testing/raw-runner.ts'
import { FrameReader } from './frame-reader.ts'
import { KeeperClient } from './keeper-client.ts'
import { keeperSocket, madeToken, readToken } from './keeper-folder.ts'
import type { FromKeeper } from './keeper-messages.ts'
import { decodeFromKeeper, decodeToKeeper, encodeFromKeeper, encodeToKeeper } from './keeper-wire.ts'
import { type NoKeeper, reachOrStartKeeper } from './reach-keeper.ts'

let folder = ''
beforeEach(() => {
  folder = keeperFolder()
})

/** Something that listens in the keeper's place and says `answer` to whatever it hears. */
async function pretender(answer: readonly Uint8Array[]) {
  mkdirSync(folder, { mode: 0o700 })
  madeToken(folder)
  const types: (string | undefined)[] = []
  const server = createServer((socket) => {
    const frames = new FrameReader()
    socket.on('error', () => {})
    socket.on('data', (bytes: Uint8Array) => {
      for (const frame of frames.read(bytes)) types.push(decodeToKeeper(frame)?.type)
    })
    for (const bytes of answer) socket.write(bytes)
  })
  await new Promise<void>((resolve) => server.listen(keeperSocket(folder), resolve))
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()))
  onTestFinished(() => void server.close())
  return { types, stop }
}

const problemOf = (reaching: Promise<unknown>): Promise<string> =>
  reaching.then(
    () => 'reached',
    (problem: NoKeeper) => problem.message,
  )

it('a keeper that does not answer is named, and left alone', async () => {
  await pretender([])
  expect(await problemOf(reachOrStartKeeper(folder, { hear: () => {}, lost: () => {} }))).toMatch(
    /does not answer. Its terminals are left as they are/,
  )
})

it('a keeper of a later release is understood as far as this one goes', async () => {
  const unknown = Buffer.from([0, 0, 0, 3, 200, 1, 2])
  const welcome = encodeFromKeeper({ type: 'welcome', version: 9, pid: 1, startedAtMs: 2, runner: false })
  const longer = Buffer.concat([welcome, Buffer.from('more')])
  longer.writeUInt32BE(longer.length - 4)
  await pretender([unknown, longer])
  const heard: FromKeeper[] = []
  const port = await reachOrStartKeeper(folder, { hear: (message) => heard.push(message), lost: () => {} })
  expect(heard).toMatchObject([{ type: 'welcome', version: 9, pid: 1, startedAtMs: 2, runner: false }])
  port.close()
})

it('an older keeper without terminals makes room for one of this release', async () => {
  const welcome = encodeFromKeeper({ type: 'welcome', version: 0, pid: 1, startedAtMs: 2, runner: false })
  const said = await pretender([welcome])
  const client = await KeeperClient.connect(
    (listener) => reachOrStartKeeper(folder, listener),
    () => {},
  )
  expect(client.isOlder).toBe(true)
  await until(() => said.types.includes('retire'))
  await said.stop()
  const opened = await client.open({ terminal: 2, name: 'b', program: sh('sleep 1000'), size })
  if (typeof opened === 'string') throw new Error(opened)
  expect(client.isOlder).toBe(false)
  client.leave()
})

it('a runner of a later release is understood as far as this keeper goes', async () => {
  const first = await rawRunner(folder)
  const unknown = Buffer.from([0, 0, 0, 3, 200, 1, 2])
  const hello = encodeToKeeper({ type: 'hello', version: 9, role: 'owner', token: readToken(folder) })
  const longer = Buffer.concat([hello, Buffer.from('more')])
  longer.writeUInt32BE(longer.length - 4)
  const socket = connect(keeperSocket(folder))
  socket.write(Buffer.concat([longer, unknown, encodeToKeeper({ type: 'retire' })]))
  const [read] = await new Promise<[Uint8Array]>((resolve) =>
    socket.once('data', (bytes: Uint8Array) => resolve([bytes])),
  )
  expect(new FrameReader().read(read).map((frame) => decodeFromKeeper(frame)?.type)).toEqual(['welcome'])
  await until(() => first.isLost)
})
