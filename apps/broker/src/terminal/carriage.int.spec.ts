import { randomBytes } from 'node:crypto'
import { utf8 } from '@latchkey/protocol/bytes'
import {
  CloseReason,
  DATA_BYTES_MAX,
  encodeFrame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { afterEach, assert, describe, expect, it } from 'vitest'
import { cleanUp, turns, until } from '../testing/harness.ts'
import { enterTerminal, jsonOf, openTerminal } from '../testing/terminal-client.ts'
import { type TerminalInstance, terminalInstances } from '../testing/terminal-instance.ts'
import { WsCode } from './leg.ts'

afterEach(cleanUp)

const reasonOf = (payload: Uint8Array) => payload[0]

/** A runner at home on `home` and an app, each on the socket that it happened to reach. */
async function joined(home: TerminalInstance, runnerAt: TerminalInstance, appAt: TerminalInstance) {
  const runnerEnd = await enterTerminal(runnerAt.port, runnerAt.ticketForRunner(home.nodeId))
  expect((await runnerEnd.next()).type).toBe(FrameType.opened)
  const appEnd = await enterTerminal(appAt.port, appAt.ticketForApp(home.nodeId))
  const opened = await appEnd.next()
  expect(opened.type).toBe(FrameType.opened)
  const open = await runnerEnd.next()
  return { runnerEnd, appEnd, open, channel: opened.channel }
}

describe('a terminal socket that reaches another broker than its runner', () => {
  it.each([
    ['the app', 'home', 'other'],
    ['the runner', 'other', 'home'],
    ['both', 'other', 'other'],
    ['each at its own', 'other', 'third'],
  ])('is carried there and loses no byte (%s)', async (_, runnerAt, appAt) => {
    const instances = terminalInstances()
    const started = await Promise.all(['home', 'other', 'third'].map((id) => instances.start(id)))
    const instance = (id: string) => {
      const found = started.find(({ nodeId }) => nodeId === id)
      assert.exists(found)
      return found
    }
    const { runnerEnd, appEnd, open, channel } = await joined(
      instance('home'),
      instance(runnerAt),
      instance(appAt),
    )
    expect(jsonOf(open)).toMatchObject({ appSessionId: 'app-1', address: '192.0.2.7' })
    for (const size of [0, 1, 125, 126, 65_535, DATA_BYTES_MAX]) {
      const bytes = randomBytes(size)
      appEnd.send(FrameType.data, channel, bytes)
      const typed = await runnerEnd.next()
      expect(Buffer.compare(typed.payload, bytes)).toBe(0)
      runnerEnd.send(FrameType.data, channel, bytes)
      expect(Buffer.compare((await appEnd.next()).payload, bytes)).toBe(0)
    }
    appEnd.send(FrameType.ping, NO_CHANNEL, utf8('now'))
    expect(await appEnd.next()).toMatchObject({ type: FrameType.pong, payload: Buffer.from('now') })
  })

  it('ends at both ends when either goes', async () => {
    const instances = terminalInstances()
    const [home, other] = [await instances.start('home'), await instances.start('other')]
    const { runnerEnd, appEnd, channel } = await joined(home, home, other)
    appEnd.socket.terminate()
    const closed = await runnerEnd.next()
    expect(closed).toMatchObject({ type: FrameType.close, channel })
    expect(reasonOf(closed.payload)).toBe(CloseReason.appGone)
    await until('nothing to be carried', () => other.carriages.count === 0)

    const back = await enterTerminal(other.port, other.ticketForApp('home'))
    await back.next()
    home.relay.endApp('app-1', null, CloseReason.unpaired)
    expect(reasonOf((await back.next()).payload)).toBe(CloseReason.unpaired)
    await back.ended
    await until('nothing to be carried', () => other.carriages.count === 0)
  })

  it('is carried once: a broker that is not its home either sends it back', async () => {
    const instances = terminalInstances()
    const [home, other, third] = [
      await instances.start('home'),
      await instances.start('other'),
      await instances.start('third'),
    ]
    await joined(home, home, home)
    // As when a broker instance took over the address of one that is gone.
    instances.addresses.set('home', instances.addresses.get('third') ?? '')
    const appEnd = await enterTerminal(other.port, other.ticketForApp('home', 'app-2'))
    expect(reasonOf((await appEnd.next()).payload)).toBe(CloseReason.runnerGone)
    expect(await appEnd.ended).toBe(WsCode.tryLater)
    expect(third.log.filter((line) => line.includes('terminal.not-at-home'))).toHaveLength(1)
    await until('nothing to be carried', () => other.carriages.count + third.carriages.count === 0)
  })

  it('is told to come back when its home is gone, unknown, or dies', async () => {
    const instances = terminalInstances()
    const [home, other] = [await instances.start('home'), await instances.start('other')]
    const { appEnd } = await joined(home, home, other)
    home.kill()
    expect(reasonOf((await appEnd.next()).payload)).toBe(CloseReason.runnerGone)
    expect(await appEnd.ended).toBe(WsCode.tryLater)
    for (const instance of ['home', 'nobody']) {
      const again = await enterTerminal(other.port, other.ticketForApp(instance))
      expect(reasonOf((await again.next()).payload)).toBe(CloseReason.runnerGone)
      expect(await again.ended).toBe(WsCode.tryLater)
    }
    expect(other.log.find((line) => line.includes('terminal.not-carried'))).toContain('ECONNREFUSED')
  })

  it('is told to come back when the broker that carries it stops', async () => {
    const instances = terminalInstances()
    const [home, other] = [await instances.start('home'), await instances.start('other')]
    const { appEnd, runnerEnd } = await joined(home, home, other)
    other.stop()
    expect(reasonOf((await appEnd.next()).payload)).toBe(CloseReason.restarting)
    expect(await appEnd.ended).toBe(WsCode.restarting)
    expect(reasonOf((await runnerEnd.next()).payload)).toBe(CloseReason.appGone)
  })

  it('shows its ticket once all the same', async () => {
    const instances = terminalInstances()
    const [home, other] = [await instances.start('home'), await instances.start('other')]
    await joined(home, home, home)
    const ticket = other.ticketForApp('home', 'app-2')
    const first = await enterTerminal(other.port, ticket)
    expect((await first.next()).type).toBe(FrameType.opened)
    for (const instance of [home, other]) {
      const again = await enterTerminal(instance.port, ticket)
      expect(reasonOf((await again.next()).payload)).toBe(CloseReason.badTicket)
      expect(await again.ended).toBe(WsCode.policy)
    }
  })

  it('is ended alone when it sends what is no frame', async () => {
    const instances = terminalInstances()
    const [home, other] = [await instances.start('home'), await instances.start('other')]
    const { appEnd, runnerEnd, channel } = await joined(home, home, other)
    const wrong = await enterTerminal(other.port, other.ticketForApp('home', 'app-2'))
    await wrong.next()
    await runnerEnd.next()
    wrong.socket.send('text')
    expect(reasonOf((await wrong.next()).payload)).toBe(CloseReason.malformed)
    expect((await runnerEnd.next()).type).toBe(FrameType.close)
    appEnd.send(FrameType.data, channel, utf8('fine'))
    expect(Buffer.from((await runnerEnd.next()).payload).toString()).toBe('fine')
  })

  it('does not count where it is carried to, and a client that says it is a broker does', async () => {
    const instances = terminalInstances()
    const [home, other] = [
      await instances.start('home', { connectionsMax: 4 }),
      await instances.start('other'),
    ]
    await joined(home, home, home)
    for (let n = 0; n < 8; n++) {
      const carried = await enterTerminal(other.port, other.ticketForApp('home', `app-${n + 2}`))
      expect((await carried.next()).type).toBe(FrameType.opened)
    }
    const pass = { 'latchkey-node': other.ticketForApp('home') }
    await openTerminal(home.port, pass)
    await openTerminal(home.port, pass)
    await expect(openTerminal(home.port, pass)).rejects.toThrow()
  })
})

describe('back-pressure', () => {
  const CHUNKS = 1_200
  const numbered = (n: number) => {
    const bytes = Buffer.alloc(DATA_BYTES_MAX)
    bytes.writeUInt32BE(n)
    return bytes
  }

  it('of an app that does not read reaches its runner through the broker that carries it, and then every byte comes', async () => {
    const instances = terminalInstances()
    const [home, other] = [await instances.start('home'), await instances.start('other')]
    const { appEnd, runnerEnd, channel } = await joined(home, home, other)
    appEnd.socket.pause()
    let sent = 0
    let paused = false
    const heard = (async () => {
      for (;;) {
        const frame = await Promise.race([runnerEnd.next(), runnerEnd.ended]).catch(() => null)
        if (frame === null || typeof frame === 'number') return
        if (frame.type === FrameType.pause) paused = true
        if (frame.type === FrameType.resume) paused = false
      }
    })()
    // No more than the broker has read and answered: a runner that went on would be cut for not pausing.
    while (!paused && sent < CHUNKS) {
      runnerEnd.send(FrameType.data, channel, numbered(sent++))
      await runnerEnd.taken()
    }
    expect(sent).toBeLessThan(CHUNKS)
    appEnd.socket.resume()
    for (let n = 0; n < sent; n++) expect(Buffer.from((await appEnd.next()).payload).readUInt32BE()).toBe(n)
    await until('the runner to go on', () => !paused)
    runnerEnd.socket.terminate()
    await heard
  })

  it('of a runner that does not read reaches the app in the same way', async () => {
    const instances = terminalInstances()
    const [home, other] = [await instances.start('home'), await instances.start('other')]
    const { appEnd, runnerEnd, channel } = await joined(home, home, other)
    runnerEnd.socket.pause()
    for (let n = 0; n < CHUNKS; n++) appEnd.socket.send(encodeFrame(FrameType.data, channel, numbered(n)))
    let before = -1
    await until('the app to be held', async () => {
      before = appEnd.socket.bufferedAmount
      await turns()
      return appEnd.socket.bufferedAmount === before
    })
    expect(before, 'it waits at the app').toBeGreaterThan(CHUNKS * DATA_BYTES_MAX * 0.5)
    runnerEnd.socket.resume()
    for (let n = 0; n < CHUNKS; n++)
      expect(Buffer.from((await runnerEnd.next()).payload).readUInt32BE()).toBe(n)
  })
})
