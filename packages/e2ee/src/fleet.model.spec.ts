import {
  FLEET_LEASE_MS,
  type FleetList,
  type FleetStanding,
  firstList,
  judgeDevice,
  judgeList,
  NO_FLEET,
  nextList,
  rightsNow,
} from '@latchkey/domain/fleet/fleet'
import { base64url } from '@latchkey/protocol/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deviceNumber, fleetSecret, openCertificate, openFleetList, signFleetList } from './fleet-list.ts'
import { primitives, seededEntropy } from './two-ends.fixture.ts'

const entropy = seededEntropy('a fleet')
const owner = await primitives.signingKey(entropy(32))
const stranger = await primitives.signingKey(entropy(32))
const ownerText = base64url(owner.publicKey)
const keys = Array.from({ length: 4 }, () => entropy(32))
const TYPE = { type: true, approve: false, send: false }
const LOOK = { type: false, approve: false, send: false }
const device = (at: number) => ({ key: base64url(keys[at]!), label: `device ${at}`, rights: TYPE })
const NOW_MS = 1_800_000_000_000
const machines = [{ runnerId: 'r-7f3a', reach: base64url(entropy(32)), label: 'attic' }]
const listOf = (devices: readonly number[], number = 1, atMs = NOW_MS): FleetList => ({
  ...nextList(firstList(ownerText, atMs), { devices: devices.map(device), machines }, atMs),
  number,
})
const standing = (list: FleetList | null): FleetStanding => ({ owner: ownerText, allowed: TYPE, list })
const certificate = async (list: FleetList, at: number) => {
  const opened = await openFleetList(await signFleetList(list, owner), primitives)
  return opened?.certificates.get(base64url(keys[at]!)) ?? new Uint8Array(0)
}

it('a list is read as its owner has signed it, with a certificate for each device', async () => {
  const list = listOf([0, 1])
  const opened = await openFleetList(await signFleetList(list, owner), primitives)
  expect(opened?.list).toEqual(list)
  const shown = await openCertificate(await certificate(list, 1), keys[1]!, primitives)
  expect(shown).toMatchObject({ owner: ownerText, number: 1, label: 'device 1' })
  expect(judgeDevice(standing(null), shown!, NOW_MS)).toEqual({
    ok: true,
    value: { type: true, approve: true, send: true },
  })
  // A certificate of one device is nothing for another.
  expect(await openCertificate(await certificate(list, 1), keys[0]!, primitives)).toBeNull()
  expect(deviceNumber(keys[0]!)).toMatch(/^(\d{4} ){3}\d{4}$/)
  expect(fleetSecret(owner.publicKey)).toHaveLength(16)
})

it('a relay changes no bit of a list or a certificate, cuts none, and signs none', async () => {
  const list = listOf([0])
  const bytes = await signFleetList(list, owner)
  const shown = await certificate(list, 0)
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = (of: Uint8Array) =>
        Uint8Array.from(of, (byte, i) => (i === at % of.length ? byte ^ flip : byte))
      expect(await openFleetList(changed(bytes), primitives)).toBeNull()
      expect(await openFleetList(bytes.subarray(0, at % bytes.length), primitives)).toBeNull()
      expect(await openCertificate(changed(shown), keys[0]!, primitives)).toBeNull()
    }),
    { numRuns: 60 },
  )
  const forged = await openFleetList(await signFleetList({ ...list, owner: ownerText }, stranger), primitives)
  expect(forged).toBeNull()
  const own = await openFleetList(
    await signFleetList({ ...list, owner: base64url(stranger.publicKey) }, stranger),
    primitives,
  )
  expect(judgeList(null, own!.list, ownerText, NOW_MS)).toEqual({ ok: false, refusal: 'foreign' })
})

it('a machine of no fleet, or of one that is not allowed, lets no certificate in; rights are the smaller of both', async () => {
  const shown = (await openCertificate(await certificate(listOf([0]), 0), keys[0]!, primitives))!
  expect(judgeDevice(NO_FLEET, shown, NOW_MS)).toEqual({ ok: false, refusal: 'no-owner' })
  expect(judgeDevice({ ...standing(null), allowed: null }, shown, NOW_MS)).toEqual({
    ok: false,
    refusal: 'not-allowed',
  })
  expect(judgeDevice({ ...standing(null), owner: 'another' }, shown, NOW_MS)).toEqual({
    ok: false,
    refusal: 'foreign',
  })
  expect(judgeDevice({ ...standing(null), allowed: LOOK }, shown, NOW_MS)).toEqual({ ok: true, value: LOOK })
  const approves = { ...LOOK, approve: true }
  expect(judgeDevice({ ...standing(null), allowed: approves }, shown, NOW_MS)).toEqual({
    ok: true,
    value: approves,
  })
})

it('a list is good for its lease: a withheld revocation is one for so long, and no list claims more', () => {
  const list = listOf([0])
  expect(rightsNow(standing(list), device(0).key, NOW_MS + FLEET_LEASE_MS - 1)).not.toBeNull()
  expect(rightsNow(standing(list), device(0).key, NOW_MS + FLEET_LEASE_MS)).toBeNull()
  const refusal = (more: Partial<FleetList>) => judgeList(null, { ...list, ...more }, ownerText, NOW_MS)
  expect(refusal({ goodUntilMs: NOW_MS + FLEET_LEASE_MS + 1 })).toEqual({ ok: false, refusal: 'bad-time' })
  expect(refusal({ issuedAtMs: NOW_MS + 3_600_000, goodUntilMs: NOW_MS + 3_700_000 })).toEqual({
    ok: false,
    refusal: 'bad-time',
  })
})

it('whatever a relay replays, withholds and reorders, a machine goes back to no older list, and no removed device comes in', async () => {
  /** The owner's lists, each removing or adding a device; the relay hands the machine any of them at any time. */
  const change = fc.record({ at: fc.nat({ max: 3 }), add: fc.boolean() })
  const delivery = fc.record({
    list: fc.nat({ max: 9 }),
    device: fc.nat({ max: 3 }),
    shown: fc.nat({ max: 9 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 8 }),
      fc.array(delivery, { maxLength: 25 }),
      async (changes, deliveries) => {
        const lists = [listOf([0, 1, 2, 3])]
        for (const { at, add } of changes) {
          const before = lists.at(-1)!
          const others = before.devices.filter(({ key }) => key !== device(at).key)
          lists.push(
            nextList(before, { devices: add ? [...others, device(at)] : others }, NOW_MS + lists.length),
          )
        }
        let held: FleetList | null = null
        for (const { list, device: at, shown } of deliveries) {
          const offered = lists[list % lists.length]!
          const judged = judgeList(held, offered, ownerText, NOW_MS + 100)
          if (judged.ok) held = judged.value
          const newest: number = held?.number ?? 0
          expect(newest).toBe(Math.max(newest, judged.ok ? offered.number : 0))
          const from = lists[shown % lists.length]!
          const named = from.devices.find(({ key }) => key === device(at).key)
          if (named === undefined) continue
          const { owner: by, number, issuedAtMs, goodUntilMs } = from
          const came = judgeDevice(
            standing(held),
            { ...named, owner: by, number, issuedAtMs, goodUntilMs },
            NOW_MS + 100,
          )
          const knownList = lists.find((each) => each.number === Math.max(newest, number))!
          const isIn = knownList.devices.some(({ key }) => key === device(at).key)
          expect(came.ok).toBe(isIn)
        }
      },
    ),
    { numRuns: 200 },
  )
})
