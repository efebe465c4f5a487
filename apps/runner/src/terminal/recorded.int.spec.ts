import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { loadIdentity } from '../identity.ts'
import { Recordings } from '../recording/recordings.ts'
import { verifyRecording } from '../recording/verify-recording.ts'
import { type AppUnderTest, connectApp, textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'

function recordingMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'))
  const troubles: string[] = []
  const recordings = new Recordings({
    stateFolder: folder,
    identity: loadIdentity(join(folder, 'identity.json')),
    machine: 'machine',
    bytesMax: 10_000_000,
    onTrouble: (message) => troubles.push(message),
  })
  const machine = machineUnderTest({ recordings })
  onTestFinished(async () => {
    await machine.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const fileOf = (name: string) => readFileSync(join(folder, 'recordings', name))
  return { machine, recordings, troubles, fileOf }
}

async function watched(app: AppUnderTest, terminal: number): Promise<void> {
  app.attach(terminal)
  await until(() => app.seen(terminal).snapshots.length > 0)
}

async function recorded(app: AppUnderTest, terminal: number, recordings: Recordings): Promise<string> {
  app.say({ type: 'record', terminal, on: true })
  await app.heard('terminal', (info) => info.recording === true)
  await until(() => recordings.running.length === 1)
  return recordings.running[0]?.name ?? ''
}

const event = z.tuple([z.number(), z.string(), z.string()])
const eventsIn = (file: Buffer): readonly (readonly [number, string, string])[] =>
  file
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('['))
    .map((line) => event.parse(JSON.parse(line)))

const dataOf = (file: Buffer, code: string): string =>
  eventsIn(file)
    .flatMap(([, its, data]) => (its === code ? [data] : []))
    .join('')

const verdict = (file: Buffer) =>
  verifyRecording(
    (async function* () {
      yield await Promise.resolve(file)
    })(),
  )

const isWhole = (file: () => Buffer) =>
  vi.waitFor(async () => expect(await verdict(file())).toMatchObject({ status: 'whole' }), WITHIN)
const WITHIN = { timeout: 20_000 }

/** Types a line as a person does: Enter comes when the line was seen. */
async function typesLine(
  app: AppUnderTest,
  terminal: number,
  from: number,
  line: string,
  file: () => Buffer,
) {
  app.type(terminal, from, line)
  await until(() => dataOf(file(), 'i').endsWith(line))
  app.type(terminal, from + line.length, '\n')
}

const shows = (app: AppUnderTest, terminal: number, text: string) =>
  until(() => textOf(app.seen(terminal).bytes).includes(text))

it('output, input with its app, sizes and the exit are recorded, and every app is told', async () => {
  const { machine, recordings, fileOf } = recordingMachine()
  const [one, two] = [connectApp(machine.accept, { app: 'one' }), connectApp(machine.accept, { app: 'two' })]
  const terminal = await one.open()
  await watched(one, terminal)
  await watched(two, terminal)
  one.type(terminal, 0, 'echo be""fore\n')
  await shows(one, terminal, 'before\r\n')
  const name = await recorded(one, terminal, recordings)
  await two.heard('terminal', (info) => info.recording === true)
  await typesLine(one, terminal, 14, 'echo $((6*7))', () => fileOf(name))
  await shows(two, terminal, '\r\n42\r\n')
  await typesLine(two, terminal, 0, 'echo $((5*5))', () => fileOf(name))
  await shows(one, terminal, '\r\n25\r\n')
  one.say({ type: 'takeSize', terminal, cols: 101, rows: 31 })
  await one.heard('terminal', (info) => info.cols === 101)
  await typesLine(one, terminal, 28, 'exit 3', () => fileOf(name))
  await one.heard('exited')
  await two.heard('terminal', (info) => info.recording === false)
  await until(() => dataOf(fileOf(name), 'm') === 'The program ended.')
  await isWhole(() => fileOf(name))
  const file = fileOf(name)
  // It begins with the screen as it was.
  expect(dataOf(file, 'o')).toContain('before')
  expect(dataOf(file, 'o')).toMatch(/\n42\r\n[^]*\n25\r\n/)
  expect(dataOf(file, 'i')).toBe('echo $((6*7))\necho $((5*5))\nexit 3\n')
  const who = eventsIn(file).flatMap(([, code, data]) => (code === 'w' ? [data.split(' ')[0]] : []))
  expect(who).toEqual(['one', 'two', 'one'])
  expect(dataOf(file, 'r')).toContain('101x31')
  expect(dataOf(file, 'x')).toBe('3')
})

it('of a password only the length is recorded', async () => {
  const { machine, recordings, fileOf } = recordingMachine()
  const app = connectApp(machine.accept)
  const terminal = await app.open()
  await watched(app, terminal)
  const name = await recorded(app, terminal, recordings)
  const asks = `stty -echo; printf 'Pass''word: '; read -r p; stty echo; echo "got \${#p}"\n`
  app.type(terminal, 0, asks)
  await shows(app, terminal, 'Password: ')
  app.type(terminal, asks.length, 'canary-word')
  app.type(terminal, asks.length + 11, '\n')
  await shows(app, terminal, 'got 11')
  app.say({ type: 'record', terminal, on: false })
  await app.heard('terminal', (info) => info.recording === false)
  await isWhole(() => fileOf(name))
  const file = fileOf(name)
  expect(file.toString('utf8')).not.toContain('canary')
  const hidden = eventsIn(file).flatMap(([, code, data]) => (code === 'h' ? [Number(data)] : []))
  expect(hidden).toContain(11)
  expect(dataOf(file, 'm')).toBe('The recording was stopped.')
})

it('a password and its Enter in one piece, right after the question, is hidden too', async () => {
  const { machine, recordings, fileOf } = recordingMachine()
  const app = connectApp(machine.accept)
  const terminal = await app.open()
  await watched(app, terminal)
  const name = await recorded(app, terminal, recordings)
  const asks = `stty -echo; printf 'Pass''word: '; read -r p; stty echo; echo "got \${#p}"\n`
  app.type(terminal, 0, asks)
  await shows(app, terminal, 'Password: ')
  app.type(terminal, asks.length, 'canary-word\n')
  await shows(app, terminal, 'got 11')
  await recordings.stop()
  expect(fileOf(name).toString('utf8')).not.toContain('canary')
})

it('begun twice it is one; it ends whole when the machine ends, and goes on without any app', async () => {
  const { machine, recordings, fileOf } = recordingMachine()
  const app = connectApp(machine.accept)
  const terminal = await app.open()
  await watched(app, terminal)
  const name = await recorded(app, terminal, recordings)
  app.say({ type: 'record', terminal, on: true })
  app.type(terminal, 0, 'sleep 0.3; echo af""ter; sleep 100\n')
  await app.heard('applied', ({ upTo }) => upTo === 35)
  app.cut()
  await until(() => dataOf(fileOf(name), 'o').includes('after\r\n'))
  expect(recordings.running).toEqual([{ name, terminal }])
  await machine.stop()
  expect(await verdict(fileOf(name))).toMatchObject({ status: 'whole' })
})

it('an app that may only look begins no recording; where none are made, apps are not offered one', async () => {
  const plain = connectApp(machineUnderTest({ viewOnly: true }).accept)
  plain.say({ type: 'record', terminal: 1, on: true })
  expect(await plain.heard('error')).toMatchObject({ code: 'VIEW_ONLY' })
  const app = connectApp(machineUnderTest().accept)
  const terminal = await app.open()
  expect((await app.heard('terminal')).recording).toBeUndefined()
  app.say({ type: 'record', terminal, on: true })
  expect(await app.heard('error')).toMatchObject({ code: 'CANNOT_START', terminal })
})

it('a private terminal is not recorded, and its apps are offered none', async () => {
  const { machine, recordings } = recordingMachine()
  const app = connectApp(machine.accept)
  app.say({ type: 'open', request: 1, private: true, cols: 80, rows: 24 })
  const { terminal } = await app.heard('opened')
  const info = await app.heard('terminal', (told) => told.terminal === terminal && told.private === true)
  expect(info.recording).toBeUndefined()
  app.say({ type: 'record', terminal, on: true })
  expect((await app.heard('error')).message).toContain('This terminal is private')
  expect(recordings.running).toEqual([])
})
