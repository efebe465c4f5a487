import { randomBytes } from 'node:crypto'
import { connect as dial } from 'node:net'
import { join } from 'node:path'
import { encodeAppMessages } from '@latchkey/protocol/terminal/messages'
import { encodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp, connect, until } from '../../apps/broker/src/testing/harness.ts'
import { pushService } from '../../apps/broker/src/testing/push-service.ts'
import {
  ADAPTER_SOCKET,
  ADAPTER_VERSION,
  TERMINAL_MARK_VARIABLE,
} from '../../apps/runner/src/questions/adapter-wire.ts'
import { textOf } from '../../apps/runner/src/testing/app-under-test.ts'
import { pushedBrowser } from '../../apps/runner/src/testing/pushed-browser.ts'
import { startRedisServer } from '../../packages/stores/src/testing/redis-server.ts'
import { type BrokerProcess, brokerProcess, memoryHolds, wordsIn } from './broker-process.ts'
import { capturing } from './capturing.ts'
import { brokerAt, newKeys, pair, seal } from './sealed-app.ts'
import { machine, pinWay } from './sealed-machine.ts'

afterEach(cleanUp)

/** Found nowhere but where somebody put it. */
const word = (name: string): string => `${name}${randomBytes(9).toString('hex')}`

/** Types, prints and names words in a sealed terminal behind this broker, and says which. */
async function sealedWords(broker: BrokerProcess) {
  const { url, captured } = await capturing(broker.port)
  const on = await machine({ url, secret: broker.secret })
  const [typed, printed, named, called] = [word('typed'), word('printed'), word('named'), word('called')]
  const raw = await pair(brokerAt(url), { pairingCode: on.code() }, await connect(url, { label: called }))
  const { app } = await seal(raw, await newKeys(), pinWay(on.code()), on.shownPin)
  if (app === null) throw new Error('not sealed')
  const terminal = await app.open()
  app.attach(terminal)
  await until('a screen', () => app.seen(terminal).snapshots.length > 0)
  app.say({ type: 'rename', terminal, name: named })
  // Printed in two parts, so that the word as a whole is only ever in the output.
  const half = printed.length / 2
  app.type(terminal, 0, `: ${typed}; printf '%s%s\\n' ${printed.slice(0, half)} ${printed.slice(half)}\n`)
  await until('the output', () => textOf(app.seen(terminal).bytes).includes(printed))
  app.say({ type: 'scrollback', terminal, request: 9, lines: 100 })
  await until('the scrollback', () => app.seen(terminal).snapshots.some(({ kind }) => kind === 'scrollback'))
  return { secret: [typed, printed, named], called, runnerId: raw.runnerId, captured }
}

it('a word typed in a sealed terminal is nowhere in its broker: not in memory, database, log or traffic', async () => {
  const broker = await brokerProcess()
  const { secret, called, runnerId, captured } = await sealedWords(broker)
  // What the broker does know is found by the same search, so that finding nothing means something.
  expect(wordsIn(captured(), [...secret, called])).toEqual([called])
  expect(await broker.inHeapSnapshot([...secret, called])).toEqual([called])
  expect(broker.inMemory([...secret, called]) ?? [called]).toEqual([called])
  expect(broker.inFiles([...secret, runnerId])).toEqual([runnerId])
  expect(broker.log()).toContain('app.paired')
  expect(wordsIn(Buffer.from(broker.log()), secret)).toEqual([])
})

it('nor is it in the Redis of a broker that has one: not in its memory, nor in what is said to it', async () => {
  const redis = await startRedisServer()
  const between = await capturing(redis.port)
  const broker = await brokerProcess({ REDIS_URL: between.url.replace('http', 'redis') })
  const { secret, runnerId } = await sealedWords(broker)
  expect(wordsIn(between.captured(), [...secret, runnerId])).toEqual([runnerId])
  expect(memoryHolds(redis.pid, [...secret, runnerId]) ?? [runnerId]).toEqual([runnerId])
})

/** An agent in this terminal asks, as an adapter of ours says it. */
async function agentAsks(socket: string, mark: string, text: string): Promise<void> {
  const adapter = dial(socket)
  atCleanUp(() => adapter.destroy())
  const asked = {
    ...{ agent: 'codex', kind: 'command', title: 'Run a command', text, files: [], binding: 'one' },
    choices: [{ id: 'yes', label: 'Yes', covers: 'this command, once', effect: 'allow' }],
    lastsMs: null,
  }
  for (const line of [
    { type: 'hello', version: ADAPTER_VERSION, mark },
    { type: 'ask', request: 1, asked },
  ])
    adapter.write(`${JSON.stringify(line)}\n`)
}

it('a notification that a machine sends is nowhere in its broker: it has the address and sealed bytes', async () => {
  const service = await pushService()
  const broker = await brokerProcess({
    LATCHKEY_PUSH_SUBJECT: 'mailto:push@house.net',
    LATCHKEY_PUSH_SERVERS: service.origin,
  })
  const { url, captured } = await capturing(broker.port)
  const on = await machine({ url, secret: broker.secret })
  const [asked, path, called] = [word('asked'), word('path'), word('called')]
  const phone = pushedBrowser(`${service.origin}/${path}`)
  const raw = await pair(brokerAt(url), { pairingCode: on.code() }, await connect(url, { label: called }))
  const { app } = await seal(raw, await newKeys(), pinWay(on.code()), on.shownPin, ['questions', 'push'])
  if (app === null) throw new Error('not sealed')
  const rules = { needsYou: true, failed: true, done: true, quiet: null, muted: [] }
  app.say({ type: 'pushWanted', subscription: phone.subscription, rules, language: 'en', page: url })
  await app.heard('pushStanding', ({ endpoint }) => endpoint !== null)
  const terminal = await app.open()
  app.attach(terminal)
  await until('a screen', () => app.seen(terminal).snapshots.length > 0)
  app.type(terminal, 0, `printf '<%s>\\n' "$${TERMINAL_MARK_VARIABLE}"\n`)
  const mark = () => /<([^>%\s]+)>/.exec(textOf(app.seen(terminal).bytes))?.[1]
  await until('the mark of the terminal', () => mark() !== undefined)
  // The machine calls about terminals that no app has in front.
  app.say({ type: 'detach', terminal }, { type: 'ping', id: 1 })
  await app.heard('pong')
  await agentAsks(join(on.stateFolder, ADAPTER_SOCKET), mark() ?? '', asked)
  await app.heard('proof', ({ step }) => step === 'pushed')
  const { body = Buffer.alloc(0) } = service.heard[0] ?? {}
  expect(phone.read(body)).toMatchObject({
    title: 'codex asks you',
    body: expect.stringContaining(asked),
  })
  const { p256dh, auth } = phone.subscription
  const secret = [asked, p256dh, auth]
  expect(wordsIn(body, secret)).toEqual([])
  expect(wordsIn(captured(), [...secret, called])).toEqual([called])
  expect(await broker.inHeapSnapshot([...secret, called])).toEqual([called])
  expect(broker.inMemory([...secret, called]) ?? [called]).toEqual([called])
  expect(broker.inFiles([...secret, raw.runnerId])).toEqual([raw.runnerId])
  expect(broker.log()).toContain('push.taken')
  expect(wordsIn(Buffer.from(broker.log()), [...secret, path])).toEqual([])
})

it('the same search finds what an app says that does not seal, where a machine allows it', async () => {
  const broker = await brokerProcess()
  const { url, captured } = await capturing(broker.port)
  const on = await machine({ url, secret: broker.secret }, { allowUnsealed: true })
  const said = word('said')
  const raw = await pair(brokerAt(url), { pairingCode: on.code() })
  const hello = encodeAppMessages([{ type: 'hello', version: PROTOCOL_VERSION, label: said }])
  // The first frame of a connection, unmasked as the machine gets it.
  raw.send(encodePlaintext({ stream: Stream.control, seq: 0, bytes: hello }))
  await until('the owner to be asked', () => on.host.door.prompt?.shown?.unsealed === true)
  on.host.accept(on.host.door.prompt?.shown?.pin ?? '')
  await until('a welcome', () => on.all('connected').length === 1)
  expect(wordsIn(captured(), [said])).toEqual([said])
})
