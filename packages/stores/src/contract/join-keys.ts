import { changeDevice } from '@latchkey/domain/device-pairing/change-device'
import { addFirstDevice, revokeDevice, usePeerToken } from '@latchkey/domain/device-pairing/devices'
import { joinByKey, makeJoinKey, revokeJoinKey } from '@latchkey/domain/device-pairing/join-keys'
import {
  addWatcher,
  chooseNotices,
  dropWatcher,
  NOTICES_AT_FIRST,
  readNotices,
} from '@latchkey/domain/device-pairing/notices'
import type { MeshOperation, PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { type DeviceRules, defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { announceEnd } from '@latchkey/domain/device-pairing/unused-devices'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { brokenInvariants } from './mesh-invariants.ts'
import { deviceOf, joinKeyDigest } from './mesh-script.ts'
import type { RepositoryUnderTest } from './repository-under-test.ts'

const START_MS = 1_700_000_000_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const removing: DeviceRules = { ...defaultDeviceRules, unusedLifeMs: 20 * DAY_MS }

/** Join keys, notes and the removal of unused devices: the same on every adapter. */
export function joinKeysContract(
  name: string,
  open: (clock: () => number) => Promise<RepositoryUnderTest>,
): void {
  describe(`join keys: ${name}`, () => {
    let nowMs = START_MS
    let under: RepositoryUnderTest
    const ask = <Answer>(
      operation: MeshOperation<Answer>,
      repository: PairingRepository = under.repository,
    ): Promise<Answer> => repository.run(operation)

    beforeEach(async () => {
      nowMs = START_MS
      under = await open(() => nowMs)
    })
    afterEach(() => under.dispose())

    const key = joinKeyDigest('key')
    const make = (isReusable: boolean, rules = defaultDeviceRules, of = key) =>
      ask(makeJoinKey({ key: of, name: 'Rack', tags: ['lab'], isReusable, lifeMs: HOUR_MS }, rules))
    const join = (who: string, repository?: PairingRepository, rules = defaultDeviceRules) => {
      const { session: _, ...machine } = deviceOf(who)
      return ask(joinByKey({ ...machine, key, ip: '192.0.2.7' }, rules), repository)
    }
    const announce = (who: string, rules = removing) =>
      ask(announceEnd({ nodeId: deviceOf(who).nodeId }, rules))
    const use = (who: string, address?: string) =>
      ask(usePeerToken({ token: deviceOf(who).peerToken, address }, defaultDeviceRules))
    const only = async () => (await under.repository.listDevices())[0]
    const types = async () =>
      (await under.repository.listEvents({ limit: 100 })).map(({ event }) => event.type)

    test('a key for one machine brings one, tagged, that may bring runners; a lost answer is given again', async () => {
      await make(false)
      const joined = await join('rack-1')
      expect(joined).toMatchObject({ ok: true, value: { node: { roles: ['runner'], tags: ['lab'] } } })
      expect(await join('rack-1', under.elsewhere)).toEqual(joined)
      expect(await join('rack-2')).toMatchObject({ refusal: { code: 'JOIN_KEY_SPENT' } })
      expect(await use('rack-1')).toMatchObject({ permissions: ['runner'] })
      expect(await under.repository.listJoinKeys(10)).toMatchObject([{ useCount: 1, lastUsedAt: START_MS }])
      expect(await types()).toEqual(['NodeJoinedByKey', 'JoinKeyMade'])
      expect(await brokenInvariants(under.repository, defaultDeviceRules)).toEqual([])
    })

    test('two machines that race for the last use of a key: one joins', async () => {
      await make(false)
      const answers = await Promise.all([join('rack-1'), join('rack-2', under.elsewhere)])
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
      expect(await under.repository.listDevices()).toHaveLength(1)
    })

    test('a reusable key brings machines until its end, while there is room', async () => {
      const rules = { ...defaultDeviceRules, deviceLimit: 2 }
      await make(true)
      expect([await join('rack-1'), await join('rack-2')]).toMatchObject([{ ok: true }, { ok: true }])
      expect(await join('rack-3', undefined, rules)).toMatchObject({ refusal: { code: 'DEVICE_LIMIT' } })
      nowMs += HOUR_MS - 1
      expect(await join('rack-3')).toMatchObject({ ok: true })
      nowMs += 1
      expect(await join('rack-4')).toMatchObject({ refusal: { code: 'JOIN_KEY_ENDED' } })
    })

    test('a revoked key brings nothing, what joined with it stays, and an unknown one is unknown', async () => {
      expect(await join('rack-1')).toMatchObject({ refusal: { code: 'JOIN_KEY_UNKNOWN' } })
      expect(await ask(revokeJoinKey({ key }))).toMatchObject({ refusal: { code: 'JOIN_KEY_UNKNOWN' } })
      await make(true)
      await join('rack-1')
      const revoked = await ask(revokeJoinKey({ key }))
      expect(revoked).toMatchObject({ ok: true, value: { revokedAt: START_MS } })
      expect(await ask(revokeJoinKey({ key })), 'twice is once').toEqual(revoked)
      expect(await join('rack-2', under.elsewhere)).toMatchObject({ refusal: { code: 'JOIN_KEY_ENDED' } })
      expect(await use('rack-1')).not.toBeNull()
      await ask(revokeDevice({ nodeId: deviceOf('rack-1').nodeId }))
      expect(await join('rack-1'), 'a revoked machine is not told its old answer').toMatchObject({
        ok: false,
      })
    })

    test('there are as many good keys as the rules allow, and ended ones are forgotten', async () => {
      const rules = { ...defaultDeviceRules, joinKeysMax: 1 }
      await make(false, rules)
      expect(await make(false, rules)).toMatchObject({ refusal: { code: 'SECRET_USED' } })
      const other = joinKeyDigest('other')
      expect(await make(false, rules, other)).toMatchObject({
        refusal: { code: 'TOO_MANY_JOIN_KEYS', max: 1 },
      })
      await join('rack-1')
      expect(await make(true, rules, other), 'a spent one takes no place').toMatchObject({ ok: true })
      nowMs += HOUR_MS + 30 * DAY_MS
      await under.repository.purge({ endedKeptMs: HOUR_MS, revokedKeptMs: 30 * DAY_MS, eventsMax: 100 })
      expect(await under.repository.listJoinKeys(10)).toEqual([])
    })

    test('name, note, tags and rights are written once each, and a device tells where it is', async () => {
      await make(false)
      await join('rack-1')
      const { nodeId } = deviceOf('rack-1')
      const change = {
        name: 'Räck 1',
        note: 'left, third from above',
        tags: ['eu'],
        appRights: ['approve'],
      } as const
      const changed = ask(changeDevice({ nodeId, change, actor: 'operator' }))
      expect(await changed).toMatchObject({ ok: true, value: change })
      await ask(changeDevice({ nodeId, change, actor: 'operator' }))
      await ask(changeDevice({ nodeId, change: {}, actor: 'operator' }), under.elsewhere)
      expect(await types()).toEqual(['NodeChanged', 'NodeRenamed', 'NodeJoinedByKey', 'JoinKeyMade'])
      await use('rack-1', '198.51.100.4')
      expect(await only()).toMatchObject({ ...change, hostname: '192.0.2.7', lastAddress: '198.51.100.4' })
      await ask(changeDevice({ nodeId, change: { appRights: null }, actor: 'operator' }))
      expect((await only())?.appRights).toBeNull()
      await ask(revokeDevice({ nodeId }))
      expect(await ask(changeDevice({ nodeId, change, actor: 'operator' }))).toMatchObject({ ok: false })
    })

    test('a device that is not used is told to end, and is due no sooner; one use keeps it', async () => {
      await make(true)
      await join('rack-1')
      nowMs += 13 * DAY_MS - 1
      expect(await announce('rack-1')).toBe('nothing')
      nowMs += 1
      expect([await announce('rack-1'), await announce('rack-1')]).toEqual(['told', 'nothing'])
      expect(await only()).toMatchObject({ removalAt: START_MS + 20 * DAY_MS })
      expect(await use('rack-1')).not.toBeNull()
      expect(await only()).toMatchObject({ removalAt: null })
      nowMs += 13 * DAY_MS
      expect(await announce('rack-1')).toBe('told')
      nowMs += 7 * DAY_MS - 1
      expect(await announce('rack-1')).not.toBe('due')
      nowMs += 1
      expect(await announce('rack-1', defaultDeviceRules), 'the rule was switched off').toBe('nothing')
      expect(await announce('rack-1')).toBe('due')
    })

    test('after a long rest of the broker every device has its days of notice all the same', async () => {
      await make(true)
      await join('rack-1')
      nowMs += 29 * DAY_MS
      expect(await announce('rack-1')).toBe('told')
      expect(await only()).toMatchObject({ removalAt: nowMs + 7 * DAY_MS })
    })

    test('the near end of a peer token is told once, and the first device is told of nothing', async () => {
      const first = { name: 'host', hostname: 'host.example', port: null, publicKey: 'key', runnerId: null }
      await ask(addFirstDevice({ nodeId: deviceOf('host').nodeId, ...first }))
      await make(true)
      await join('rack-1')
      nowMs += 27 * DAY_MS
      expect(await announce('rack-1', defaultDeviceRules)).toBe('told')
      expect(await announce('rack-1', defaultDeviceRules)).toBe('nothing')
      expect(await announce('host')).toBe('nothing')
      expect(await announce('nowhere')).toBe('nothing')
      const [newest] = await under.repository.listEvents({ limit: 1 })
      expect(newest?.event).toMatchObject({ reason: 'token-ends', until: START_MS + 30 * DAY_MS })
    })

    test('the table of notices and the browsers that are called, each once', async () => {
      expect(await ask(readNotices())).toEqual(NOTICES_AT_FIRST)
      await ask(chooseNotices({ on: ['guessing'] }))
      expect(await ask(readNotices(), under.elsewhere)).toEqual({ on: ['guessing'] })
      const browser = { id: 'a'.repeat(64), endpoint: 'https://push.example/1', label: 'Firefox' }
      await ask(addWatcher(browser))
      await ask(addWatcher({ ...browser, label: 'Fox' }))
      expect(await under.repository.listWatchers()).toEqual([
        { ...browser, label: 'Fox', createdAt: START_MS },
      ])
      for (let more = 0; more < 15; more++) await ask(addWatcher({ ...browser, id: `b${more}` }))
      expect(await ask(addWatcher({ ...browser, id: 'c' }))).toMatchObject({
        refusal: { code: 'TOO_MANY_BROWSERS' },
      })
      expect([await ask(dropWatcher(browser)), await ask(dropWatcher(browser))]).toEqual([true, false])
      expect(await under.repository.listWatchers()).toHaveLength(15)
    })
  })
}
