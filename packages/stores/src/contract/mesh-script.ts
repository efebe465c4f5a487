import { createHash } from 'node:crypto'
import { changeDevice } from '@latchkey/domain/device-pairing/change-device'
import { answerConsent, pollConsent, requestConsent } from '@latchkey/domain/device-pairing/consent'
import {
  addFirstDevice,
  disownRunner,
  enrolRunner,
  revokeDevice,
  useEnrolment,
  usePeerToken,
  useSession,
} from '@latchkey/domain/device-pairing/devices'
import {
  type DeviceId,
  type JoinKeyDigest,
  type JoinTokenDigest,
  type PinDigest,
  parseDeviceId,
  parseJoinKeyDigest,
  parseJoinTokenDigest,
  parsePeerTokenDigest,
  parsePinDigest,
  parseSessionDigest,
  parseUserCodeDigest,
  type UserCodeDigest,
} from '@latchkey/domain/device-pairing/ids'
import {
  cancelPairing,
  connectPairing,
  startPairing,
  verifyPairing,
} from '@latchkey/domain/device-pairing/join'
import { joinByKey, makeJoinKey, revokeJoinKey } from '@latchkey/domain/device-pairing/join-keys'
import type { MeshOperation, PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { type DeviceRules, defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { announceEnd } from '@latchkey/domain/device-pairing/unused-devices'
import { invariant } from '@latchkey/domain/kernel'
import fc from 'fast-check'

/** Few places and short lives, so that random commands reach every limit. */
export const scriptRules: DeviceRules = {
  ...defaultDeviceRules,
  deviceLimit: 4,
  openPairingsMax: 3,
  openRequestsMax: 2,
  runnersPerDeviceMax: 2,
  unusedLifeMs: 2_500_000_000,
  joinKeysMax: 2,
}

const OPERATIONS = [
  'start',
  'start',
  'connect',
  'connect',
  'connect',
  'verify',
  'verify',
  'verify',
  'verify',
  'cancel',
  'request',
  'answer',
  'poll',
  'poll',
  'revoke',
  'rename',
  'make-key',
  'join-by-key',
  'join-by-key',
  'revoke-key',
  'announce',
  'first',
  'use-token',
  'use-session',
  'enrol',
  'disown',
  'enroller',
  'purge',
  'wait',
  'wait',
] as const

/** Around every deadline there is: half of all mistakes are one millisecond wide. */
const WAITS_MS = [
  1, 4_999, 5_000, 59_999, 60_000, 299_999, 300_000, 3_600_000, 43_200_000, 2_000_000_000, 2_592_000_000,
]

/** One random command: an operation and what it may need, by index. */
export const meshCommand = fc.record({
  op: fc.constantFrom(...OPERATIONS),
  token: fc.nat({ max: 3 }),
  device: fc.nat({ max: 5 }),
  /** another set of secrets of the same device: its page was opened anew */
  take: fc.nat({ max: 1 }),
  right: fc.constantFrom(true, true, false),
  approve: fc.constantFrom(true, true, false),
  shared: fc.boolean(),
  waitMs: fc.constantFrom(...WAITS_MS),
})
export type MeshCommand = typeof meshCommand extends fc.Arbitrary<infer C> ? C : never

/** What a repository answers to one command of one run. Runs have tokens and devices of their own. */
export async function carryOut(
  repository: PairingRepository,
  run: number,
  command: MeshCommand,
  rules: DeviceRules = scriptRules,
): Promise<unknown> {
  const ask = <Answer>(operation: MeshOperation<Answer>): Promise<Answer> => repository.run(operation)
  const token = digest(`token ${run} ${command.token}`)
  const device = deviceOf(`${run} ${command.device}`, command.take)
  const key = joinKeyDigest(`join key ${run} ${command.token}`)
  const asking = digest(`device code ${run} ${command.token}`)
  const userCode = userCodeDigest(`user code ${run} ${command.token}`)
  const runnerId = `runner-${run}-${command.device}`
  const ip = command.shared ? '192.0.2.1' : `192.0.2.${10 + command.device}`
  switch (command.op) {
    case 'wait':
      return null
    case 'start':
      return ask(startPairing({ token, name: command.right ? null : 'Given' }, rules))
    case 'connect':
      return ask(connectPairing({ ...device, token, ip, pin: pinFor(token, device.nodeId) }, rules))
    case 'verify': {
      const pin = command.right ? pinFor(token, device.nodeId) : pinFor(token, deviceIdOf('nobody'))
      return ask(verifyPairing({ token, pin, nodeId: command.approve ? null : device.nodeId }, rules))
    }
    case 'cancel':
      return ask(cancelPairing({ token }))
    case 'request': {
      const { nodeId, name } = device
      return ask(requestConsent({ token: asking, userCode, client: 'cli', nodeId, name, ip }, rules))
    }
    case 'answer':
      return ask(answerConsent({ userCode, approve: command.approve }, rules))
    case 'poll': {
      const client = command.right ? 'cli' : 'other'
      return ask(pollConsent({ token: asking, client, peerToken: device.peerToken }, rules))
    }
    case 'revoke':
      return ask(revokeDevice({ nodeId: device.nodeId }))
    case 'rename': {
      const change = { name: `Name ${command.token}`, tags: command.right ? ['lab'] : [] }
      return ask(changeDevice({ nodeId: device.nodeId, change, actor: 'operator' }))
    }
    case 'make-key': {
      const made = { key, name: `Key ${command.token}`, tags: ['key'], isReusable: command.approve }
      return ask(makeJoinKey({ ...made, lifeMs: 3_600_000 }, rules))
    }
    case 'join-by-key': {
      const { session: _, ...machine } = device
      return ask(joinByKey({ ...machine, key, ip }, rules))
    }
    case 'revoke-key':
      return ask(revokeJoinKey({ key }))
    case 'announce':
      return ask(announceEnd({ nodeId: device.nodeId }, rules))
    case 'first': {
      const said = { name: 'host', hostname: 'host.example', port: 6969, publicKey: null }
      return ask(addFirstDevice({ nodeId: deviceIdOf(`host ${run}`), ...said, runnerId }))
    }
    case 'use-token':
      return ask(usePeerToken({ token: device.peerToken }, rules))
    case 'use-session':
      return ask(useSession({ session: device.session }, rules))
    case 'enrol':
      return ask(enrolRunner({ runnerId, nodeId: device.nodeId }, rules))
    case 'disown':
      return ask(disownRunner({ runnerId }))
    case 'enroller':
      return ask(useEnrolment({ runnerId, isProven: command.right }, rules))
    case 'purge': {
      const { endedKeptMs, revokedKeptMs } = rules
      const { failed, purged } = await repository.purge({ endedKeptMs, revokedKeptMs, eventsMax: 1_000_000 })
      return { failed: failed.map(({ token: of, status }) => `${of} ${status}`).sort(), purged }
    }
  }
}

/** A device with a key, and with the secrets of one opening of its page. */
export function deviceOf(name: string, take = 0) {
  return {
    nodeId: deviceIdOf(name),
    name: `Device ${name}`,
    publicKey: `key of ${name}`,
    peerToken: digested(`peer token of ${name} ${take}`, parsePeerTokenDigest),
    session: digested(`session of ${name} ${take}`, parseSessionDigest),
  }
}

export const pinFor = (token: JoinTokenDigest, nodeId: DeviceId): PinDigest =>
  named(parsePinDigest(sha256(`pin ${token} ${nodeId}`)))
export const digest = (joinToken: string): JoinTokenDigest => digested(joinToken, parseJoinTokenDigest)
export const joinKeyDigest = (key: string): JoinKeyDigest => digested(key, parseJoinKeyDigest)
export const userCodeDigest = (code: string): UserCodeDigest => digested(code, parseUserCodeDigest)

export function deviceIdOf(name: string): DeviceId {
  const symbols = [...createHash('sha256').update(name).digest()].map(
    (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31],
  )
  return named(parseDeviceId(symbols.slice(0, 26).join('')))
}

const digested = <Digest>(secret: string, parse: (hex: string) => Digest | null): Digest =>
  named(parse(sha256(secret)))

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function named<T>(name: T | null): T {
  invariant(name !== null, 'a name of this suite is good')
  return name
}

/** Everything a repository lists, to be compared. */
export const all = async (repository: PairingRepository) => ({
  nodes: await repository.listDevices(),
  pairings: await repository.listPairings(100),
  tokens: await repository.listTokens(100),
  sessions: await repository.listSessions(100),
  enrolments: await repository.listEnrolments(),
  joinKeys: await repository.listJoinKeys(100),
  events: await repository.listEvents({ limit: 100 }),
})
