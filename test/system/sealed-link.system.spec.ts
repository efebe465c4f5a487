import { FrameType } from '@latchkey/protocol/terminal/frames'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, testBroker, until } from '../../apps/broker/src/testing/harness.ts'
import { nodePlatform } from '../../apps/cli/src/attach/node-platform.ts'
import { device, linkApp, whole } from './link-app.ts'
import { machine } from './sealed-machine.ts'

afterEach(cleanUp)

const HOUR_MS = 3_600_000

/** A machine, and an app that came in by its whole pairing URL. */
async function liveByLink() {
  const broker = await testBroker()
  const on = await machine(broker)
  const app = linkApp(broker.url)
  const { code, secret } = whole(on.last('fragment').fragment)
  await app.link.pair(code, secret)
  await app.is('live')
  return { broker, on, app }
}

it('a link leads to its machine while typed codes are held back', async () => {
  const broker = await testBroker({ 'limit-breaker': '2' })
  const on = await machine(broker)
  for (const guess of ['AAA-AAA-AAA', 'BBB-BBB-BBB'])
    await (await broker.connect()).call('app:pair', { pairingCode: guess })
  const { link, is } = linkApp(broker.url)
  expect(await link.pair(on.code())).toMatchObject({ success: false, code: 'RATE_LIMITED' })
  const { code, secret } = whole(on.last('fragment').fragment)
  expect(secret.runnerId).toBe(on.host.runnerId)
  expect(await link.pair(code, secret)).toMatchObject({ success: true, runnerId: on.host.runnerId })
  await is('live')
  expect(link.sealed.current).toBe(true)
})

it('a link that leads to another machine than it says is followed nowhere', async () => {
  const broker = await testBroker()
  const [on, other] = [await machine(broker), await machine(broker)]
  const { secret } = whole(on.last('fragment').fragment)
  const { link, states } = linkApp(broker.url)
  // A broker that leads the code of one machine to another.
  const foreign = { ...secret, oneTimeSecret: new Uint8Array(16) }
  expect(await link.pair(other.code(), foreign)).toMatchObject({ success: true })
  await until('a refusal', () => states.some((state) => state.status === 'refused'))
  expect(link.state.current).toEqual({ status: 'refused', refusal: 'runner-changed' })
})

it('a link whose answer was lost on the way is used up, says so, and the next one on the screen is good', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  let swallow = true
  const platform = {
    ...nodePlatform,
    openSocket: async (url: string, timeoutMs: number) => {
      const socket = await nodePlatform.openSocket(url, timeoutMs)
      if (!swallow) return socket
      // The line is cut just when the machine has let the app in.
      return new Proxy(socket, {
        set: (target, name, value) => {
          if (name === 'onFrame' && typeof value === 'function')
            target.onFrame = (bytes) => {
              if (swallow && bytes[0] === FrameType.data && bytes[5] === 1 && bytes[6] === 6) {
                swallow = false
                return target.close()
              }
              value(bytes)
            }
          else Reflect.set(target, name, value)
          return true
        },
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  }
  const app = linkApp(broker.url, device(), platform)
  const first = whole(on.last('fragment').fragment)
  await app.link.pair(first.code, first.secret)
  await until('a refusal', () => app.link.state.current.status === 'refused')
  expect(app.link.state.current).toEqual({ status: 'refused', refusal: 'expired' })
  const second = whole(on.last('fragment').fragment)
  expect(second).not.toEqual(first)
  await app.link.pair(second.code, second.secret)
  await app.is('live')
})

it('after an hour the app makes a new handshake by itself, and the terminal goes on', async () => {
  const { on, app } = await liveByLink()
  const opened = await app.link.openTerminal({ cols: 80, rows: 24 })
  if (!opened.ok) throw new Error(opened.code)
  let drawn = ''
  const watch = app.link.watch(
    opened.terminal,
    { cols: 80, rows: 24 },
    {
      write: (bytes, done) => {
        drawn += Buffer.from(bytes).toString()
        done()
      },
      reset: (snapshot, done) => {
        drawn += Buffer.from(snapshot.bytes).toString()
        done()
      },
      gap: () => {
        throw new Error('nothing is lost by a new handshake')
      },
      size: () => {},
      exited: () => {},
      gone: () => {},
    },
  )
  watch.type(Buffer.from('echo be""fore\n'))
  await until('the echo', () => drawn.includes('before'))
  expect(on.all('sealed')).toHaveLength(1)
  app.device.time.aheadMs = HOUR_MS
  await until('another handshake', () => on.all('sealed').length === 2)
  expect(on.last('sealed')).toMatchObject({ method: 'resume' })
  watch.type(Buffer.from('echo af""ter\n'))
  await until('the echo', () => drawn.includes('after'))
  await app.is('live')
})

it('who was turned away pairs anew with the PIN on the screen, under a key that was never refused', async () => {
  const { on, app } = await liveByLink()
  const [before] = on.host.door.book.apps
  await on.ask({ command: 'revoke-all' })
  await app.is('refused')
  expect(app.link.state.current).toEqual({ status: 'refused', refusal: 'revoked' })
  await app.link.pair(on.code())
  await app.is('pin-wanted')
  app.link.givePin(await on.shownPin())
  await app.is('live')
  const [anew] = on.host.door.book.apps
  expect(anew?.appKey).not.toEqual(before?.appKey)
  expect(on.host.door.book.isRevoked(before?.appKey ?? new Uint8Array(0))).toBe(true)
  // And from now on it comes back by that key.
  const sealedBefore = on.all('sealed').length
  app.device.time.aheadMs = HOUR_MS
  await until('another handshake', () => on.all('sealed').length > sealedBefore)
  expect(on.last('sealed')).toMatchObject({ method: 'resume' })
  await app.is('live')
})
