import { answerConsent, pollConsent, requestConsent } from '@latchkey/domain/device-pairing/consent'
import {
  addFirstDevice,
  enrolRunner,
  keepDevice,
  revokeDevice,
  useEnrolment,
  usePeerToken,
  useSession,
} from '@latchkey/domain/device-pairing/devices'
import { loadPairingState } from '@latchkey/domain/device-pairing/founding-repository'
import { connectPairing, startPairing, verifyPairing } from '@latchkey/domain/device-pairing/join'
import type { MeshOperation, PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { brokenInvariants } from './mesh-invariants.ts'
import { deviceOf, digest, pinFor, userCodeDigest } from './mesh-script.ts'
import type { RepositoryUnderTest } from './repository-under-test.ts'

const START_MS = 1_700_000_000_000
const KEPT = { endedKeptMs: 3_600_000, revokedKeptMs: 30 * 86_400_000, eventsMax: 1_000 }

/** Membership of devices, its time and its secrets: the same on every adapter. */
export function deviceMembershipContract(
  name: string,
  open: (clock: () => number) => Promise<RepositoryUnderTest>,
): void {
  describe(`membership of devices: ${name}`, () => {
    let nowMs = START_MS
    let under: RepositoryUnderTest
    const ask = <Answer>(
      operation: MeshOperation<Answer>,
      repository: PairingRepository = under.repository,
    ): Promise<Answer> => repository.run(operation)
    const enrolment = (runnerId: string, repository?: PairingRepository) =>
      ask(useEnrolment({ runnerId, isProven: true }, defaultDeviceRules), repository)

    beforeEach(async () => {
      nowMs = START_MS
      under = await open(() => nowMs)
    })
    afterEach(() => under.dispose())

    const start = (token: string) =>
      ask(startPairing({ token: digest(token), name: null }, defaultDeviceRules))
    const join = async (link: string, who: string) => {
      await start(link)
      const device = deviceOf(who)
      const token = digest(link)
      const pin = pinFor(token, device.nodeId)
      await ask(connectPairing({ ...device, token, ip: '192.0.2.7', pin }, defaultDeviceRules))
      return ask(verifyPairing({ token, pin, nodeId: null }, defaultDeviceRules))
    }

    test('a revoked node holds nothing that is good, elsewhere neither, and its runners are known to be out', async () => {
      await join('t', 'phone')
      const phone = deviceOf('phone')
      await ask(enrolRunner({ runnerId: 'r', nodeId: phone.nodeId }, defaultDeviceRules))
      expect(await ask(usePeerToken({ token: phone.peerToken }, defaultDeviceRules))).not.toBeNull()
      const revoked = await ask(revokeDevice({ nodeId: phone.nodeId }))
      expect(revoked).toMatchObject({ ok: true, value: { tokens: [phone.peerToken], runners: ['r'] } })
      expect(
        await ask(usePeerToken({ token: phone.peerToken }, defaultDeviceRules), under.elsewhere),
      ).toBeNull()
      expect(
        await ask(useSession({ session: phone.session }, defaultDeviceRules), under.elsewhere),
      ).toBeNull()
      expect(await enrolment('r', under.elsewhere)).toEqual({ nodeId: phone.nodeId, standing: 'revoked' })
      expect(await ask(revokeDevice({ nodeId: phone.nodeId }))).toMatchObject({
        refusal: { code: 'NODE_REVOKED' },
      })
      expect(await under.repository.listDevices()).toEqual([])
      await start('t2')
      const again = deviceOf('phone', 1)
      const token = digest('t2')
      const pin = pinFor(token, again.nodeId)
      await ask(connectPairing({ ...again, token, ip: '192.0.2.7', pin }, defaultDeviceRules))
      const joined = await ask(verifyPairing({ token, pin, nodeId: null }, defaultDeviceRules))
      expect(joined, 'it may join again, with new secrets').toMatchObject({ ok: true })
    })

    test('a peer token used in its last week lives as long again, one that is not used dies', async () => {
      await join('t', 'phone')
      const { peerToken } = deviceOf('phone')
      const use = () => ask(usePeerToken({ token: peerToken }, defaultDeviceRules))
      const day = 86_400_000
      nowMs += 22 * day
      expect((await use())?.expiresAt).toBe(START_MS + 30 * day)
      nowMs += day
      expect((await use())?.expiresAt).toBe(nowMs + 30 * day)
      nowMs += 30 * day - 1
      expect(await use()).not.toBeNull()
      nowMs += 30 * day
      expect(await use()).toBeNull()
    })

    test('a machine that comes back by its key uses its device, and stays in as long as it comes', async () => {
      await join('t', 'phone')
      const { nodeId } = deviceOf('phone')
      const day = 86_400_000
      await ask(enrolRunner({ runnerId: 'r', nodeId }, defaultDeviceRules))
      for (let days = 0; days < 300; days += 20) {
        nowMs += 20 * day
        expect(await enrolment('r')).toEqual({ nodeId, standing: 'member' })
        nowMs += 4 * day
        await ask(useEnrolment({ runnerId: 'r', isProven: true }, defaultDeviceRules))
      }
      nowMs += 24 * day
      expect(await ask(keepDevice({ nodeId }, defaultDeviceRules)), 'a connection is use').toBe('member')
      nowMs += 24 * day
      const claimed = ask(useEnrolment({ runnerId: 'r', isProven: false }, defaultDeviceRules))
      expect(await claimed, 'a name that anybody can say renews nothing').toMatchObject({
        standing: 'member',
      })
      nowMs += 7 * day
      expect(await enrolment('r')).toEqual({ nodeId, standing: 'ended' })
      nowMs += 100 * day
      await under.repository.purge(KEPT)
      expect(await enrolment('r'), 'forgetting its token takes nothing back').toMatchObject({
        standing: 'ended',
      })
    })

    test('the first node holds no token, never ends and is not revoked', async () => {
      const nodeId = deviceOf('host').nodeId
      const first = { nodeId, name: 'host', hostname: 'host.example', port: null, publicKey: 'key' }
      await ask(addFirstDevice({ ...first, runnerId: 'r' }))
      nowMs += 1
      await join('t', 'phone')
      nowMs += 400 * 86_400_000
      await under.repository.purge(KEPT)
      const nodes = await under.repository.listDevices()
      expect(nodes.map(({ name: called, isFirst }) => [called, isFirst])).toEqual([
        ['host', true],
        [deviceOf('phone').name, false],
      ])
      expect(await enrolment('r')).toEqual({ nodeId, standing: 'member' })
      expect(await ask(revokeDevice({ nodeId }))).toEqual({ ok: false, refusal: { code: 'FIRST_NODE' } })
      expect(await enrolment('r')).toMatchObject({ standing: 'member' })
    })

    test('a secret is one device’s for ever: not another’s, and not the same one’s again', async () => {
      await join('t', 'phone')
      const phone = deviceOf('phone')
      for (const [index, thief] of [
        { ...deviceOf('thief'), peerToken: phone.peerToken },
        { ...deviceOf('thief'), session: phone.session },
        phone,
      ].entries()) {
        const token = digest(`u${index}`)
        await start(`u${index}`)
        const pin = pinFor(token, thief.nodeId)
        const asked = connectPairing({ ...thief, token, ip: '192.0.2.9', pin }, defaultDeviceRules)
        expect(await ask(asked)).toEqual({ ok: false, refusal: { code: 'SECRET_USED' } })
      }
      await ask(revokeDevice({ nodeId: phone.nodeId }))
      expect((await ask(usePeerToken({ token: phone.peerToken }, defaultDeviceRules)))?.node).toBeUndefined()
      expect(await brokenInvariants(under.repository, defaultDeviceRules)).toEqual([])
    })

    test('two devices that connect with one secret are one device in the end', async () => {
      const one = deviceOf('one')
      const other = { ...deviceOf('other'), peerToken: one.peerToken }
      const pins = [one, other].map((device, index) => {
        const token = digest(`c${index}`)
        return { token, device, pin: pinFor(token, device.nodeId) }
      })
      for (const [index, { token, device, pin }] of pins.entries()) {
        await start(`c${index}`)
        await ask(connectPairing({ ...device, token, ip: '192.0.2.9', pin }, defaultDeviceRules))
      }
      const verified = await Promise.all(
        pins.map(({ token, pin }) => ask(verifyPairing({ token, pin, nodeId: null }, defaultDeviceRules))),
      )
      expect(verified.filter(({ ok }) => ok)).toHaveLength(1)
      expect(verified.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'SECRET_USED' } })
    })

    test('a second scan is refused, remembered, and counted up to a bound', async () => {
      await start('t')
      const token = digest('t')
      const connect = (who: string) => {
        const device = deviceOf(who)
        const pin = pinFor(token, device.nodeId)
        return ask(connectPairing({ ...device, token, ip: '192.0.2.9', pin }, defaultDeviceRules))
      }
      expect((await connect('mine')).ok).toBe(true)
      for (let count = 0; count < 12; count++)
        expect(await connect(`stranger ${count}`)).toMatchObject({ refusal: { code: 'TOKEN_USED' } })
      expect((await connect('mine')).ok, 'the first is not disturbed').toBe(true)
      expect(await ask(loadPairingState(token))).toMatchObject({ turnedAway: 10 })
      const events = await under.repository.listEvents({ limit: 100, token })
      expect(events.filter(({ event }) => event.type === 'DeviceTurnedAway')).toHaveLength(10)
    })

    test('one address, or one /64, has three of the places for requests, and a full mesh refuses the yes', async () => {
      const request = (n: number, ip: string) => {
        const { nodeId, name: called } = deviceOf(`headless ${n}`)
        const said = {
          token: digest(`d${n}`),
          userCode: userCodeDigest(`u${n}`),
          client: 'cli',
          nodeId,
          name: called,
          ip,
        }
        return ask(requestConsent(said, defaultDeviceRules))
      }
      for (const n of [1, 2, 3]) expect((await request(n, `2001:db8:0:1::${n}`)).ok).toBe(true)
      expect(await request(4, '2001:db8:0:1::4')).toMatchObject({ refusal: { code: 'TOO_MANY_PAIRINGS' } })
      expect((await request(5, '192.0.2.5')).ok).toBe(true)
      const full = { ...defaultDeviceRules, deviceLimit: 1 }
      await join('t', 'phone')
      const yes = { userCode: userCodeDigest('u5'), approve: true }
      expect(await ask(answerConsent(yes, full))).toEqual({
        ok: false,
        refusal: { code: 'DEVICE_LIMIT', limit: 1 },
      })
      expect((await ask(answerConsent(yes, { ...full, deviceLimit: 2 }))).ok, 'it waits still').toBe(true)
      const poll = { token: digest('d5'), client: 'cli', peerToken: deviceOf('headless 5').peerToken }
      expect(await ask(pollConsent(poll, full)), 'the last place has gone since').toEqual({
        ok: false,
        refusal: { error: 'authorization_pending' },
      })
      const registered = await ask(pollConsent(poll, { ...full, deviceLimit: 2 }))
      expect(registered).toMatchObject({ ok: true, value: { node: { roles: ['runner'] } } })
    })
  })
}
