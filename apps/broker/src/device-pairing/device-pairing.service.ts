import { answerConsent } from '@latchkey/domain/device-pairing/consent'
import { loadPairingState } from '@latchkey/domain/device-pairing/founding-repository'
import {
  type DeviceId,
  type JoinTokenDigest,
  parseDeviceId,
  parseJoinTokenDigest,
  parsePeerTokenDigest,
  parseSessionDigest,
} from '@latchkey/domain/device-pairing/ids'
import {
  cancelPairing,
  connectPairing,
  startPairing,
  verifyPairing,
} from '@latchkey/domain/device-pairing/join'
import type { PairingState, TokenCreated } from '@latchkey/domain/device-pairing/pairing-state'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { AppRight, DeviceRole } from '@latchkey/domain/device-pairing/records'
import type { PairingRefusal } from '@latchkey/domain/device-pairing/refusals'
import type { Joined } from '@latchkey/domain/device-pairing/registration'
import type { DeviceRules } from '@latchkey/domain/device-pairing/rules'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { fromBase64url } from '@latchkey/protocol/bytes'
import { type connectRequest, deviceFingerprint, type verifyRequest } from '@latchkey/protocol/device-pairing'
import type { z } from 'zod'
import type { Log } from '../log/log.ts'
import { printable } from '../shell/label.ts'
import type { DeviceCounts, DeviceStep } from './device-counts.ts'
import type { DeviceNotifier } from './device-notifier.ts'
import type { DeviceRefusal } from './device-refusal.ts'
import { type DeviceSecrets, isJoinSigned, joinTokenDigest, userCodeDigest } from './device-secrets.ts'
import type { FirstDevice } from './first-device.ts'

type Answer<T> = Promise<Decision<T, DeviceRefusal>>

/** What a device is called that brings no name that can be shown. */
const NAMELESS = 'Device'

/** A device that is to be shown its PIN. */
export interface Connected {
  readonly pin: string
  readonly nodeId: DeviceId
  readonly name: string
  readonly expiresAt: number
}

interface Parts {
  readonly repository: PairingRepository
  readonly rules: DeviceRules
  readonly secrets: DeviceSecrets
  readonly log: Log
  readonly counts: DeviceCounts
  readonly notifier: DeviceNotifier
  readonly firstNode: FirstDevice
}

/** Pairs devices: what the operator and the device ask for, each in one step of the repository. */
export class DevicePairingService {
  constructor(private readonly parts: Parts) {}

  /** A new join token. Makes the first device of the mesh if there is none. */
  async start(name: string | undefined): Answer<{ readonly token: string; readonly state: TokenCreated }> {
    await this.parts.firstNode.ensureHost()
    const token = this.parts.secrets.newToken()
    const given = name === undefined ? null : printable(name) || null
    const decision = await this.parts.repository.run(
      startPairing({ token: joinTokenDigest(token), name: given }, this.parts.rules),
    )
    if (!decision.ok) return this.#refused('start', decision.refusal)
    this.#changed('start', 'device.token-created', decision.value.token)
    return accept({ token, state: decision.value })
  }

  /** A device comes with a token. Its proof is checked before anything is looked up. */
  async connect(said: z.output<typeof connectRequest>, address: string): Answer<Connected> {
    const key = fromBase64url(said.publicKey)
    const nodeId = key === null ? null : parseDeviceId(deviceFingerprint(key))
    const peerToken = parsePeerTokenDigest(said.peerHash)
    const session = parseSessionDigest(said.sessionHash)
    if (nodeId === null || peerToken === null || session === null) return refuse({ code: 'MALFORMED_KEY' })
    if (!isJoinSigned(said, said.proof)) return this.#refused('connect', { code: 'WRONG_PROOF' })
    const pin = this.parts.secrets.pinFor(said.token, said.publicKey)
    const device = {
      token: joinTokenDigest(said.token),
      ip: address,
      nodeId,
      name: printable(said.name) || NAMELESS,
      publicKey: said.publicKey,
      peerToken,
      session,
      pin: this.parts.secrets.pinDigest(said.token, pin),
    }
    const decision = await this.parts.repository.run(connectPairing(device, this.parts.rules))
    if (!decision.ok) return this.#refused('connect', decision.refusal, device.token)
    const { name, expiresAt } = decision.value
    this.#changed('connect', 'device.connected', device.token, nodeId)
    return accept({ pin, nodeId, name, expiresAt })
  }

  /** The operator types the PIN that the device shows. If it is right, the device has joined when this answers. */
  async verify(said: z.output<typeof verifyRequest>): Answer<Joined> {
    const nodeId = said.device_node_id === undefined ? null : parseDeviceId(said.device_node_id)
    const token = joinTokenDigest(said.token)
    const pin = this.parts.secrets.pinDigest(said.token, said.pin)
    const { roles, appRights } = said
    const decision = await this.parts.repository.run(
      verifyPairing({ token, pin, nodeId, roles, appRights }, this.parts.rules),
    )
    if (!decision.ok) return this.#refused('verify', decision.refusal, token)
    this.#changed('verify', 'device.registered', token, decision.value.node.id)
    return decision
  }

  /** @param pairing its join token, or the id that names it where the token is not known */
  async cancel(pairing: { readonly token: string } | { readonly id: string }): Answer<null> {
    const token = 'token' in pairing ? joinTokenDigest(pairing.token) : parseJoinTokenDigest(pairing.id)
    if (token === null) return refuse({ code: 'MALFORMED_TOKEN' })
    const decision = await this.parts.repository.run(cancelPairing({ token }))
    if (!decision.ok) return this.#refused('cancel', decision.refusal, token)
    this.#changed('cancel', 'device.cancelled', token)
    return decision
  }

  /** The operator answers a device that waits for consent, and shows this code. */
  async consent(
    userCode: string,
    approve: boolean,
    may: {
      readonly roles?: readonly DeviceRole[]
      readonly appRights?: readonly AppRight[] | undefined
    } = {},
  ): Answer<PairingState> {
    const decision = await this.parts.repository.run(
      answerConsent({ userCode: userCodeDigest(userCode), approve, ...may }, this.parts.rules),
    )
    if (!decision.ok) {
      const { refusal } = decision
      return this.#refused(
        'consent',
        refusal.code === 'TOKEN_UNKNOWN' ? { code: 'USER_CODE_UNKNOWN' } : refusal,
      )
    }
    this.#changed('consent', approve ? 'device.approved' : 'device.cancelled', decision.value.token)
    return decision
  }

  /** The state of a pairing; null when its token is unknown. */
  find(token: JoinTokenDigest): Promise<PairingState | null> {
    return this.parts.repository.run(loadPairingState(token))
  }

  #changed(step: DeviceStep, event: string, token: JoinTokenDigest, nodeId?: DeviceId): void {
    this.parts.counts.answered(step, 'success')
    this.parts.log.info(event, nodeId === undefined ? {} : { nodeId })
    this.parts.notifier.changed(token)
  }

  /** A refusal may have changed something too: a wrong PIN is counted, an end is found out. */
  #refused(step: DeviceStep, refusal: DeviceRefusal | PairingRefusal, token?: JoinTokenDigest) {
    this.parts.counts.answered(step, refusal.code)
    this.parts.log.info('device.refused', { code: refusal.code, reason: step })
    if (token !== undefined) this.parts.notifier.changed(token)
    return refuse(refusal)
  }
}
