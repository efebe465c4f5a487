import { answerConsent, pollConsent, requestConsent } from '@latchkey/domain/device-pairing/consent'
import { revokeDevice, usePeerToken } from '@latchkey/domain/device-pairing/devices'
import {
  loadPairingState,
  registerNodeWithToken,
  savePairingState,
} from '@latchkey/domain/device-pairing/founding-repository'
import { connectPairing, startPairing, verifyPairing } from '@latchkey/domain/device-pairing/join'
import type { MeshOperation, PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Device } from '@latchkey/domain/device-pairing/records'
import { defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { createToken, failPairing } from '@latchkey/domain/device-pairing/transitions'
import { instant, later } from '@latchkey/domain/kernel'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryPairingRepository } from '../memory/pairing.repository.ts'
import { deviceMembershipContract } from './device-membership.ts'
import { joinKeysContract } from './join-keys.ts'
import { brokenInvariants } from './mesh-invariants.ts'
import {
  all,
  carryOut,
  deviceOf,
  digest,
  type MeshCommand,
  meshCommand,
  pinFor,
  scriptRules,
  userCodeDigest,
} from './mesh-script.ts'
import type { RepositoryUnderTest } from './repository-under-test.ts'

/** Raced and doubly verified, of each adapter. `LATCHKEY_DEVICE_PAIRINGS=10000` is the figure in docs. */
const PAIRINGS = Number(process.env['LATCHKEY_DEVICE_PAIRINGS'] ?? 40)
/** Some ten milliseconds each, six transactions on the disk. */
const RACES_LAST_MS_MAX = 60_000 + PAIRINGS * 50
const START_MS = 1_700_000_000_000
const KEPT = { endedKeptMs: 3_600_000, revokedKeptMs: 30 * 86_400_000, eventsMax: 1_000 }

/** The suite every adapter of the device pairing port has to pass. `open` gets the clock it must live by. */
export function pairingRepositoryContract(
  name: string,
  open: (clock: () => number) => Promise<RepositoryUnderTest>,
  options: { readonly scripts: number },
): void {
  deviceMembershipContract(name, open)
  joinKeysContract(name, open)
  describe(`pairing repository: ${name}`, () => {
    let nowMs = START_MS
    let under: RepositoryUnderTest
    const ask = <Answer>(
      operation: MeshOperation<Answer>,
      repository: PairingRepository = under.repository,
    ): Promise<Answer> => repository.run(operation)
    const now = () => instant(nowMs)

    beforeEach(async () => {
      nowMs = START_MS
      under = await open(() => nowMs)
    })
    afterEach(() => under.dispose())

    const start = (token: string, rules = defaultDeviceRules) =>
      ask(startPairing({ token: digest(token), name: null }, rules))
    const connect = (
      token: string,
      device: string,
      repository?: PairingRepository,
      rules = defaultDeviceRules,
    ) => {
      const who = deviceOf(device)
      const said = { ...who, token: digest(token), ip: '192.0.2.7', pin: pinFor(digest(token), who.nodeId) }
      return ask(connectPairing(said, rules), repository)
    }
    const verify = (
      token: string,
      device: string,
      repository?: PairingRepository,
      rules = defaultDeviceRules,
    ) => {
      const pin = pinFor(digest(token), deviceOf(device).nodeId)
      return ask(verifyPairing({ token: digest(token), pin, nodeId: null }, rules), repository)
    }
    const join = async (token: string, device: string) => {
      await start(token)
      await connect(token, device)
      return verify(token, device)
    }

    test('answers random commands as the memory does, and never breaks what must hold', async () => {
      let run = 0
      const sameAnswers = fc.asyncProperty(
        fc.array(meshCommand, { minLength: 1, maxLength: 90, size: 'max' }),
        async (script) => {
          run++
          const memory = memoryPairingRepository({ clock: () => nowMs })
          const fresh = name === 'memory' ? memoryPairingRepository({ clock: () => nowMs }) : under.repository
          // Runs share one store: what an earlier one left would fill the places of this one.
          const rules = scriptRules
          const host: MeshCommand = { ...HOST, op: 'first' }
          for (const repository of [fresh, memory]) await carryOut(repository, 0, host, rules)
          for (const { id } of (await fresh.listDevices()).filter(joined))
            await ask(revokeDevice({ nodeId: id }), fresh)
          nowMs += 10 * KEPT.revokedKeptMs
          await fresh.purge(KEPT)
          await fresh.purge(KEPT)
          for (const command of script) {
            if (command.op === 'wait') nowMs += command.waitMs
            const said = await carryOut(fresh, run, command, rules)
            const expected = await carryOut(memory, run, command, rules)
            if (command.op === 'purge') continue
            expect(said, `${JSON.stringify(command)} at ${nowMs}`).toEqual(expected)
          }
          expect(await brokenInvariants(fresh, rules)).toEqual([])
          expect((await fresh.listDevices()).filter(joined)).toEqual(
            (await memory.listDevices()).filter(joined),
          )
        },
      )
      await fc.assert(sameAnswers, { numRuns: options.scripts, endOnFailure: true })
    })

    test(
      `of ${PAIRINGS} links that two devices race for, and two verifications of each, exactly one wins`,
      async () => {
        const rules = { ...defaultDeviceRules, openPairingsMax: PAIRINGS, deviceLimit: PAIRINGS }
        const { repository, elsewhere } = under
        const won = { connects: 0, verifies: 0 }
        const race = async (token: string) => {
          await start(token, rules)
          const [one, other] = await Promise.all([
            connect(token, `${token} A`, repository, rules),
            connect(token, `${token} B`, elsewhere, rules),
          ])
          won.connects += [one, other].filter(({ ok }) => ok).length
          const winner = one.ok ? `${token} A` : `${token} B`
          expect(one.ok ? other : one).toMatchObject({ refusal: { code: 'TOKEN_USED' } })
          const verified = await Promise.all([
            verify(token, winner, repository, rules),
            verify(token, winner, elsewhere, rules),
          ])
          won.verifies += verified.filter(({ ok }) => ok).length
          expect(verified.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'ALREADY_REGISTERED' } })
        }
        for (let from = 0; from < PAIRINGS; from += 10)
          await Promise.all(range(Math.min(10, PAIRINGS - from)).map((n) => race(`race ${from + n}`)))
        expect(won).toEqual({ connects: PAIRINGS, verifies: PAIRINGS })
        expect((await repository.listDevices()).length).toBe(PAIRINGS)
        expect(await brokenInvariants(repository, rules)).toEqual([])
      },
      RACES_LAST_MS_MAX,
    )

    test('the last free place goes to one of two devices that are verified at once', async () => {
      const rules = { ...defaultDeviceRules, deviceLimit: 1 }
      for (const token of ['t1', 't2']) {
        await start(token, rules)
        await connect(token, `device ${token}`, under.repository, rules)
      }
      const verified = await Promise.all([
        verify('t1', 'device t1', under.repository, rules),
        verify('t2', 'device t2', under.elsewhere, rules),
      ])
      expect(verified.filter(({ ok }) => ok)).toHaveLength(1)
      expect(verified.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'DEVICE_LIMIT', limit: 1 } })
      expect(await brokenInvariants(under.repository, rules)).toEqual([])
    })

    test('the sixth PIN on a token is refused though it is right', async () => {
      await start('t')
      await connect('t', 'phone')
      const codes: unknown[] = []
      for (let attempt = 0; attempt < 5; attempt++) {
        const answer = await verify('t', 'somebody else')
        codes.push(answer.ok ? 'ok' : answer.refusal)
      }
      expect(codes).toEqual([4, 3, 2, 1, 0].map((attemptsLeft) => ({ code: 'WRONG_PIN', attemptsLeft })))
      expect(await verify('t', 'phone')).toMatchObject({ ok: false, refusal: { code: 'TOO_MANY_ATTEMPTS' } })
      expect(await under.repository.listDevices()).toEqual([])
    })

    test('parallel wrong PINs are not free: of twenty at once five are counted, and then it is over', async () => {
      await start('t')
      await connect('t', 'phone')
      const answers = await Promise.all(
        range(20).map((n) => verify('t', 'somebody else', n % 2 === 0 ? under.repository : under.elsewhere)),
      )
      const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.refusal.code)).sort()
      expect(codes.filter((code) => code === 'WRONG_PIN')).toHaveLength(5)
      expect(codes.filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(15)
    })

    test('of two saves of the same version the second is told that it came too late', async () => {
      const token = digest('saved')
      const created = createToken({ token, name: null, expiresAt: later(now(), 1_000) }, now())
      expect(await ask(savePairingState(created.state, created.events))).toEqual({ ok: true, value: null })
      expect(await ask(loadPairingState(token))).toEqual(created.state)
      const failed = failPairing(created.state, 'cancelled', now())
      if (!failed.ok) throw new Error('a new pairing can be cancelled')
      const saves = await Promise.all([
        ask(savePairingState(failed.value.state, failed.value.events)),
        ask(savePairingState(failed.value.state, failed.value.events), under.elsewhere),
      ])
      expect(saves.filter(({ ok }) => ok)).toHaveLength(1)
      expect(saves.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'LOST_RACE', version: 2 } })
      expect(
        (await under.repository.listEvents({ limit: 10, token })).map(({ event }) => event.type),
      ).toEqual(['PairingFailed', 'TokenCreated'])
    })

    test('a registration that comes too late leaves nothing: no node, no token, no session, no event', async () => {
      const joined = await join('t', 'phone')
      if (!joined.ok || joined.value.session === null) throw new Error('the phone joins')
      const state = await ask(loadPairingState(digest('t')))
      if (state?.status !== 'DeviceRegistered') throw new Error('it is registered')
      const { node, peerToken, session } = joined.value
      const other = deviceOf('late')
      const late = await ask(
        registerNodeWithToken({
          state,
          node: { ...node, id: other.nodeId },
          peerToken: { ...peerToken, nodeId: other.nodeId, token: other.peerToken },
          session: { ...session, nodeId: other.nodeId, session: other.session },
          events: [{ type: 'NodeAdded', nodeId: other.nodeId, at: now() }],
        }),
      )
      expect(late).toMatchObject({ ok: false, refusal: { code: 'LOST_RACE' } })
      expect((await under.repository.listDevices()).map(({ id }) => id)).toEqual([node.id])
      expect(await under.repository.listEvents({ limit: 10, nodeId: other.nodeId })).toEqual([])
      expect(await ask(usePeerToken({ token: other.peerToken }, defaultDeviceRules))).toBeNull()
      const next = { ...state, node: { ...node, name: 'Again' }, version: state.version + 1 }
      expect(
        await ask(registerNodeWithToken({ state: next, node: next.node, peerToken, session, events: [] })),
      ).toMatchObject({ ok: true })
      expect((await under.repository.listDevices())[0]?.name).toBe('Again')
    })

    test('a decision that throws has written nothing, and the next one goes on', async () => {
      const failing = under.repository.run({
        keys: [],
        decide: () => {
          throw new Error('a bug')
        },
      })
      await expect(failing).rejects.toThrow('a bug')
      expect((await join('t', 'phone')).ok).toBe(true)
    })

    test('a device that polls too soon is slowed down for good, and what it was promised holds again', async () => {
      const { nodeId, name: called, peerToken } = deviceOf('headless')
      const token = digest('device code')
      const request = {
        token,
        userCode: userCodeDigest('user code'),
        client: 'cli',
        nodeId,
        name: called,
        ip: '192.0.2.7',
      }
      expect((await ask(requestConsent(request, defaultDeviceRules))).ok).toBe(true)
      const poll = async () => {
        const answer = await ask(pollConsent({ token, client: 'cli', peerToken }, defaultDeviceRules))
        return answer.ok ? 'registered' : answer.refusal
      }
      expect(await poll()).toEqual({ error: 'authorization_pending' })
      nowMs += 4_999
      expect(await poll()).toEqual({ error: 'slow_down', everyMs: 10_000 })
      nowMs += 5_000
      expect(await poll(), 'the first interval is enough no more').toEqual({
        error: 'slow_down',
        everyMs: 15_000,
      })
      nowMs += 15_000
      expect(await poll()).toEqual({ error: 'authorization_pending' })
      const yes = { userCode: userCodeDigest('user code'), approve: true }
      expect((await ask(answerConsent(yes, defaultDeviceRules), under.elsewhere)).ok).toBe(true)
      expect(await ask(answerConsent(yes, defaultDeviceRules))).toMatchObject({
        refusal: { code: 'TOKEN_UNKNOWN' },
      })
      expect(await poll(), 'an approved device need not wait').toBe('registered')
      expect(await poll()).toEqual({ error: 'invalid_grant' })
      expect(await brokenInvariants(under.repository, defaultDeviceRules)).toEqual([])
    })

    test('an approval is fetched within a minute or not at all', async () => {
      const { nodeId, name: called, peerToken } = deviceOf('headless')
      const token = digest('device code')
      const request = {
        token,
        userCode: userCodeDigest('user code'),
        client: 'cli',
        nodeId,
        name: called,
        ip: '192.0.2.7',
      }
      await ask(requestConsent(request, defaultDeviceRules))
      await ask(answerConsent({ userCode: userCodeDigest('user code'), approve: true }, defaultDeviceRules))
      nowMs += defaultDeviceRules.verifiedLifeMs
      const late = await ask(pollConsent({ token, client: 'cli', peerToken }, defaultDeviceRules))
      expect(late).toEqual({ ok: false, refusal: { error: 'expired_token' } })
      expect(await under.repository.listDevices()).toEqual([])
    })

    test('the clean-up fails what is over at once, forgets it after an hour, and keeps what is good', async () => {
      await start('over')
      await join('good', 'phone')
      nowMs += defaultDeviceRules.tokenLifeMs
      await start('fresh')
      const first = await under.repository.purge(KEPT)
      expect(first.failed).toMatchObject([{ status: 'Failed', reason: 'expired', token: digest('over') }])
      expect(first.purged).toBe(0)
      expect((await under.repository.purge(KEPT)).failed).toEqual([])
      nowMs += KEPT.endedKeptMs
      const later = await under.repository.purge(KEPT)
      expect(later.failed).toMatchObject([{ token: digest('fresh') }])
      expect(later.purged).toBe(2)
      expect(await ask(loadPairingState(digest('over')))).toBeNull()
      expect(await under.repository.listDevices()).toHaveLength(1)
      expect(await brokenInvariants(under.repository, defaultDeviceRules)).toEqual([])
      nowMs += 200 * 86_400_000
      await under.repository.purge({ ...KEPT, eventsMax: 2 })
      const events = await under.repository.listEvents({ limit: 100 })
      expect(events.map(({ event }) => event.type)).toEqual([
        'PairingFailed',
        'PairingFailed',
        'DeviceRegistered',
        'PinVerified',
      ])
      expect(await under.repository.listTokens(10)).toEqual([])
      expect(await under.repository.listDevices(), 'a node stays until it is revoked').toHaveLength(1)
    })

    test('names and addresses come back as they were, whatever is in them', async () => {
      const odd = [
        '__proto__',
        `'"; DROP TABLE mesh_nodes; --`,
        '\u{1F469}\u200D\u{1F4BB}',
        'true',
        '007',
        'é',
        ' ',
      ]
      for (const [index, text] of odd.entries()) {
        await start(`odd ${index}`)
        const who = { ...deviceOf(`odd ${index}`), name: text, publicKey: text }
        const token = digest(`odd ${index}`)
        const pin = pinFor(token, who.nodeId)
        await ask(connectPairing({ ...who, token, ip: text, pin }, defaultDeviceRules))
        expect(await ask(verifyPairing({ token, pin, nodeId: null }, defaultDeviceRules))).toMatchObject({
          value: { node: { name: text, hostname: text, publicKey: text } },
        })
      }
      const kept = await under.repository.listDevices()
      expect(kept.map(({ name: each }) => each).sort()).toEqual([...odd].sort())
    })

    test('everything is there again after it was closed and opened', async () => {
      await join('t', 'phone')
      await start('waiting')
      const before = await all(under.repository)
      const reopened = under.reopen === null ? under.repository : await under.reopen()
      expect(await all(reopened)).toEqual(before)
    })
  })
}

/** Names the first device of all runs. */
const HOST = { token: 0, device: 0, take: 0, right: true, approve: true, shared: false, waitMs: 1 } as const

/** The first device is there for all runs on one store, and cannot be revoked between them. */
const joined = ({ isFirst }: Device): boolean => !isFirst

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index)
