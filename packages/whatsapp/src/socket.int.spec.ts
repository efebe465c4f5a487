import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { type Socket as NetSocket, Socket } from 'node:net'
import type { WhatsAppSocket } from '@latchkey/domain/accounts/ports'
import { Curve, proto } from 'baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLibrary } from './library.ts'
import { companion, MemoryShelf, phoneNumber } from './testing/companion.ts'
import { type FakeProxy, fakeHttpProxy, fakeSocksProxy } from './testing/fake-proxy.ts'
import { FakeWhatsApp } from './testing/fake-whatsapp.ts'
import type { FakeBehaviour } from './testing/phone-server.ts'

/** The real client, unpatched, against a WhatsApp-shaped server on loopback. */
const PHONE = phoneNumber(0)
let wa: FakeWhatsApp
const sockets: WhatsAppSocket[] = []

beforeEach(async () => {
  wa = await FakeWhatsApp.start()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) await socket.end()
  await wa.stop()
  expect(wa.faults).toEqual([])
})

const behave = (behaviour: Partial<FakeBehaviour>) => void Object.assign(wa.behaviour, behaviour)
const library = () => openLibrary({ url: wa.url, version: null })

async function open(shelf = new MemoryShelf(), as: 'fresh' | 'linked' = 'fresh', options = {}) {
  const opened = await companion(library(), shelf, as, options)
  sockets.push(opened.socket)
  return opened
}

/** From nothing to a linked shelf whose pairing connection has ended. */
async function linked(shelf = new MemoryShelf()): Promise<MemoryShelf> {
  const one = await open(shelf)
  await wa.phone(PHONE).scanQr((await one.next('qr')).text)
  await one.next('paired')
  await one.socket.flush()
  await one.next('closed')
  return shelf
}

describe.each([
  ['http', fakeHttpProxy],
  ['socks5', fakeSocksProxy],
] as const)('through a proxy that speaks %s', (_name, start) => {
  let proxy: FakeProxy
  beforeEach(async () => {
    proxy = await start()
  })
  afterEach(() => proxy.stop())

  it('the whole way goes through it', async () => {
    const one = await open(new MemoryShelf(), 'fresh', { proxy: proxy.url })
    await wa.phone(PHONE).scanQr((await one.next('qr')).text)
    expect(await one.next('paired')).toEqual({ event: 'paired', phone: PHONE })
    expect(proxy.asked).toEqual([`127.0.0.1:${wa.port}`])
  })

  it('without it, or with a wrong password, nothing reaches WhatsApp', async () => {
    const wrong = await open(new MemoryShelf(), 'fresh', { proxy: proxy.url.replace('1@', '2@') })
    expect((await wrong.next('closed')).closing.cause).toBe('unreachable')
    await proxy.stop()
    const away = await open(new MemoryShelf(), 'fresh', { proxy: proxy.url })
    expect((await away.next('closed')).closing.cause).toBe('unreachable')
    expect(wa.clients).toEqual([])
  })
})

it.each([
  ['qr', 'Salon Ünique', 'Salon Ünique'],
  ['qr', null, 'Mac OS'],
  // WhatsApp confirms no code for a name that it does not know.
  ['code', 'Salon Ünique', 'Mac OS'],
] as const)('by %s with the name %s the phone is told %s', async (method, deviceName, told) => {
  const names: unknown[] = []
  behave({
    refuse: ({ devicePairingData }) => {
      names.push(proto.DeviceProps.decode(devicePairingData?.deviceProps ?? new Uint8Array()).os)
      return null
    },
  })
  const one = await open(new MemoryShelf(), 'fresh', { method, deviceName })
  await one.next('qr')
  expect(names).toEqual([told])
})

describe('linking with the real client', () => {
  it('by QR: paired, restarted, logged in with what was kept', async () => {
    const shelf = new MemoryShelf()
    const one = await open(shelf)
    await wa.phone(PHONE).scanQr((await one.next('qr')).text)
    expect(await one.next('paired')).toEqual({ event: 'paired', phone: PHONE })
    await one.socket.flush()
    expect((await one.next('closed')).closing.cause).toBe('restart-required')
    const two = await open(shelf, 'linked')
    expect(await two.next('open')).toEqual({ event: 'open', phone: PHONE })
    expect(wa.phone(PHONE).devices).toHaveLength(1)
  })

  it('by code: shown only once WhatsApp has confirmed it, and eight typed characters link', async () => {
    const one = await open()
    await one.next('qr')
    one.socket.askForCode(PHONE)
    const { code } = await one.next('code')
    expect(wa.codeRequestCount()).toBe(1)
    await wa.phone(PHONE).enterCode(code)
    expect(await one.next('paired')).toEqual({ event: 'paired', phone: PHONE })
    expect(one.told.map(({ event }) => event)).toContain('code-typed')
  })

  it.each([
    [{ error: 400, text: 'bad-request' }, 'refused'],
    [{ error: 429, text: 'rate-overlimit' }, 'rate-limited'],
  ] as const)('a code that WhatsApp answers with %j is never told', async (answer, why) => {
    behave({ onCodeRequest: () => answer })
    const one = await open()
    await one.next('qr')
    one.socket.askForCode(PHONE)
    expect(await one.next('code-refused')).toEqual({ event: 'code-refused', why })
    expect(one.told.some(({ event }) => event === 'code')).toBe(false)
  })

  it('a code typed wrongly does not end the attempt: the right one still links (sentence 71)', async () => {
    const one = await open()
    await one.next('qr')
    one.socket.askForCode(PHONE)
    const { code } = await one.next('code')
    await expect(wa.phone(PHONE).enterCode('ZZZZ9999')).rejects.toThrow('wrong code')
    await wa.phone(PHONE).enterCode(code)
    expect(await one.next('paired')).toBeDefined()
  })

  it('a refreshed secret gives another QR within a second, which links (sentence 69)', async () => {
    behave({ refreshOnFirstScan: true })
    const one = await open()
    const first = await one.next('qr')
    await expect(wa.phone(PHONE).scanQr(first.text)).rejects.toThrow('could not link')
    const second = await one.next('qr', 1)
    expect(second.text).not.toBe(first.text)
    await wa.phone(PHONE).scanQr(second.text)
    expect(await one.next('paired')).toBeDefined()
  })

  it('a refresh between code and pairing does not spoil the pairing (sentence 69)', async () => {
    behave({ refreshBeforePairSuccess: true })
    const one = await open()
    await one.next('qr')
    one.socket.askForCode(PHONE)
    await wa.phone(PHONE).enterCode((await one.next('code')).code)
    expect(await one.next('paired')).toBeDefined()
  })

  it('tells that WhatsApp wants another code (sentence 70), and that the account wants a passkey (sentence 68)', async () => {
    const one = await open()
    const { text } = await one.next('qr')
    one.socket.askForCode(PHONE)
    await one.next('code')
    wa.phone(PHONE).askForFreshCode(wa.codes[0] ?? expect.fail())
    await one.next('fresh-code-wanted')
    wa.phone(PHONE).needsPasskey = true
    await expect(wa.phone(PHONE).scanQr(text)).rejects.toThrow('passkey')
    await one.next('passkey-required')
  })

  it('QRs that ran out end the connection, and say so', async () => {
    behave({ refs: 2 })
    const one = await open(new MemoryShelf(), 'fresh', { qrMs: 60 })
    expect((await one.next('closed')).closing.cause).toBe('qr-ended')
    expect(one.told.filter(({ event }) => event === 'qr')).toHaveLength(2)
  })
})

describe('what is kept', () => {
  it('is nothing before the phone said yes: a dead process leaves nothing that could log in (sentence 60)', async () => {
    const shelf = new MemoryShelf()
    const one = await open(shelf)
    await one.next('qr')
    one.socket.askForCode(PHONE)
    await one.next('code')
    await one.socket.flush()
    expect(shelf.rows.size).toBe(0)
    const restarted = await open(shelf, 'linked')
    expect((await restarted.next('closed')).closing.cause).toBe('logged-out')
    expect(wa.clients).toHaveLength(1)
  })

  it('is kept whole or told: a broken shelf fails the flush (sentence 55)', async () => {
    const shelf = new MemoryShelf()
    const one = await open(shelf)
    shelf.isBroken = true
    await wa.phone(PHONE).scanQr((await one.next('qr')).text)
    await one.next('paired')
    await expect(one.socket.flush()).rejects.toThrow('broken')
    expect(shelf.rows.size).toBe(0)
  })

  it('is waited for, however slow the shelf: no second QR, no ghost device (sentence 55)', async () => {
    const shelf = new MemoryShelf()
    shelf.delayMs = 150
    await linked(shelf)
    const two = await open(shelf, 'linked')
    await two.next('open')
    expect(wa.phone(PHONE).devices).toHaveLength(1)
  })

  it('a write that fails under an open connection is told', async () => {
    const shelf = await linked()
    const two = await open(shelf, 'linked')
    await two.next('open')
    shelf.isBroken = true
    wa.live()[0]?.send({ tag: 'success', attrs: { t: '1', lid: '1:1@lid' } })
    await expect.poll(() => two.writeFailures).toBe(1)
  })
})

describe('ends', () => {
  it.each([
    [401, 'logged-out'],
    [403, 'forbidden'],
    [405, 'client-outdated'],
    [406, 'forbidden'],
    [409, 'client-outdated'],
    [500, 'bad-session'],
    [503, 'unreachable'],
  ] as const)('a login refused with %i is told as %s', async (code, cause) => {
    const shelf = await linked()
    behave({ refuse: () => code })
    const two = await open(shelf, 'linked')
    expect((await two.next('closed')).closing).toMatchObject({ cause, statusCode: code })
  })

  it('a device removed on the phone, and the same credentials opened elsewhere', async () => {
    const shelf = await linked()
    const two = await open(shelf, 'linked')
    await two.next('open')
    const three = await open(shelf, 'linked')
    expect((await two.next('closed')).closing.cause).toBe('replaced')
    await three.next('open')
    wa.phone(PHONE).unlink(wa.phone(PHONE).devices[0] ?? expect.fail())
    expect((await three.next('closed')).closing.cause).toBe('logged-out')
  })

  it('a lost network is told as unreachable', async () => {
    const one = await open()
    await one.next('qr')
    for (const client of wa.live()) client.drop()
    expect((await one.next('closed')).closing.cause).toBe('unreachable')
  })

  it('logging out removes the device at WhatsApp (sentence 65)', async () => {
    const shelf = await linked()
    const two = await open(shelf, 'linked')
    await two.next('open')
    await two.socket.logOut()
    await expect.poll(() => wa.phone(PHONE).devices.length).toBe(0)
  })

  it('within two seconds also against a peer that stopped reading, and then is silent (sentences 11, 44)', async () => {
    const one = await open()
    await one.next('qr')
    const [client] = wa.live()
    client?.ws.pause()
    const toldBefore = one.told.length
    await one.socket.end()
    client?.ws.resume()
    expect(one.told).toHaveLength(toldBefore)
  })
})

describe('hostile or broken words', () => {
  it('a frame that nobody can read ends its session, and no other (sentences 24, 72)', async () => {
    const shelf = await linked()
    const linkedOne = await open(shelf, 'linked')
    await linkedOne.next('open')
    const one = await open()
    await one.next('qr')
    wa.live().at(-1)?.sendGarbage()
    expect((await one.next('closed')).closing.cause).toBe('undecodable-frame')
    expect(wa.live().filter((client) => client.device !== null)).toHaveLength(1)
    expect(linkedOne.told.some(({ event }) => event === 'closed')).toBe(false)
  })

  it('what makes a listener of the library itself fail ends its session, and not the process (sentence 24)', async () => {
    behave({ sendsBrokenRefs: true })
    const one = await open()
    expect((await one.next('closed')).closing.cause).toBe('undecodable-frame')
  })

  it('a server that WhatsApp’s root did not certify is refused', async () => {
    const other = await FakeWhatsApp.start()
    const one = await open()
    expect((await one.next('closed')).closing.statusCode).toBe(400)
    await other.stop()
  })

  it('a wrong signature is wrong', () => {
    openLibrary({ url: null, version: null })
    const { public: publicKey, private: privateKey } = Curve.generateKeyPair()
    const message = randomBytes(40)
    const signature = Curve.sign(privateKey, message)
    expect(Curve.verify(publicKey, message, signature)).toBe(true)
    expect(Curve.verify(publicKey, randomBytes(40), signature)).toBe(false)
    expect(Curve.verify(publicKey, message, randomBytes(64))).toBe(false)
    expect(Curve.verify(publicKey, message, new Uint8Array(3))).toBe(false)
  })
})

describe('what stays behind', () => {
  it('no listener and no timer after a connection was replaced fifty times (sentences 30, 41)', async () => {
    const count = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const warnings: string[] = []
    const onWarning = (warning: Error) => void warnings.push(warning.name)
    process.on('warning', onWarning)
    // Looked at, and left as they are: the emitters that Baileys makes, one for each connection.
    const emitters = { socket: new Set<EventEmitter>(), events: new Set<EventEmitter>() }
    const { on } = EventEmitter.prototype
    EventEmitter.prototype.on = function (this: EventEmitter, ...args: Parameters<typeof on>) {
      // One of an earlier test may still ask something: it has listeners already.
      const isNew = this.eventNames().length === 0
      if (isNew && this.constructor.name === 'WebSocketClient') emitters.socket.add(this)
      if (args[0] === 'connection.update') emitters.events.add(this)
      return Reflect.apply(on, this, args)
    }
    const replaceOnce = async () => {
      const one = await companion(library(), new MemoryShelf(), 'fresh')
      await one.next('qr')
      await one.socket.end()
    }
    const listenersOf = (emitter: EventEmitter) =>
      emitter.eventNames().map((name) => `${String(name)} ${emitter.listenerCount(name)}`)
    try {
      for (let n = 0; n < 3; n++) await replaceOnce()
      const before = { timers: count(), ofProcess: listenersOf(process) }
      for (let n = 0; n < 50; n++) await replaceOnce()
      expect(count()).toBeLessThanOrEqual(before.timers + 2)
      expect(listenersOf(process)).toEqual(before.ofProcess)
    } finally {
      EventEmitter.prototype.on = on
      process.off('warning', onWarning)
    }
    for (const kind of Object.values(emitters)) {
      const [first, ...later] = [...kind].map(listenersOf)
      expect(later).toHaveLength(52)
      for (const each of later) expect(each).toEqual(first)
    }
    for (const ended of emitters.events) expect(ended.listenerCount('connection.update')).toBe(0)
    expect(warnings).toEqual([])
  })

  it('nothing is dialled but the configured address (sentence 73)', async () => {
    const dialled: string[] = []
    const connect = Socket.prototype.connect
    Socket.prototype.connect = function (this: NetSocket, ...args: readonly unknown[]) {
      dialled.push(JSON.stringify(args[0]))
      return Reflect.apply(connect, this, args)
    }
    try {
      await linked()
    } finally {
      Socket.prototype.connect = connect
    }
    expect(dialled.length).toBeGreaterThan(0)
    for (const to of dialled) expect(to).toContain('127.0.0.1')
  })
})
