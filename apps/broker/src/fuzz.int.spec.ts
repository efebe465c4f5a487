import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { utf8 } from '@latchkey/protocol/bytes'
import { appCalls, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { FrameType } from '@latchkey/protocol/terminal/frames'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import WebSocket from 'ws'
import {
  cleanUp,
  code,
  registerFounding,
  type TestBroker,
  testBroker,
  ticketOf,
  within,
} from './testing/harness.ts'
import { enterTerminal, openTerminal } from './testing/terminal-client.ts'

/** `LATCHKEY_MALFORMED_PACKETS=50000` for all of them. */
const PACKETS = Number(process.env['LATCHKEY_MALFORMED_PACKETS'] ?? 10_000)
const PER_CONNECTION = 50
/** After this share of the packets every cache and every list with a bound is full. */
const WARM_UP = 0.3
/** RELIABILITY F12 says 1 MB in 100,000; the client ends are in this heap too, and it breathes by more than that. */
const GROWTH_BYTES_MAX = 4 * 1024 * 1024

const unhandled: unknown[] = []
const note = (problem: unknown) => void unhandled.push(problem)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  process.off('unhandledRejection', note)
  await cleanUp()
})

const EVENTS = [
  ...Object.keys({ ...runnerCalls, ...appCalls, ...terminalCalls }),
  'error',
  '__proto__',
  'constructor',
  'toString',
  '',
  'x'.repeat(300),
]

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'ABC-123-XYZ',
    '\u0000',
    '\ud800',
    'a'.repeat(5_000),
    '-1',
    'null',
  ),
)
const oddValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, -0, -1, 1e308, 0.1),
    oddText,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.oneof(
        oddText,
        fc.constantFrom(
          'runnerId',
          'pairingCode',
          'secret',
          'publicKey',
          'nonce',
          'signature',
          'routeTickets',
          'length',
        ),
      ),
      tie('value'),
      { maxKeys: 6, noNullPrototype: true },
    ),
  ),
})).value

/** A packet that Socket.IO takes apart and hands to us, with anything in it. */
const heard = fc
  .tuple(fc.constantFrom(...EVENTS), fc.array(oddValue, { maxLength: 3 }), fc.option(fc.nat(999)))
  .map(([event, args, ack]) => `42${ack ?? ''}${JSON.stringify([event, ...args])}`)
const fixed = fc.constantFrom(
  '42["app:pair",null]',
  '42["app:pair"]',
  '421["runner:register",{"__proto__":{"admin":true},"runnerId":"x","pairingCode":"ABC-123-XYZ","secret":{}}]',
  '42["runner:register",{"constructor":{"prototype":{"polluted":1}}}]',
  '42["app:pair",{"pairingCode":{"toString":"x"}}]',
  '420["runner:heartbeat",[["runnerId"]]]',
  '431["what"]',
  '43999999["what"]',
)
const structured = fc.oneof({ weight: 5, arbitrary: heard }, { weight: 1, arbitrary: fixed })

/** Packets after which the connection is closed, and rightly so. */
const closing: readonly (string | Buffer)[] = [
  '42[',
  '42{"a":1}',
  '42[7]',
  '42',
  '4',
  '49["x"]',
  '44"x"',
  '451-["x",{"_placeholder":true,"num":0}]',
  '4599999999-["x",{"_placeholder":true,"num":0}]',
  '42["connect",{}]',
  '42["disconnect"]',
  '42["newListener",{}]',
  '9',
  '',
  '\u0000',
  '40/admin,',
  '42/admin,["x"]',
  `42["app:pair","${'x'.repeat(70_000)}"]`,
  Buffer.alloc(0),
  Buffer.from([4, 0, 255]),
  randomBytes(300),
]

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
function heapBytes(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** Its answer says that all packets before it have been dealt with. */
const LAST_ACK = 70_000
const LAST_CALL = `42${LAST_ACK}["app:pairing:status"]`

/** One connection that sends packets in one go, the last of them one that it is closed for. Answers with how often it was answered. */
function attack(broker: TestBroker, packets: readonly string[], last: string | Buffer): Promise<number> {
  let answered = 0
  const socket = new WebSocket(`ws://127.0.0.1:${broker.port}/socket.io/?EIO=4&transport=websocket`)
  socket.on('error', () => {})
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    if (/^4[23]/.test(text)) answered++
    if (text.startsWith('0')) socket.send('40{}')
    if (text.startsWith('40')) for (const packet of [...packets, LAST_CALL]) socket.send(packet)
    if (text.startsWith(`43${LAST_ACK}`)) {
      socket.send(last)
      // If the packet did not close the connection, this one does.
      socket.send('42[')
    }
  })
  return within(
    'the broker to close',
    new Promise((resolve) => socket.on('close', () => resolve(answered))),
    20_000,
  )
}

it(`${PACKETS.toLocaleString('en')} malformed packets neither crash the broker, nor stay in its memory, nor keep an honest client waiting`, async () => {
  const broker = await testBroker({ log: 'warn', 'limit-messages': '1000000', 'limit-sockets': '1000' })
  const prototype = Object.getOwnPropertyNames(Object.prototype).sort().join()
  const connections = PACKETS / PER_CONNECTION
  const seed = 20_261_121
  const samples = fc.sample(structured, { numRuns: 5_000, seed })
  let next = 0
  let warmBytes = 0
  let answered = 0
  for (let n = 0; n < connections; n += 4) {
    const packets = () =>
      Array.from({ length: PER_CONNECTION - 2 }, () => samples[next++ % samples.length] ?? '')
    const several = [0, 1, 2, 3].map((m) =>
      attack(broker, packets(), closing[(n + m) % closing.length] ?? ''),
    )
    for (const answers of await Promise.all(several)) answered += answers
    if (warmBytes === 0 && n >= connections * WARM_UP) warmBytes = heapBytes()
  }
  expect(heapBytes() - warmBytes, `bytes grown, seed ${seed}`).toBeLessThan(GROWTH_BYTES_MAX)
  expect(unhandled).toEqual([])
  expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(prototype)
  expect(broker.log.filter((line) => line.includes('call.failed'))).toEqual([])
  expect(broker.log.filter((line) => line.includes('-failed'))).toEqual([])

  expect(answered, 'packets that got as far as a refusal').toBeGreaterThan(PACKETS / 10)

  const runner = await broker.connect()
  const app = await broker.connect()
  expect(await registerFounding(runner, broker, 'honest', code(1))).toMatchObject({ success: true })
  expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
}, 300_000)

it('random bytes on the terminal plane end only their own connection', async () => {
  const broker = await testBroker({ log: 'warn', 'limit-messages': '1000000', 'limit-sockets': '1000' })
  const runner = await broker.connect()
  const runnerEnd = await enterTerminal(
    broker.port,
    ticketOf(await registerFounding(runner, broker, 'r', code(1))),
  )
  await runnerEnd.next()
  const app = await broker.connect()
  const witness = await enterTerminal(
    broker.port,
    ticketOf(await app.call('app:pair', { pairingCode: code(1) })),
  )
  const { channel } = await witness.next()
  const noise = fc.sample(fc.uint8Array({ minLength: 0, maxLength: 64 }), { numRuns: 2_000, seed: 7 })

  for (const [n, bytes] of noise.slice(0, 500).entries()) {
    const stranger = await openTerminal(broker.port)
    stranger.socket.send(n % 3 === 0 ? Buffer.from(bytes).toString('latin1') : bytes)
    await stranger.ended
  }
  for (let n = 0; n < 100; n++) {
    const inside = await enterTerminal(broker.port, ticketOf(await app.call('terminal:ticket')))
    await inside.next()
    for (const bytes of noise.slice(n * 15, n * 15 + 15)) inside.socket.send(bytes)
    inside.socket.send('the end')
    await inside.ended
  }
  witness.send(FrameType.data, channel, utf8('still routed'))
  let frame = await runnerEnd.next()
  while (frame.channel !== channel || frame.type !== FrameType.data) frame = await runnerEnd.next()
  expect(Buffer.from(frame.payload).toString()).toBe('still routed')
  expect(unhandled).toEqual([])
  expect(broker.log.filter((line) => line.includes('failed'))).toEqual([])
})
