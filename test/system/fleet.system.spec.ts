import { randomBytes } from 'node:crypto'
import { type FleetList, firstList, nextList } from '@latchkey/domain/fleet/fleet'
import type { WayIn } from '@latchkey/e2ee/app-steps'
import { routeTicket } from '@latchkey/e2ee/derivations'
import { fleetSecret, openFleetList, signFleetList } from '@latchkey/e2ee/fleet-list'
import type { SigningKey } from '@latchkey/e2ee/primitives'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import { type TestBroker, testBroker, until } from '../../apps/broker/src/testing/harness.ts'
import { primitives } from '../../apps/runner/src/sealing/primitives.ts'
import type { AppUnderTest } from '../../apps/runner/src/testing/app-under-test.ts'
import { device, linkApp, whole } from './link-app.ts'
import { again, type Keys, newKeys, pair, resumeWay, seal } from './sealed-app.ts'
import { type Machine, machine, paired } from './sealed-machine.ts'

const TYPE = { type: true, approve: false, send: false }
const keyOf = ({ key }: Keys) => base64url(key.publicKey)

/** Lets an app in by its PIN, and comes back with the fleet among its features. */
async function inFleet(broker: TestBroker, on: Machine, keys?: Keys) {
  const { raw, keys: known } = await paired(broker, on, keys)
  const { app } = await seal(await again(broker, raw), known, resumeWay(known), undefined, ['fleet'])
  if (app === null) throw new Error('not let in')
  return { app, keys: known, raw }
}

/** By the owner's word, as a broker leads it there: no code, no PIN. */
async function byWord(broker: TestBroker, on: Machine, keys: Keys, list: FleetList, signs: SigningKey) {
  const opened = await openFleetList(await signFleetList(list, signs), primitives)
  const certificate = opened?.certificates.get(keyOf(keys)) ?? new Uint8Array(0)
  const secret = fleetSecret(fromBase64url(list.owner) ?? new Uint8Array(0))
  const { runnerId } = on.host
  const ticket = base64url(routeTicket(secret, runnerId))
  const raw = await pair(broker, { runnerId, routeTicket: ticket })
  const reach = on.host.door.fragment.split('.')[2] ?? ''
  const way: WayIn = {
    ...{ label: 'Tablet', reach: fromBase64url(reach) ?? new Uint8Array(0), secret, certificate },
    method: 'fleet',
  }
  return { raw, ...(await seal(raw, keys, way)) }
}

it('a device of the owner opens each machine without a PIN, until a newer list or the machine says no', async () => {
  const broker = await testBroker()
  const [attic, forge] = [await machine(broker), await machine(broker)]
  const owner = await primitives.signingKey(randomBytes(32))
  const give = async (list: FleetList, ...to: AppUnderTest[]) => {
    const text = base64url(await signFleetList(list, owner))
    for (const app of to) app.say({ type: 'fleetList', list: text })
  }
  // The owner's phone knows both machines, and makes them its own.
  const phone = await newKeys()
  const atAttic = await inFleet(broker, attic, phone)
  const atForge = await inFleet(broker, forge, { ...phone, grant: null, reach: null })
  for (const { app } of [atAttic, atForge]) {
    app.say({ type: 'fleetAdopt', owner: base64url(owner.publicKey), allowed: TYPE })
    await app.heard('fleet', ({ owner: by }) => by === base64url(owner.publicKey))
  }
  // A tablet pairs with one of them. The owner adds it, and it hears of the list there.
  const tablet = await inFleet(broker, attic)
  const named = await atAttic.app.heard('fleet', ({ apps }) =>
    apps.some(({ key }) => key === keyOf(tablet.keys)),
  )
  expect(named.apps.map(({ label }) => label)).toContain('Pixel 8')
  const devices = [phone, tablet.keys].map((keys, at) => ({
    key: keyOf(keys),
    label: `device ${at}`,
    rights: TYPE,
  }))
  const both = nextList(firstList(base64url(owner.publicKey), Date.now()), { devices }, Date.now())
  await give(both, atAttic.app)
  const heard = await tablet.app.heard('fleet', ({ list }) => list !== null)
  expect(heard.number).toBe(both.number)

  // The other machine has not seen that list: the tablet brings the owner's word along.
  const keys: Keys = { ...tablet.keys, grant: null }
  const came = await byWord(broker, forge, keys, both, owner)
  expect(came.step).toMatchObject({ status: 'open', grant: { permissions: { input: true } } })
  expect(await came.app?.heard('welcome')).toMatchObject({ mayType: true })
  expect(
    forge.all('pin').filter(({ pin }) => pin !== null),
    'the phone’s alone',
  ).toHaveLength(1)
  await give(both, atForge.app)
  expect((await seal(await again(broker, came.raw), keys, resumeWay(keys))).step.status).toBe('open')

  // A broker signs no word of its own, and a stranger's owner is none here.
  const stranger = await primitives.signingKey(randomBytes(32))
  const forged = { ...both, number: 99 }
  expect((await byWord(broker, forge, await newKeys(), forged, stranger)).step).toMatchObject({
    status: 'ended',
  })

  // Removed: its channel ends at once, and neither its key, nor its word, nor the older list brings it back.
  const without = nextList(both, { devices: devices.slice(0, 1) }, Date.now())
  await give(without, atForge.app)
  await until('the end of its channel', () => came.raw.closed.reason === CloseReason.unpaired)
  await give(both, atForge.app)
  atForge.app.say({ type: 'ping', id: 1 })
  await atForge.app.heard('pong')
  expect(await forge.ask({ command: 'fleet' })).toMatchObject({ fleet: { number: without.number } })
  expect((await byWord(broker, forge, keys, both, owner)).step).toMatchObject({
    status: 'ended',
    refusal: 'revoked',
  })

  // The machine decides: it may ask for PINs again, or belong to no owner.
  await give(nextList(without, { devices }, Date.now()), atForge.app)
  expect(await forge.ask({ command: 'fleet-allow', allowed: { ...TYPE, type: false } })).toMatchObject({
    ok: true,
  })
  const looks = await byWord(broker, forge, { ...keys }, nextList(without, { devices }, Date.now()), owner)
  expect(looks.step).toMatchObject({ status: 'open', grant: { permissions: { view: true, input: false } } })
  expect(await forge.ask({ command: 'fleet-leave' })).toMatchObject({ ok: true, fleet: null })
  await until('the end of its channel', () => looks.raw.closed.reason === CloseReason.unpaired)
  expect(await forge.ask({ command: 'fleet-leave' })).toMatchObject({ ok: false, code: 'NO_OWNER' })
})

it('the link that pages use opens a machine by the owner’s word, comes back by its own key, and is refused once removed', async () => {
  const broker = await testBroker()
  const [attic, forge] = [await machine(broker), await machine(broker)]
  const owner = await primitives.signingKey(randomBytes(32))
  const by = base64url(owner.publicKey)
  for (const each of [attic, forge]) await each.host.fleet.adopt(by, TYPE)
  // By the pairing URL of a machine that has an owner already.
  const tablet = device()
  const first = linkApp(broker.url, tablet)
  const { code, secret } = whole(attic.last('fragment').fragment)
  await first.link.pair(code, secret)
  await first.is('live')
  const [known] = attic.host.door.book.apps
  const key = base64url(known?.appKey ?? new Uint8Array(0))
  const list = nextList(
    firstList(by, Date.now()),
    { devices: [{ key, label: 'Tablet', rights: TYPE }] },
    Date.now(),
  )
  const opened = await openFleetList(await signFleetList(list, owner), primitives)
  const second = linkApp(broker.url, tablet)
  const reach = whole(forge.last('fragment').fragment).secret.reach
  const word = {
    ...{ runnerId: forge.host.runnerId, reach, oneTimeSecret: fleetSecret(owner.publicKey) },
    certificate: opened?.certificates.get(key) ?? new Uint8Array(0),
  }
  expect(await second.link.pair('', word)).toMatchObject({ success: true, runnerId: forge.host.runnerId })
  await second.is('live')
  expect(await forge.host.fleet.offered(await signFleetList(list, owner))).toBeNull()
  second.link.reconnectNow()
  await second.is('live')
  await forge.host.fleet.offered(await signFleetList(nextList(list, { devices: [] }, Date.now()), owner))
  await second.is('refused')
  expect(second.link.state.current).toEqual({ status: 'refused', refusal: 'revoked' })
  expect(first.link.state.current.status).toBe('live')
})
