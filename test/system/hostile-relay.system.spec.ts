import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openAppLink } from '@latchkey/connection/app/app-link'
import type { SealedRunner } from '@latchkey/connection/app/sealer'
import type { Platform } from '@latchkey/connection/transport'
import { appSealer } from '@latchkey/e2ee/app-sealer'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import { noblePrimitives } from '@latchkey/e2ee/primitives'
import { FrameType } from '@latchkey/protocol/terminal/frames'
import { afterEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { nodePlatform } from '../../apps/cli/src/attach/node-platform.ts'
import { sharedUp, temporaryFolder } from './up-process.ts'

afterEach(cleanUp)

/** What the relay does with one payload: deliver these instead. */
type Evil = (message: Buffer) => readonly Buffer[]

/** A WebSocket relay on the terminal plane that does as `evil` says with each `data` message, both ways. */
class EvilRelay {
  evil: Evil = (message) => [message]
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })

  constructor(brokerPort: number) {
    this.#server.on('connection', (app) => {
      const broker = new WebSocket(`ws://127.0.0.1:${brokerPort}/terminal`, { perMessageDeflate: false })
      const opened = once(broker, 'open')
      const pass = (to: WebSocket) => async (message: Buffer) => {
        await opened
        const sealed = message[0] === FrameType.data && message.readUInt32BE(1) !== 0
        for (const each of sealed ? this.evil(message) : [message]) if (to.readyState === 1) to.send(each)
      }
      app.on('message', pass(broker))
      broker.on('message', pass(app))
      app.on('close', () => broker.terminate())
      broker.on('close', () => app.terminate())
      broker.on('error', () => app.terminate())
      app.on('error', () => broker.terminate())
    })
  }

  async port(): Promise<number> {
    if (this.#server.address() === null) await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }
}

function inMemory() {
  const runners = new Map<string, SealedRunner>()
  const secret = randomBytes(32)
  let turn: Promise<unknown> = Promise.resolve()
  return {
    sealer: appSealer({
      primitives: noblePrimitives,
      entropy: (byteCount) => randomBytes(byteCount),
      nowMs: () => Date.now(),
      keys: {
        of: () => noblePrimitives.agreementKey(secret),
        fresh: () => Promise.reject(new Error('nobody was turned away')),
      },
      store: {
        read: async (runnerId) => runners.get(runnerId) ?? null,
        keep: async (runner) => void runners.set(runner.runnerId, runner),
      },
      exclusively: (_, run) => {
        const mine = turn.then(run, run)
        turn = mine
        return mine
      },
    }),
    runners,
  }
}

const machine = sharedUp()

async function behindRelay() {
  const { ready } = await machine()
  const relay = new EvilRelay(Number(new URL(ready.url).port))
  atCleanUp(() => relay.close())
  const port = await relay.port()
  const platform: Platform = {
    ...nodePlatform,
    openSocket: (url, timeoutMs) =>
      nodePlatform.openSocket(Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href, timeoutMs),
    // A source that never waits before a try, so that a test has time for many.
    randomBytes: (byteCount) => (byteCount === 4 ? new Uint8Array(4) : randomBytes(byteCount)),
  }
  const link = openAppLink({
    brokerUrl: ready.url,
    credential: null,
    label: 'hostile relay test',
    locale: 'en',
    platform,
    seal: { sealer: inMemory().sealer, runnerId: null, allowUnsealed: true },
    onCredential: () => {},
  })
  atCleanUp(() => link.close())
  const { seal = null, code = '' } = parsePairingFragment(new URL(ready.link).hash) ?? {}
  return { link, relay, code, secret: seal }
}

async function until(what: string, holds: () => boolean, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const EVILS: Readonly<Record<string, () => Evil>> = {
  'flips a bit': () => (message) => {
    const at = 5 + Math.floor(Math.random() * (message.length - 5))
    const flipped = Buffer.from(message)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
    return [flipped]
  },
  drops: () => () => [],
  'delivers twice': () => (message) => [message, message],
  'delivers an old one again': () => {
    let old: Buffer | null = null
    return (message) => {
      const before = old ?? message
      old = message
      return [message, before]
    }
  },
  'changes the order': () => {
    let held: Buffer | null = null
    return (message) => {
      if (held === null) {
        held = message
        return []
      }
      const answer = [message, held]
      held = null
      return answer
    }
  },
}

/** Each costs the link a recovery. */
const DEEDS_MAX = 4

it.each(Object.entries(EVILS))(
  'a relay that %s gets nothing typed or drawn that the other end did not send',
  async (_, make) => {
    const { link, relay, code, secret } = await behindRelay()
    expect((await link.pair(code, secret)).success).toBe(true)
    await until('live', () => link.state.current.status === 'live')
    expect(link.state.current).toMatchObject({ sealed: true })
    const opened = await link.openTerminal({ cols: 80, rows: 24 })
    if (!opened.ok) throw new Error(opened.message)
    const folder = temporaryFolder()
    atCleanUp(folder.remove)
    const path = join(folder.path, 'typed')
    const parts: Uint8Array[] = []
    const watch = link.watch(
      opened.terminal,
      { cols: 80, rows: 24 },
      {
        write: (bytes, drawn) => {
          parts.push(bytes)
          setImmediate(drawn)
        },
        reset: (_snapshot, drawn) => drawn(),
        gap: () => {},
        size: () => {},
        exited: () => {},
        gone: () => {},
      },
    )
    const type = (text: string) => expect(watch.type(Buffer.from(text))).toBe('taken')
    type(`stty raw -echo; echo READY-$((1+1)); exec tee ${path}\r`)
    const drawn = () => Buffer.concat(parts).toString()
    await until('the program is ready', () => drawn().includes('READY-2\n'))
    parts.length = 0
    let handshakes = 0
    const stop = link.state.subscribe(({ status }) => {
      if (status === 'live') handshakes += 1
      watch.sendHeld()
    })
    const evil = make()
    let count = 0
    let deeds = 0
    // Every seventh of a live link: one that never comes back recovers from nothing. Few of them: a message that is dropped where
    // nothing follows is noticed after ten seconds, each time.
    relay.evil = (message) => {
      const isDue =
        link.state.current.status === 'live' && ++count % 7 === 0 && (handshakes === 0 || deeds < DEEDS_MAX)
      if (isDue) deeds += 1
      return isDue ? evil(message) : [message]
    }
    let typed = ''
    // Type until the app was thrown out and let in again: that input could be lost or doubled.
    for (let round = 0; round < 30 || handshakes === 0; round++) {
      const piece = `${round},`
      typed += piece
      type(piece)
      const heard = count
      await until('the relay has seen it', () => {
        watch.sendHeld()
        return count > heard
      })
    }
    relay.evil = (message) => [message]
    await until('all is typed', () => {
      watch.sendHeld()
      return watch.pending.current.byteCount === 0 && link.state.current.status === 'live'
    })
    await until('all is drawn', () => drawn().length >= typed.length)
    expect(readFileSync(path, 'utf8')).toBe(typed)
    expect(drawn()).toBe(typed)
    expect(handshakes).toBeGreaterThan(0)
    stop()
  },
  240_000,
)

it('a relay that speaks for the machine never makes an app that was sealed go on unsealed', async () => {
  const { link, relay, code, secret } = await behindRelay()
  await link.pair(code, secret)
  await until('live', () => link.state.current.status === 'live')
  const sealed: boolean[] = []
  link.sealed.subscribe((is) => is !== null && sealed.push(is))
  // What a machine that does not seal would answer to a handshake: `close`, malformed.
  let lies = 0
  relay.evil = (message) => {
    lies += 1
    return [Buffer.concat([Buffer.from([FrameType.close]), message.subarray(1, 5), Buffer.from([5])])]
  }
  await until('several lies', () => lies > 3)
  expect(link.state.current.status).not.toBe('live')
  relay.evil = (message) => [message]
  await until('live again', () => link.state.current.status === 'live')
  expect(link.state.current).toMatchObject({ sealed: true })
  expect(sealed).not.toContain(false)
})
