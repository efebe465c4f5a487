import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, it } from 'vitest'
import { until } from '../testing/app-under-test.ts'
import { isAlive, keeperFolder, open, parentOf, rawRunner, sh, size } from '../testing/raw-runner.ts'
import { FrameReader } from './frame-reader.ts'
import { KeeperClient } from './keeper-client.ts'
import { keeperFolderProblem, keeperSocket, readToken } from './keeper-folder.ts'
import type { FromKeeper, KeeperPort, ToKeeper } from './keeper-messages.ts'
import { decodeFromKeeper, encodeToKeeper } from './keeper-wire.ts'
import { reachKeeper, reachOrStartKeeper } from './reach-keeper.ts'

let folder = ''
beforeEach(() => {
  folder = keeperFolder()
})

it('a program goes on without its runner, and the next one has all it printed and typed', async () => {
  const first = await rawRunner(folder)
  first.say(open(1, 'read -r line; echo "got $line"; read -r line; echo "then $line"; exit 5'))
  first.say({ type: 'follow', terminal: 1 })
  first.say({ type: 'attach', terminal: 1, writer: 'w', connection: 1 })
  first.say({ type: 'input', terminal: 1, writer: 'w', connection: 1, from: 0, bytes: Buffer.from('one\n') })
  await until(() => first.printed(1).includes('got one'))
  first.leave()
  const second = await rawRunner(folder)
  expect(second.welcome?.pid).toBe(first.welcome?.pid)
  expect(second.listed()).toMatchObject([{ terminal: 1, exit: null, ledger: { writers: [['w', 4]] } }])
  second.say({ type: 'follow', terminal: 1 })
  second.say({ type: 'attach', terminal: 1, writer: 'w', connection: 1 })
  // All that the app has not seen acknowledged, of which the first part was typed.
  second.say({
    type: 'input',
    terminal: 1,
    writer: 'w',
    connection: 1,
    from: 0,
    bytes: Buffer.from('one\ntwo\n'),
  })
  await until(() => second.heard.some(({ type }) => type === 'exited'))
  expect(second.heard.find(({ type }) => type === 'exited')).toMatchObject({ exit: { code: 5 } })
  expect(second.printed(1)).toBe('one\r\ngot one\r\ntwo\r\nthen two\r\n')
  second.say({ type: 'forget', terminal: 1 })
  second.leave()
})

it('a program that ends while no runner is there is told with its exit and its last bytes', async () => {
  const first = await rawRunner(folder)
  first.say(open(1, 'sleep 0.3; echo LAST; exit 9'))
  await until(() => first.heard.some(({ type }) => type === 'opened'))
  const { pid = 0 } = first.heard.find((message) => message.type === 'opened') ?? {}
  first.leave()
  await until(() => !isAlive(pid))
  const second = await rawRunner(folder)
  await until(() => second.listed().length === 1)
  second.say({ type: 'follow', terminal: 1 })
  await until(() => second.printed(1) === 'LAST\r\n')
  await until(
    () =>
      second.heard.some((message) => message.type === 'exited' && message.exit.code === 9) ||
      second.listed()[0]?.exit?.code === 9,
  )
  second.say({ type: 'forget', terminal: 1 })
  second.leave()
})

it('ends when it has no terminals and no runner', async () => {
  const only = await rawRunner(folder)
  const pid = only.welcome?.pid ?? 0
  only.say(open(1, 'true'))
  await until(() => only.heard.some(({ type }) => type === 'exited'))
  only.say({ type: 'forget', terminal: 1 })
  only.leave()
  await until(() => !isAlive(pid))
})

it('a program that nobody reads waits, and nothing of what it prints is lost', async () => {
  const first = await rawRunner(folder)
  first.say(open(1, 'stty -onlcr; seq 1 400000'))
  await until(() => first.heard.some(({ type }) => type === 'opened'))
  first.leave()
  const second = await rawRunner(folder)
  second.say({ type: 'follow', terminal: 1 })
  await until(() => second.heard.some(({ type }) => type === 'exited'), 60_000)
  const kept = second.heard.find((message) => message.type === 'kept')
  expect(kept?.start).toBe(0)
  expect(second.printed(1)).toBe(Array.from({ length: 400_000 }, (_, at) => `${at + 1}\n`).join(''))
  second.say({ type: 'forget', terminal: 1 })
  second.leave()
})

it('sizes come in their place among the output', async () => {
  const first = await rawRunner(folder)
  first.say(open(1, 'echo one; read -r _; echo two; read -r _'))
  first.say({ type: 'follow', terminal: 1 })
  first.say({ type: 'attach', terminal: 1, writer: 'w', connection: 1 })
  await until(() => first.printed(1).includes('one'))
  first.say({ type: 'resize', terminal: 1, size: { cols: 40, rows: 10 } })
  first.say({ type: 'input', terminal: 1, writer: 'w', connection: 1, from: 0, bytes: Buffer.from('\n') })
  await until(() => first.printed(1).includes('two'))
  first.leave()
  const second = await rawRunner(folder)
  expect(second.listed()).toMatchObject([{ cols: 40, rows: 10 }])
  second.say({ type: 'follow', terminal: 1 })
  await until(() => second.printed(1).includes('two'))
  const order = second.heard.map((message) =>
    message.type === 'output' ? Buffer.from(message.bytes).toString() : message.type,
  )
  expect(order.slice(order.indexOf('kept'))).toEqual([
    'kept',
    'one\r\n',
    'resized',
    expect.stringContaining('two'),
  ])
  second.say({ type: 'kill', terminal: 1 })
  await until(() => second.heard.some(({ type }) => type === 'exited'))
  second.say({ type: 'forget', terminal: 1 })
  second.leave()
})

it("the terminal's own answers are typed once, though a new screen gives them again", async () => {
  const first = await rawRunner(folder)
  first.say(open(1, 'stty raw -echo; echo READY; dd bs=1 count=3 status=none; dd bs=1 count=3 status=none'))
  first.say({ type: 'follow', terminal: 1 })
  await until(() => first.printed(1).includes('READY'))
  first.say({ type: 'reply', terminal: 1, from: 0, bytes: Buffer.from('abc') })
  first.say({ type: 'reply', terminal: 1, from: 0, bytes: Buffer.from('abc') })
  await until(() => first.printed(1).includes('abc'))
  first.leave()
  const second = await rawRunner(folder)
  expect(second.listed()).toMatchObject([{ replied: 3 }])
  second.say({ type: 'follow', terminal: 1 })
  second.say({ type: 'reply', terminal: 1, from: 0, bytes: Buffer.from('abcdef') })
  await until(() => second.heard.some(({ type }) => type === 'exited'))
  expect(second.printed(1)).toBe('READY\nabcdef')
  second.say({ type: 'forget', terminal: 1 })
  second.leave()
})

it('folder, socket and token are for their owner alone', async () => {
  const only = await rawRunner(folder)
  for (const [path, mode] of [
    [folder, 0o700],
    [keeperSocket(folder), 0o600],
    [join(folder, 'token'), 0o600],
  ] as const)
    expect(statSync(path).mode & 0o777, path).toBe(mode)
  only.leave()
})

it('a folder that others can open is closed to them, and one of another user is not used', async () => {
  mkdirSync(folder, { mode: 0o755 })
  chmodSync(folder, 0o755)
  expect(keeperFolderProblem(folder)).toBeNull()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(keeperFolderProblem(folder, statSync(folder).uid + 1)).toMatch(/belongs to another user/)
  expect(keeperFolderProblem(join(folder, 'x'.repeat(100)))).toMatch(/too long for a socket/)
  writeFileSync(join(folder, 'file'), '')
  expect(keeperFolderProblem(join(folder, 'file'))).toMatch(/is no folder/)
  expect(keeperFolderProblem(join(folder, 'file', 'in-it'))).toMatch(/cannot be used: ENOTDIR/)
})

/** Says these bytes to the keeper; answers with what it said before it closed. */
const stranger = (bytes: Uint8Array): Promise<FromKeeper[]> =>
  new Promise((resolve) => {
    const heard: FromKeeper[] = []
    const frames = new FrameReader()
    const socket = connect(keeperSocket(folder), () => socket.write(bytes))
    socket.on('data', (read: Uint8Array) => {
      for (const frame of frames.read(read)) {
        const message = decodeFromKeeper(frame)
        if (message !== null) heard.push(message)
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })

it('strangers and hostile bytes are refused with a sentence, and no terminal notices', async () => {
  const first = await rawRunner(folder)
  first.say(open(1, 'read -r _; echo still here'))
  first.say({ type: 'follow', terminal: 1 })
  first.say({ type: 'attach', terminal: 1, writer: 'w', connection: 1 })
  await until(() => first.heard.some(({ type }) => type === 'opened'))
  const wrong = encodeToKeeper({ type: 'hello', version: 1, role: 'owner', token: new Uint8Array(32) })
  const early = encodeToKeeper({ type: 'endAll' })
  const right = encodeToKeeper({ type: 'hello', version: 1, role: 'owner', token: readToken(folder) })
  const short = encodeToKeeper({ type: 'kill', terminal: 1 }).subarray(0, 5)
  const refused = [{ type: 'refused', busy: false }]
  expect(await stranger(wrong)).toMatchObject(refused)
  expect(await stranger(early)).toMatchObject(refused)
  expect(await stranger(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toMatchObject(refused)
  expect(await stranger(Buffer.alloc(64, 0xff))).toMatchObject(refused)
  const cut = Buffer.concat([right, short])
  cut.writeUInt32BE(1, right.length)
  expect((await stranger(cut)).map(({ type }) => type)).toEqual(['listed', 'welcome', 'refused'])
  first.say({ type: 'input', terminal: 1, writer: 'w', connection: 1, from: 0, bytes: Buffer.from('\n') })
  await until(() => first.printed(1).includes('still here'))
  first.say({ type: 'forget', terminal: 1 })
  first.leave()
})

it('a second runner is told that another one has the terminals', async () => {
  const first = await rawRunner(folder)
  expect(await reachKeeper(folder, 'runner', { hear: () => {}, lost: () => {} })).toBe('busy')
  expect(first.isLost).toBe(false)
  first.leave()
})

it('an owner sees what runs and ends it', async () => {
  const first = await runnerWithSleep()
  first.leave()
  const heard: FromKeeper[] = []
  let isOver = false
  const port = await ownerPort({ hear: (message) => heard.push(message), lost: () => (isOver = true) })
  expect(heard.map(({ type }) => type)).toEqual(['listed', 'welcome'])
  port.send({ type: 'endAll' })
  await until(() => isOver)
})

it('an owner may end all while a runner is still there: the keeper ends when that one has gone', async () => {
  const first = await runnerWithSleep()
  const owner = await ownerPort({ hear: () => {}, lost: () => {} })
  owner.send({ type: 'endAll' })
  await until(() => first.heard.some(({ type }) => type === 'exited'))
  first.leave()
  await until(() => !isAlive(first.welcome?.pid ?? 0))
})

async function runnerWithSleep() {
  const runner = await rawRunner(folder)
  runner.say(open(1, 'sleep 1000'))
  await until(() => runner.heard.some(({ type }) => type === 'opened'))
  return runner
}

async function ownerPort(listener: Parameters<typeof reachKeeper>[2]): Promise<KeeperPort<ToKeeper>> {
  for (;;) {
    const port = await reachKeeper(folder, 'owner', listener)
    if (typeof port === 'object') return port
  }
}

it('a runner whose keeper was killed is told, and its terminals have ended', async () => {
  let lost = 0
  const client = await KeeperClient.connect(
    (listener) => reachOrStartKeeper(folder, listener),
    () => (lost += 1),
  )
  const opened = await client.open({ terminal: 1, name: 'a', program: sh('sleep 1000'), size })
  if (typeof opened === 'string') throw new Error(opened)
  let exit: unknown = null
  opened.listen({
    onKept: () => {},
    onOutput: () => {},
    onResized: () => {},
    onApplied: () => {},
    onStirred: () => {},
    onExited: (told) => (exit = told),
  })
  process.kill(parentOf(opened.info.pid), 'SIGKILL')
  await until(() => exit !== null)
  expect([lost, exit]).toEqual([1, { code: 0, signal: 1 }])
  const again = await client.open({ terminal: 2, name: 'b', program: sh('exit 0'), size })
  if (typeof again === 'string') throw new Error(again)
  client.leave()
})

it('a keeper that cannot start says why', async () => {
  const program = fileURLToPath(new URL('./keeper-main.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const exitCode = await new Promise((resolve) => child.once('close', resolve))
  expect([exitCode, said]).toEqual([2, 'usage: keeper-main FOLDER\n'])
})
