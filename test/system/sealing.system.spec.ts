import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { decodeRunnerMessages, encodeAppMessages } from '@latchkey/protocol/terminal/messages'
import { decodePlaintext, encodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { afterEach, assert, expect, it } from 'vitest'
import { cleanUp, testBroker, until } from '../../apps/broker/src/testing/harness.ts'
import { textOf } from '../../apps/runner/src/testing/app-under-test.ts'
import {
  again,
  type Keys,
  linkWay,
  newKeys,
  pair,
  type RawChannel,
  resumeWay,
  seal,
  ticketText,
} from './sealed-app.ts'
import { folder, machine, paired, pinWay, wrong } from './sealed-machine.ts'

afterEach(cleanUp)

it('a typed code and the PIN on the screen open a sealed terminal, and the broker sees no word of it', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { raw, app, ms } = await paired(broker, on)
  expect(on.last('pin')).toMatchObject({ pin: null, outcome: 'sealed', label: 'Pixel 8' })
  expect(on.all('pin')[0]).toMatchObject({
    pin: expect.stringMatching(/^\d{6}$/),
    label: 'Pixel 8',
    address: '127.0.0.1',
  })
  const terminal = await app.open()
  app.attach(terminal)
  await until('a screen', () => app.seen(terminal).snapshots.length > 0)
  app.type(terminal, 0, 'echo canary-$((6*7))-bird\n')
  await until('the echo', () => textOf(app.seen(terminal).bytes).includes('canary-42-bird'))
  const captured = Buffer.concat(raw.captured).toString('latin1')
  for (const canary of ['canary-', 'Terminal 1', '/tmp', 'welcome']) expect(captured).not.toContain(canary)
  expect(broker.log.join('')).not.toContain('canary')
  expect(on.last('connected')).toMatchObject({ sealed: true, label: 'Pixel 8' })
  console.log(`handshake after the PIN, without the person: ${ms.toFixed(1)} ms`)
})

it('a wrong PIN opens nothing; the next try has another PIN, and the first one is dead', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const keys = await newKeys()
  const raw = await pair(broker, { pairingCode: on.code() })
  let first = ''
  const failed = await seal(raw, keys, pinWay(on.code()), async () => {
    first = await on.shownPin()
    return wrong(first)
  })
  expect(failed.step).toMatchObject({ status: 'ended', refusal: 'pin-mismatch' })
  await until('the PIN to be taken down', () => on.host.door.prompt === null)
  expect(on.last('pin')).toMatchObject({ pin: null, outcome: 'wrong' })
  const dead = await seal(raw, keys, pinWay(on.code()), async () => {
    expect(await on.shownPin()).not.toBe(first)
    return first
  })
  expect(dead.step).toMatchObject({ status: 'ended', refusal: 'pin-mismatch' })
  await until('the PIN to be taken down', () => on.host.door.prompt === null)
  const right = await seal(raw, keys, pinWay(on.code()), on.shownPin)
  expect(right.step.status).toBe('open')
})

it('while one PIN is on the screen everybody else hears BUSY, and a dropped connection frees it', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const first = await pair(broker, { pairingCode: on.code() })
  await seal(first, await newKeys(), pinWay(on.code()))
  await on.shownPin()
  const second = await pair(broker, { pairingCode: on.code() })
  const busy = await seal(second, await newKeys(), pinWay(on.code()), on.shownPin)
  expect(busy.step).toMatchObject({ status: 'ended', refusal: 'busy' })
  first.cut()
  await until('the PIN to be taken down', () => on.host.door.prompt === null)
  const free = await seal(second, await newKeys(), pinWay(on.code()), on.shownPin)
  expect(free.step.status).toBe('open')
})

it('ten wrong PINs lock pairing and rotate the code; who is in stays; a restart keeps the lock; unlock opens', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { app, keys, raw } = await paired(broker, on)
  const code = on.code()
  // Nine failures of before, as a restarted machine would find them.
  await on.stop()
  await until('the way to end', () => raw.closed.reason !== null)
  writeFileSync(
    join(on.stateFolder, 'pairing.json'),
    JSON.stringify({ version: 1, locked: null, failures: 9, promptsAtMs: [] }),
  )
  const next = await machine(broker, {}, on.stateFolder)
  const { grant } = keys
  if (grant === null) throw new Error('no grant')
  const back = await pair(broker, {
    runnerId: raw.runnerId,
    routeTicket: ticketText(grant.resumeKey, raw.runnerId),
  })
  const resumed = await seal(back, keys, resumeWay(keys))
  expect(resumed.step.status).toBe('open')
  expect(app.closedWith).toBe(null)
  const guesser = await pair(broker, { pairingCode: next.code() })
  const failed = await seal(guesser, await newKeys(), pinWay(next.code()), async () =>
    wrong(await next.shownPin()),
  )
  expect(failed.step).toMatchObject({ refusal: 'pin-mismatch' })
  await until('the lock', () => next.all('locked').length === 1)
  await until('another code', () => next.all('code').length === 1)
  expect(next.code()).not.toBe(code)
  const late = await seal(guesser, await newKeys(), pinWay(next.code()), next.shownPin)
  expect(late.step).toMatchObject({ status: 'ended', refusal: 'locked' })
  resumed.app?.say({ type: 'ping', id: 5 })
  await resumed.app?.heard('pong')
  await next.stop()
  const third = await machine(broker, {}, on.stateFolder)
  expect(await third.ask({ command: 'status' })).toMatchObject({ ok: true, locked: 'guessing' })
  expect(await third.ask({ command: 'unlock' })).toMatchObject({ ok: true, locked: null })
  await paired(broker, third)
})

it('eleven PINs in an hour are not shown, and the owner is told what that may mean', async () => {
  const broker = await testBroker()
  const stateFolder = folder()
  const now = Date.now()
  writeFileSync(
    join(stateFolder, 'pairing.json'),
    JSON.stringify({
      version: 1,
      locked: null,
      failures: 0,
      promptsAtMs: Array.from({ length: 9 }, () => now - 1000),
    }),
  )
  const on = await machine(broker, {}, stateFolder)
  await paired(broker, on)
  const raw = await pair(broker, { pairingCode: on.code() })
  const refused = await seal(raw, await newKeys(), pinWay(on.code()), on.shownPin)
  expect(refused.step).toMatchObject({ status: 'ended', refusal: 'window-closed' })
  // Its owner hears of it once, however often somebody tries.
  await seal(raw, await newKeys(), pinWay(on.code()), on.shownPin)
  expect(on.all('prompts-over')).toEqual([{ type: 'prompts-over', until: now - 1000 + 3_600_000 }])
  // What the app is told to ask for helps, though nothing is locked.
  await on.ask({ command: 'unlock' })
  await paired(broker, on)
})

it('a link opens without code or PIN, through a route ticket, once; then there is a new link', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { fragment } = on.last('fragment')
  const way = linkWay(fragment)
  const by = { runnerId: on.host.runnerId, routeTicket: ticketText(way.oneTimeSecret, on.host.runnerId) }
  const keys = await newKeys()
  const raw = await pair(broker, by)
  const { step, handshakeMs } = await seal(raw, keys, way)
  expect(step).toMatchObject({ status: 'open', grant: { permissions: { view: true, input: true } } })
  expect(on.last('fragment').fragment).not.toBe(fragment)
  const second = await again(broker, raw)
  const used = await seal(second, await newKeys(), way)
  expect(used.step).toMatchObject({ status: 'ended', refusal: 'expired' })
  const fresh = await seal(second, await newKeys(), linkWay(on.last('fragment').fragment))
  expect(fresh.step.status).toBe('open')
  console.log(`handshake by link: ${handshakeMs.toFixed(1)} ms`)
})

it('a new code ends the link of the old one', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const raw = await pair(broker, { pairingCode: on.code() })
  const { fragment } = on.last('fragment')
  on.host.rotate()
  await until('another code', () => on.all('code').length === 1)
  const old = await seal(raw, await newKeys(), linkWay(fragment))
  expect(old.step).toMatchObject({ status: 'ended', refusal: 'expired' })
})

it('a known app comes back to a restarted machine by itself: no code, no PIN, and its greeting cannot be replayed', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { keys, raw } = await paired(broker, on)
  await on.stop()
  const next = await machine(broker, {}, on.stateFolder)
  const { grant } = keys
  if (grant === null) throw new Error('no grant')
  const back = await pair(broker, {
    runnerId: raw.runnerId,
    routeTicket: ticketText(grant.resumeKey, raw.runnerId),
  })
  const { step, sent, app, handshakeMs } = await seal(back, keys, resumeWay(keys))
  expect(step.status).toBe('open')
  expect((await app?.heard('welcome'))?.you).toBe(Buffer.from(grant.appId).toString('hex'))
  // The relay sends the same two messages again, as they were.
  const replay = await again(broker, back)
  for (const message of sent) replay.send(message)
  await until('an answer', () => replay.unread.length > 0)
  expect(replay.unread[0]?.[1]).toBe(7)
  expect(next.all('sealed')).toHaveLength(1)
  console.log(`handshake of a known app: ${handshakeMs.toFixed(1)} ms`)
})

it('revoking ends the live channel at once, and refuses that key for ever, PIN or not', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { keys, raw, app } = await paired(broker, on)
  await app.heard('welcome')
  expect(await on.ask({ command: 'revoke', app: 'Pixel 8' })).toMatchObject({ ok: true })
  await until('the end of the channel', () => raw.closed.reason === CloseReason.unpaired)
  expect(on.last('app-standing')).toMatchObject({ standing: 'revoked', label: 'Pixel 8' })
  for (const stateFolder of [on.stateFolder]) {
    await on.stop()
    const next = await machine(broker, {}, stateFolder)
    const back = await pair(broker, { pairingCode: next.code() })
    expect((await seal(back, keys, resumeWay(keys))).step).toMatchObject({ refusal: 'revoked' })
    const withPin = await seal(back, keys, pinWay(next.code()), next.shownPin)
    expect(withPin.step).toMatchObject({ status: 'ended', refusal: 'revoked' })
  }
})

it('an app that is revoked while it is away, at a machine that was restarted, reaches it by no way', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { keys, raw } = await paired(broker, on)
  await on.stop()
  const next = await machine(broker, {}, on.stateFolder)
  expect(await next.ask({ command: 'revoke', app: 'Pixel 8' })).toMatchObject({ ok: true })
  const back = await pair(broker, { pairingCode: next.code() })
  expect((await seal(back, keys, resumeWay(keys))).step).toMatchObject({ refusal: 'revoked' })
  const routeTicket = ticketText(keys.grant?.resumeKey ?? new Uint8Array(32), raw.runnerId)
  await expect(pair(broker, { runnerId: raw.runnerId, routeTicket })).rejects.toThrow('CODE_NOT_FOUND')
})

it('a copied key store in daily use raises the alarm: the app and its twin are both held', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { keys, raw } = await paired(broker, on)
  const stolen: Keys = { ...keys }
  const thief = await again(broker, raw)
  expect((await seal(thief, stolen, resumeWay(stolen))).step.status).toBe('open')
  const back = await again(broker, raw)
  expect((await seal(back, keys, resumeWay(keys))).step.status).toBe('open')
  const resumeKeyOf = ({ grant }: Keys) => Buffer.from(grant?.resumeKey ?? []).toString('hex')
  expect(resumeKeyOf(keys), 'each return is answered with a key of its own').not.toBe(resumeKeyOf(stolen))
  const caught = await seal(await again(broker, raw), stolen, resumeWay(stolen))
  expect(caught.step).toMatchObject({ status: 'ended', refusal: 'revoked' })
  await until('the channel of the other to end', () => back.closed.reason === CloseReason.unpaired)
  expect(on.last('app-standing')).toMatchObject({ standing: 'held' })
  expect((await seal(await again(broker, raw), keys, resumeWay(keys))).step).toMatchObject({
    refusal: 'revoked',
  })
})

it('an app that was given a new key when it came back finds its machine by that key at once, before it has used it', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { keys } = await paired(broker, on)
  await on.stop()
  // A day goes by.
  const path = join(on.stateFolder, 'apps.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"keyAt":\d+/, '"keyAt":1'))
  const next = await machine(broker, {}, on.stateFolder)
  const byKey = () => {
    assert.exists(keys.grant)
    const { runnerId } = next.host
    return { runnerId, routeTicket: ticketText(keys.grant.resumeKey, runnerId) }
  }
  const before = byKey()
  const back = await pair(broker, before)
  expect((await seal(back, keys, resumeWay(keys))).step.status).toBe('open')
  expect(byKey()).not.toEqual(before)
  // `pair` fails when the broker knows no such ticket.
  await pair(broker, byKey())
})

it('an app that may only look is held to it by the machine', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const raw = await pair(broker, { pairingCode: on.code() })
  const { step, app } = await seal(raw, await newKeys(), pinWay(on.code()), async () => {
    const pin = await on.shownPin()
    on.host.decide(true)
    return pin
  })
  expect(step).toMatchObject({ status: 'open', grant: { permissions: { view: true, input: false } } })
  expect((await app?.heard('welcome'))?.mayType).toBe(false)
  app?.say({ type: 'open', request: 1, cols: 80, rows: 24 })
  expect(await app?.heard('error')).toMatchObject({ code: 'VIEW_ONLY' })
})

it('an app that cannot seal is told so and let out, unless its owner allows it', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const raw = await pair(broker, { pairingCode: on.code() })
  const hello = encodeAppMessages([{ type: 'hello', version: PROTOCOL_VERSION, label: 'old' }])
  raw.send(encodePlaintext({ stream: Stream.control, seq: 0, bytes: hello }))
  await until('the end of the channel', () => raw.closed.reason !== null)
  const plaintext = decodePlaintext(raw.unread[0] ?? new Uint8Array(0))
  expect(plaintext && decodeRunnerMessages(plaintext.bytes)).toMatchObject([
    { type: 'error', code: 'E2EE_REQUIRED' },
  ])
  expect(on.all('connected')).toHaveLength(0)
  const lenient = await machine(broker, { allowUnsealed: true })
  const plain = await pair(broker, { pairingCode: lenient.code() })
  plain.send(encodePlaintext({ stream: Stream.control, seq: 0, bytes: hello }))
  await until('the owner to be asked', () => lenient.host.door.prompt?.shown?.unsealed === true)
  const told = await lenient.ask({ command: 'pin' })
  expect(told).toMatchObject({ pin: { label: 'Pixel 8', unsealed: true } })
  expect(lenient.all('connected')).toHaveLength(0)
  expect(await lenient.ask({ command: 'accept', pin: lenient.host.door.prompt?.shown?.pin })).toMatchObject({
    ok: true,
  })
  await until('a welcome', () => lenient.all('connected').length === 1)
  expect(lenient.last('connected')).toMatchObject({ sealed: false })
  expect(await lenient.ask({ command: 'apps' })).toMatchObject({
    apps: [{ label: 'Pixel 8', sealed: false }],
  })
  expect(await lenient.ask({ command: 'revoke-all' })).toMatchObject({ changed: [{ label: 'Pixel 8' }] })
  await until('the end of the channel', () => plain.closed.reason === CloseReason.unpaired)
  await until('the pairing to end', () => broker.log.some((line) => line.includes('app.revoked')))
})

it('an app that was turned away does not come back in plain either, where plain is allowed', async () => {
  const broker = await testBroker()
  const on = await machine(broker, { allowUnsealed: true })
  const { raw } = await paired(broker, on)
  await on.ask({ command: 'revoke-all' })
  await until('the end of the channel', () => raw.closed.reason === CloseReason.unpaired)
  await until('the pairing to end', () => broker.log.some((line) => line.includes('app.revoked')))
  const plain = await pair(broker, { pairingCode: on.code() }, raw.client)
  const hello = encodeAppMessages([{ type: 'hello', version: PROTOCOL_VERSION, label: 'old' }])
  plain.send(encodePlaintext({ stream: Stream.control, seq: 0, bytes: hello }))
  await until('the end of the channel', () => plain.closed.reason !== null)
  expect(on.all('connected')).toHaveLength(1)
})

it('what is malformed ends its attempt or its channel, and nothing else', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { app } = await paired(broker, on)
  const bystander = async () => {
    const id = Math.floor(Math.random() * 1e6)
    app.say({ type: 'ping', id })
    await until('the answer', () => app.messages.some((said) => said.type === 'pong' && said.id === id))
  }
  const noise: Uint8Array[] = [
    Uint8Array.of(9),
    new Uint8Array(0),
    Uint8Array.of(1, 0x10, 0, 0, 0),
    Uint8Array.of(1, 0x7f),
    new Uint8Array(5000).fill(1),
  ]
  for (const payload of noise) {
    const raw: RawChannel = await pair(broker, { pairingCode: on.code() })
    raw.send(payload)
    await until('an end', () => raw.closed.reason !== null || raw.unread.length > 0)
    await bystander()
    raw.cut()
  }
})

it('what is kept is for its owner alone, and half a file was never there', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  await paired(broker, on)
  await until('the app to be written down', () =>
    readFileSync(join(on.stateFolder, 'apps.json'), 'utf8').includes('Pixel 8'),
  )
  for (const file of ['apps.json', 'pairing.json', 'control.sock'])
    expect(statSync(join(on.stateFolder, file)).mode & 0o077).toBe(0)
  await on.stop()
  // A process that died while writing leaves a draft. Only the file in place is read.
  writeFileSync(join(on.stateFolder, 'apps.json.new'), '{"version":1,"apps":[{')
  const next = await machine(broker, {}, on.stateFolder)
  expect(await next.ask({ command: 'apps' })).toMatchObject({ ok: true, apps: [{ label: 'Pixel 8' }] })
  await next.stop()
  writeFileSync(join(on.stateFolder, 'apps.json'), '{"version":1,"apps":[{')
  await expect(machine(broker, {}, on.stateFolder)).rejects.toThrow('apps.json')
})
