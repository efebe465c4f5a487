import { randomBytes } from 'node:crypto'
import { utf8 } from '@latchkey/protocol/bytes'
import {
  CloseReason,
  DATA_BYTES_MAX,
  encodeFrame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cleanUp,
  code,
  registerFounding,
  registerOurs,
  runnerKeys,
  testBroker,
  ticketOf,
  turns,
  until,
} from '../testing/harness.ts'
import { pairedEnds } from '../testing/paired-ends.ts'
import { enterTerminal, jsonOf, openTerminal } from '../testing/terminal-client.ts'
import { QUEUED_BYTES_MAX } from './leg.ts'

afterEach(cleanUp)

const reasonOf = (payload: Uint8Array) => payload[0]

describe('a channel', () => {
  it('is opened at both ends, and the runner hears whose it is', async () => {
    const broker = await testBroker()
    const { join } = await pairedEnds(broker)
    const { opened, open, paired } = await join('Pixel 8')
    expect(opened.type).toBe(FrameType.opened)
    expect(jsonOf(opened)).toEqual({ channel: opened.channel, pid: paired['pid'], runnerId: 'runner-1' })
    expect(open).toMatchObject({ type: FrameType.open, channel: opened.channel })
    expect(jsonOf(open)).toEqual({
      ...jsonOf(opened),
      appSessionId: expect.any(String),
      label: 'Pixel 8',
      address: '127.0.0.1',
    })
    expect((await join('second')).channel).not.toBe(opened.channel)
  })

  it('carries any bytes both ways, as they are and in order', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const { appEnd, channel } = await join('app')
    const frames = [0, 1, 5, 125, 126, 65_535, DATA_BYTES_MAX].map((size) => randomBytes(size))
    for (const bytes of frames) {
      appEnd.send(FrameType.data, channel, bytes)
      const got = await runnerEnd.next()
      expect(got).toMatchObject({ type: FrameType.data, channel })
      expect(Buffer.compare(got.payload, bytes)).toBe(0)
      runnerEnd.send(FrameType.data, channel, bytes)
      expect(Buffer.compare((await appEnd.next()).payload, bytes)).toBe(0)
    }
  })

  it('ends for the runner when the app goes, and for the app when the runner goes', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const one = await join('one')
    const two = await join('two')
    one.appEnd.socket.terminate()
    const closed = await runnerEnd.next()
    expect(closed).toMatchObject({ type: FrameType.close, channel: one.channel })
    expect(reasonOf(closed.payload)).toBe(CloseReason.appGone)
    runnerEnd.socket.terminate()
    const gone = await two.appEnd.next()
    expect(gone).toMatchObject({ type: FrameType.close, channel: two.channel })
    expect(reasonOf(gone.payload)).toBe(CloseReason.runnerGone)
    await two.appEnd.ended
  })

  it('ends at once when the app unpairs, and nothing of it gets through any more', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const { app, appEnd, channel } = await join('app')
    const unpaired = app.call('app:unpair')
    const closed = await runnerEnd.next()
    expect(closed).toMatchObject({ type: FrameType.close, channel })
    expect(reasonOf(closed.payload)).toBe(CloseReason.unpaired)
    await unpaired
    appEnd.send(FrameType.data, channel, utf8('rm -rf /'))
    expect(reasonOf((await appEnd.next()).payload)).toBe(CloseReason.unpaired)
    await appEnd.ended
    await runnerEnd.taken()
    expect(runnerEnd.received.some((frame) => frame.includes('rm -rf'))).toBe(false)
    expect(await app.call('terminal:ticket')).toMatchObject({ code: 'NOT_PAIRED' })
  })

  it('ends when the runner says goodbye, and when it closes it', async () => {
    const broker = await testBroker()
    const { runner, runnerEnd, join } = await pairedEnds(broker)
    const one = await join('one')
    runnerEnd.send(FrameType.close, one.channel, Uint8Array.of(CloseReason.malformed))
    expect(reasonOf((await one.appEnd.next()).payload)).toBe(CloseReason.malformed)
    await one.appEnd.ended
    const two = await join('two')
    runner.close()
    expect(reasonOf((await two.appEnd.next()).payload)).toBe(CloseReason.unpaired)
    await two.appEnd.ended
    await runnerEnd.ended
  })

  it('outlives the loss of either control connection', async () => {
    const broker = await testBroker()
    const { runner, runnerEnd, join } = await pairedEnds(broker)
    const { app, appEnd, channel } = await join('app')
    runner.socket.io.engine.close()
    app.socket.io.engine.close()
    await Promise.all([runner.ended, app.ended])
    appEnd.send(FrameType.data, channel, utf8('still here'))
    expect(Buffer.from((await runnerEnd.next()).payload).toString()).toBe('still here')
  })

  it('is no way to the channel of another app or another runner', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const mine = await join('mine')
    const other = await join('other')
    mine.appEnd.send(FrameType.data, other.channel, utf8('not mine'))
    expect(reasonOf((await mine.appEnd.next()).payload)).toBe(CloseReason.malformed)
    expect(await runnerEnd.next()).toMatchObject({ type: FrameType.close, channel: mine.channel })

    const stranger = await broker.connect()
    const registered = await registerFounding(stranger, broker, 'runner-2', code(2))
    const strangerEnd = await enterTerminal(broker.port, ticketOf(registered))
    await strangerEnd.next()
    strangerEnd.send(FrameType.data, other.channel, utf8('spoofed'))
    strangerEnd.send(FrameType.close, other.channel, Uint8Array.of(1))
    runnerEnd.send(FrameType.data, other.channel, utf8('genuine'))
    expect(Buffer.from((await other.appEnd.next()).payload).toString()).toBe('genuine')
  })
})

describe('a ticket', () => {
  it('admits once, and one nobody issued never does', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    const registered = await registerFounding(runner, broker, 'runner-1', code(1))
    const first = await enterTerminal(broker.port, ticketOf(registered))
    expect((await first.next()).type).toBe(FrameType.opened)
    for (const ticket of [ticketOf(registered), 'A'.repeat(43), 'x', '\u0000']) {
      const again = await enterTerminal(broker.port, ticket)
      const closed = await again.next()
      expect(closed).toMatchObject({ type: FrameType.close, channel: NO_CHANNEL })
      expect(reasonOf(closed.payload)).toBe(CloseReason.badTicket)
      await again.ended
    }
  })

  it('must be the first message', async () => {
    const broker = await testBroker()
    for (const first of [
      encodeFrame(FrameType.data, 1, utf8('x')),
      encodeFrame(FrameType.ping, NO_CHANNEL),
      Buffer.alloc(3),
      'text',
    ]) {
      const terminal = await openTerminal(broker.port)
      terminal.socket.send(first)
      expect(reasonOf((await terminal.next()).payload)).toBe(CloseReason.badTicket)
      await terminal.ended
    }
  })

  it('must come, and is given five seconds', async () => {
    const broker = await testBroker()
    const terminal = await openTerminal(broker.port)
    const began = performance.now()
    await terminal.ended
    expect(performance.now() - began).toBeGreaterThan(4_000)
  })

  it('is given again to either end that lost its terminal connection', async () => {
    const broker = await testBroker()
    const { runner, runnerEnd, join } = await pairedEnds(broker)
    const { app, appEnd, paired } = await join('app')
    appEnd.socket.terminate()
    await runnerEnd.next()
    const again = await app.call('terminal:ticket')
    expect(again).toMatchObject({ success: true, pid: paired['pid'] })
    const back = await enterTerminal(broker.port, ticketOf(again))
    expect((await back.next()).type).toBe(FrameType.opened)
    const forRunner = await runner.call('terminal:ticket')
    const newEnd = await enterTerminal(broker.port, ticketOf(forRunner))
    expect((await newEnd.next()).type).toBe(FrameType.opened)
    expect((await runnerEnd.next()).type).toBe(FrameType.open)
    expect(reasonOf((await runnerEnd.next()).payload)).toBe(CloseReason.superseded)
    expect(reasonOf((await back.next()).payload)).toBe(CloseReason.runnerGone)
  })

  it('of an app waits a moment for a runner that is about to come', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    const registered = await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    const paired = await app.call('app:pair', { pairingCode: code(1) })
    const appEnd = await enterTerminal(broker.port, ticketOf(paired))
    await appEnd.taken()
    const runnerEnd = await enterTerminal(broker.port, ticketOf(registered))
    expect((await runnerEnd.next()).type).toBe(FrameType.opened)
    expect((await appEnd.next()).type).toBe(FrameType.opened)
    expect((await runnerEnd.next()).type).toBe(FrameType.open)
  })

  it('of an app that unpairs while it waits for its runner is void', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    const registered = await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    const paired = await app.call('app:pair', { pairingCode: code(1) })
    const appEnd = await enterTerminal(broker.port, ticketOf(paired))
    await appEnd.taken()
    await app.call('app:unpair')
    await enterTerminal(broker.port, ticketOf(registered))
    expect(reasonOf((await appEnd.next()).payload)).toBe(CloseReason.unpaired)
  })

  it('of an app whose runner has no terminal connection says so', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    const paired = await app.call('app:pair', { pairingCode: code(1) })
    const appEnd = await enterTerminal(broker.port, ticketOf(paired))
    expect(reasonOf((await appEnd.next()).payload)).toBe(CloseReason.runnerGone)
    await appEnd.ended
  })

  it('is void once its app has unpaired or its runner lives another life', async () => {
    const broker = await testBroker()
    const { join } = await pairedEnds(broker)
    const { app } = await join('app')
    const ticket = ticketOf(await app.call('terminal:ticket'))
    await app.call('app:unpair')
    expect(reasonOf((await (await enterTerminal(broker.port, ticket)).next()).payload)).toBe(
      CloseReason.unpaired,
    )
    const keys = runnerKeys()
    const said = { pairingCode: code(5), incarnation: 'a'.repeat(32), secret: broker.secret }
    const first = await registerOurs(await broker.connect(), keys, said)
    await registerOurs(await broker.connect(), keys, {
      ...said,
      pairingCode: code(6),
      incarnation: 'b'.repeat(32),
    })
    const late = await enterTerminal(broker.port, ticketOf(first))
    expect(reasonOf((await late.next()).payload)).toBe(CloseReason.superseded)
  })
})

describe('what is wrong on a terminal connection', () => {
  it('ends it, and it alone', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const witness = await join('witness')
    const wrong: (Uint8Array | string)[] = [
      'text',
      Buffer.alloc(0),
      Buffer.alloc(4),
      encodeFrame(FrameType.open, 1),
      encodeFrame(FrameType.pause, 1),
      Buffer.from([99, 0, 0, 0, 1]),
      encodeFrame(FrameType.ping, NO_CHANNEL, Buffer.alloc(17)),
      Buffer.alloc(DATA_BYTES_MAX + 1_000),
      Buffer.alloc(300_000),
    ]
    for (const message of wrong) {
      const { appEnd, channel } = await join('wrong')
      appEnd.socket.send(message)
      await appEnd.ended
      expect(await runnerEnd.next()).toMatchObject({ type: FrameType.close, channel })
    }
    witness.appEnd.send(FrameType.data, witness.channel, utf8('fine'))
    expect(Buffer.from((await runnerEnd.next()).payload).toString()).toBe('fine')
  })

  it('is nothing about a ping: it is answered with its own payload', async () => {
    const broker = await testBroker()
    const { join, runnerEnd } = await pairedEnds(broker)
    const { appEnd } = await join('app')
    appEnd.send(FrameType.ping, NO_CHANNEL, utf8('now'))
    expect(await appEnd.next()).toMatchObject({ type: FrameType.pong, payload: Buffer.from('now') })
    runnerEnd.send(FrameType.ping, NO_CHANNEL)
    expect((await runnerEnd.next()).type).toBe(FrameType.pong)
  })
})

describe('an app that does not read', () => {
  it('makes the runner pause its channel, costs the broker little, and delays nobody else', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const stalled = await join('stalled')
    const other = await join('other')
    stalled.appEnd.socket.pause()
    const chunk = randomBytes(DATA_BYTES_MAX)
    let paused = false
    void (async () => {
      for (;;) {
        const frame = await runnerEnd.next().catch(() => null)
        if (frame === null) return
        if (frame.channel === stalled.channel && frame.type === FrameType.pause) paused = true
        if (frame.channel === stalled.channel && frame.type === FrameType.resume) paused = false
      }
    })()
    let sentBytes = 0
    while (!paused) {
      runnerEnd.send(FrameType.data, stalled.channel, chunk)
      sentBytes += chunk.length
      await runnerEnd.taken()
      expect(sentBytes, 'kernel buffers are finite').toBeLessThan(64 * 1024 * 1024)
    }
    // While the one is held, the other is served.
    runnerEnd.send(FrameType.data, other.channel, utf8('hello'))
    await other.appEnd.next()
    expect(paused).toBe(true)
    stalled.appEnd.socket.resume()
    await until('the channel to go on', () => !paused)
  })

  it('loses its channel when the runner does not pause', async () => {
    const broker = await testBroker()
    const { runnerEnd, join } = await pairedEnds(broker)
    const { appEnd, channel } = await join('stalled')
    appEnd.socket.pause()
    const chunk = randomBytes(DATA_BYTES_MAX)
    const rssBefore = process.memoryUsage().rss
    const closed = (async () => {
      for (;;) {
        const frame = await runnerEnd.next()
        if (frame.type === FrameType.close && frame.channel === channel) return reasonOf(frame.payload)
      }
    })()
    let ended = false
    void closed.then(() => {
      ended = true
    })
    for (let sent = 0; !ended && sent < 128 * 1024 * 1024; sent += chunk.length) {
      runnerEnd.send(FrameType.data, channel, chunk)
      await runnerEnd.taken()
    }
    expect(await closed).toBe(CloseReason.tooSlow)
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(100 * QUEUED_BYTES_MAX)
  })
})

it('a runner that does not read stops its apps from being read, and then gets every byte in order', async () => {
  const broker = await testBroker()
  const { runnerEnd, join } = await pairedEnds(broker)
  const { appEnd, channel } = await join('app')
  runnerEnd.socket.pause()
  const total = 800
  const chunk = Buffer.alloc(DATA_BYTES_MAX)
  for (let n = 0; n < total; n++) {
    const bytes = Buffer.from(chunk)
    bytes.writeUInt32BE(n)
    appEnd.send(FrameType.data, channel, bytes)
  }
  await until('the app to be held', async () => {
    const before = appEnd.socket.bufferedAmount
    await turns()
    return appEnd.socket.bufferedAmount === before
  })
  expect(appEnd.socket.bufferedAmount, 'it waits at the app').toBeGreaterThan(20 * 1024 * 1024)
  runnerEnd.socket.resume()
  for (let n = 0; n < total; n++) {
    const frame = await runnerEnd.next()
    expect(Buffer.from(frame.payload).readUInt32BE()).toBe(n)
  }
})
