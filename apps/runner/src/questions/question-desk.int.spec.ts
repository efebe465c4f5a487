import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { expect, it, onTestFinished } from 'vitest'
import type { Guest } from '../channel/guest.ts'
import { openEnvelope } from '../channel/guest.ts'
import { loadIdentity } from '../identity.ts'
import { connectApp, textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import type { AdapterQuestion, FromAdapter, ToAdapter } from './adapter-wire.ts'
import { questionFeature } from './question-feature.ts'

const NONCE = 'cd'.repeat(16)
const asked: AdapterQuestion = {
  ...{ agent: 'codex', kind: 'command', title: 'run a command', text: 'touch one', files: [] },
  choices: [
    { id: 'accept', label: 'Allow', covers: 'this command, once', effect: 'allow' },
    { id: 'decline', label: 'Deny', covers: 'this command', effect: 'deny' },
  ],
  ...{ lastsMs: null, binding: 'thread turn item' },
}

/** A machine with its socket for adapters, one terminal, and the environment that its shell was given. */
async function machine() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-questions-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const troubles: string[] = []
  const feature = questionFeature({
    ...{ stateFolder: folder, identity: loadIdentity(join(folder, 'identity.json')) },
    randomBytes: (count) => randomBytes(count),
    onTrouble: (message) => troubles.push(message),
  })
  const hosted = machineUnderTest({ features: [feature.desk], terminalEnv: feature.terminalEnv })
  await feature.serve(hosted.terminals)
  onTestFinished(() => feature.stop())
  const app = (name: string, rights: Partial<Guest> = {}) => {
    const guest = (label: string): Guest => ({
      ...{ envelope: openEnvelope, handle: name, appId: null, sealed: false, label, knownSinceMs: 0 },
      ...{ mayType: true, mayApprove: true, maySend: true, only: null, ...rights },
    })
    const it = connectApp((channel) => hosted.serve(channel, guest(name)), { app: name, greet: false })
    it.say({ type: 'hello', version: PROTOCOL_VERSION, label: name, features: ['questions'] })
    return it
  }
  const phone = app('phone')
  const terminal = await phone.open()
  phone.attach(terminal)
  phone.type(terminal, 0, 'echo "<$LATCHKEY_TERMINAL|$LATCHKEY_AGENTS>"\n')
  const shown = () => /<(\d[^|>]*)\|([^>]+)>/.exec(textOf(phone.seen(terminal).bytes).replace(/\r\n/g, ''))
  await until(() => shown() !== null)
  const [, mark = '', path = ''] = shown() ?? []
  return { folder, troubles, feature, hosted, app, phone, terminal, mark, path }
}

/** An adapter as a program beside the runner. */
function adapter(path: string, mark: string) {
  const heard: ToAdapter[] = []
  let isClosed = false
  const socket = connect(path)
  let rest = ''
  socket.on('data', (bytes) => {
    const lines = (rest + bytes.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    heard.push(...lines.map((line): ToAdapter => JSON.parse(line)))
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  onTestFinished(() => void socket.destroy())
  const say = (message: FromAdapter) => void socket.write(`${JSON.stringify(message)}\n`)
  say({ type: 'hello', version: 1, mark })
  const hears = async <Type extends ToAdapter['type']>(type: Type) => {
    const find = () => heard.find((one): one is Extract<ToAdapter, { type: Type }> => one.type === type)
    await until(() => find() !== undefined)
    const found = find()
    if (found === undefined) throw new Error(type)
    return found
  }
  return { say, hears, heard, socket, isClosed: () => isClosed }
}

it('a question goes to the apps, one answer to the agent, and each step is told when it is true', async () => {
  const { folder, app, phone, terminal, mark, path } = await machine()
  const watcher = app('watcher', { mayType: false, mayApprove: false })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const codex = adapter(path, mark)
  expect(await codex.hears('welcome')).toEqual({ type: 'welcome', terminal })
  codex.say({ type: 'ask', request: 1, asked })
  const question = await phone.heard('question')
  expect(question).toMatchObject({ terminal, agent: 'codex', text: 'touch one', mayAnswer: true })
  expect(await watcher.heard('question')).toMatchObject({ id: question.id, mayAnswer: false })
  const { id, digest } = question
  watcher.say({ type: 'answer', id, digest, choice: 'accept', nonce: NONCE })
  expect(await watcher.heard('proof', ({ step }) => step === 'refused')).toMatchObject({ why: 'NOT_ALLOWED' })
  phone.say({ type: 'seen', id })
  phone.say({ type: 'answer', id, digest, choice: 'accept', nonce: NONCE })
  phone.say({ type: 'answer', id, digest, choice: 'decline', nonce: 'ef'.repeat(16) })
  expect(await codex.hears('answer')).toEqual({ type: 'answer', request: 1, choice: 'accept' })
  expect(await phone.heard('proof', ({ step }) => step === 'refused')).toMatchObject({
    why: 'ALREADY_DECIDED',
  })
  codex.say({ type: 'sent', request: 1 })
  codex.say({ type: 'decided', request: 1, decider: 'answer' })
  codex.say({ type: 'ended', request: 1, outcome: 'ran', exit: 0 })
  await watcher.heard('proof', ({ step }) => step === 'over')
  const steps = (one: typeof phone) =>
    one.messages.flatMap((each) =>
      each.type === 'proof' && each.step !== 'refused' ? [[each.step, each.by]] : [],
    )
  await phone.heard('proof', ({ step }) => step === 'over')
  const path8 = (by: string) => [
    ['asked', undefined],
    ['seen', undefined],
    ['sent', undefined],
    ['decided', by],
    ['ran', undefined],
    ['over', undefined],
  ]
  expect(steps(phone)).toEqual(path8('here'))
  expect(steps(watcher)).toEqual(path8('other-app'))
  expect(codex.heard.filter(({ type }) => type === 'answer')).toHaveLength(1)
  phone.say({ type: 'answer', id, digest, choice: 'accept', nonce: NONCE })
  await phone.heard('proof', ({ why, message }) => why === 'ALREADY_DECIDED' && message !== undefined)
  const audit = readFileSync(join(folder, 'questions.log'), 'utf8')
  expect(audit).toContain('"what":"answered"')
  expect(audit).not.toContain('touch one')
})

it('an app that comes later sees the open question and its steps; one of an older release hears of none', async () => {
  const { app, hosted, mark, path, phone } = await machine()
  const codex = adapter(path, mark)
  codex.say({ type: 'ask', request: 1, asked })
  const { id } = await phone.heard('question')
  phone.say({ type: 'seen', id })
  await phone.heard('proof', ({ step }) => step === 'seen')
  const late = app('late')
  await late.heard('proof', ({ step }) => step === 'seen')
  const old = connectApp(hosted.accept, { app: 'old' })
  old.say({ type: 'ping', id: 1 })
  await old.heard('pong')
  expect(old.messages.some(({ type }) => type === 'question' || type === 'proof')).toBe(false)
})

it('an adapter that dies, hangs, or lies about its terminal decides nothing', async () => {
  const { phone, mark, path, terminal } = await machine()
  const liar = adapter(path, `${terminal + 1}${mark.slice(mark.indexOf('.'))}`)
  expect((await liar.hears('refused')).message).toContain('in no terminal of this machine')
  await until(liar.isClosed)
  const nonsense = adapter(path, mark)
  nonsense.socket.write(`${'x'.repeat(600_000)}\n`)
  await until(nonsense.isClosed)
  const dying = adapter(path, mark)
  dying.say({ type: 'ask', request: 1, asked })
  const { id, digest } = await phone.heard('question')
  dying.socket.destroy()
  expect(await phone.heard('proof', ({ step }) => step === 'over')).toMatchObject({ id, why: 'AGENT_GONE' })
  phone.say({ type: 'answer', id, digest, choice: 'accept', nonce: NONCE })
  expect(await phone.heard('proof', ({ step }) => step === 'refused')).toMatchObject({ why: 'AGENT_GONE' })
})

it('a runner that stops leaves the question to the desk, and its next life knows none', async () => {
  const { feature, phone, mark, path } = await machine()
  const codex = adapter(path, mark)
  codex.say({ type: 'ask', request: 1, asked })
  await phone.heard('question')
  await feature.stop()
  await until(codex.isClosed)
  expect(codex.heard.some(({ type }) => type === 'answer')).toBe(false)
})

const hashOf = (rows: readonly string[]) => createHash('sha256').update(rows.join('\n')).digest('hex')

it('a guarded key is typed while the screen shows the rows that the app saw, and not after it moved on', async () => {
  const { app, phone, terminal } = await machine()
  const approver = app('approver', { mayType: false })
  const seen = () => textOf(phone.seen(terminal).bytes)
  const typedBytes = 'echo "<$LATCHKEY_TERMINAL|$LATCHKEY_AGENTS>"\n'.length
  phone.type(terminal, typedBytes, `clear; printf 'Go on? [y/n]   '; read -r answer; echo "got=$answer"\n`)
  await until(() => /\[y\/n\] {3}$/.test(seen()))
  const key = (request: number, key: string, rows: readonly string[], from = 0, to = 0) =>
    approver.say({ type: 'guardedKey', request, terminal, key, from, to, rows: hashOf(rows) })
  key(1, 'y', ['Go on? [n/y]'])
  const first = await approver.heard('guarded', ({ request }) => request === 1)
  expect(first).toMatchObject({ typed: false, message: 'The screen moved on, nothing was typed.' })
  key(2, 'y', ['Go on? [y/n]'], 0, 400)
  expect(await approver.heard('guarded', ({ request }) => request === 2)).toMatchObject({ typed: false })
  key(3, 'rm -rf /\r', ['Go on? [y/n]'])
  expect(await approver.heard('guarded', ({ request }) => request === 3)).toMatchObject({ typed: false })
  key(4, 'y', ['Go on? [y/n]'])
  expect(await approver.heard('guarded', ({ request }) => request === 4)).toMatchObject({ typed: true })
  await until(() => seen().endsWith('y'))
  key(5, '\r', ['Go on? [y/n]   y'])
  await until(() => seen().includes('got=y'))
  key(6, '\r', ['Go on? [y/n]   y', 'got=y', '$'], 0, 2)
  expect(await approver.heard('guarded', ({ request }) => request === 6)).toMatchObject({ typed: true })
  const watcher = app('watcher', { mayType: false, mayApprove: false })
  watcher.say({ type: 'guardedKey', request: 7, terminal, key: 'y', from: 0, to: 0, rows: hashOf(['x']) })
  expect(await watcher.heard('guarded')).toMatchObject({ typed: false })
})
