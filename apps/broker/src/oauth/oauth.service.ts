import { type PollRefusal, pollConsent, requestConsent } from '@latchkey/domain/device-pairing/consent'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Joined } from '@latchkey/domain/device-pairing/registration'
import type { DeviceRules } from '@latchkey/domain/device-pairing/rules'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import type { DeviceCounts } from '../device-pairing/device-counts.ts'
import type { DeviceNotifier } from '../device-pairing/device-notifier.ts'
import {
  type DeviceSecrets,
  joinTokenDigest,
  peerTokenDigest,
  userCodeDigest,
} from '../device-pairing/device-secrets.ts'
import type { FirstDevice } from '../device-pairing/first-device.ts'
import type { Log } from '../log/log.ts'
import { printable } from '../shell/label.ts'

/** A device that waits for the operator. */
export interface WaitingDevice {
  readonly deviceCode: string
  readonly userCode: string
  readonly lifeMs: number
  readonly pollEveryMs: number
}

/** User codes that were drawn twice among those that wait: with 34 bits each and 20 of them, never seen. */
const TRIES_MAX = 3

interface Parts {
  readonly repository: PairingRepository
  readonly rules: DeviceRules
  readonly secrets: DeviceSecrets
  readonly log: Log
  readonly counts: DeviceCounts
  readonly notifier: DeviceNotifier
  readonly firstNode: FirstDevice
}

/** Pairs devices by RFC 8628: the same machine of states, entered by asking and left by the operator's consent. */
export class OAuthService {
  constructor(private readonly parts: Parts) {}

  /** A device asks to be let in. Refused only when too many wait. */
  async ask(
    client: string,
    deviceName: string,
    address: string,
  ): Promise<Decision<WaitingDevice, { readonly error: 'temporarily_unavailable' }>> {
    await this.parts.firstNode.ensureHost()
    const deviceCode = this.parts.secrets.newToken()
    const token = joinTokenDigest(deviceCode)
    const nodeId = this.parts.secrets.newDeviceId()
    const name = printable(deviceName) || printable(client)
    for (let tried = 0; tried < TRIES_MAX; tried++) {
      const userCode = this.parts.secrets.newUserCode()
      const request = { token, userCode: userCodeDigest(userCode), client, nodeId, name, ip: address }
      const decision = await this.parts.repository.run(requestConsent(request, this.parts.rules))
      if (decision.ok) {
        this.parts.counts.answered('ask', 'success')
        this.parts.log.info('device.asks', { nodeId, address })
        this.parts.notifier.changed(token)
        const { tokenLifeMs: lifeMs, pollEveryMs } = this.parts.rules
        return accept({ deviceCode, userCode, lifeMs, pollEveryMs })
      }
      if (decision.refusal.code !== 'USER_CODE_TAKEN') break
    }
    this.parts.counts.answered('ask', 'TOO_MANY_PAIRINGS')
    this.parts.log.warn('device.asks-in-vain', { address })
    return refuse({ error: 'temporarily_unavailable' })
  }

  /** The device asks for the decision. If it was approved, it has joined when this answers; the token is told this once. */
  async poll(
    client: string,
    deviceCode: string,
  ): Promise<Decision<Joined & { readonly peerTokenText: string }, PollRefusal>> {
    const token = joinTokenDigest(deviceCode)
    const peerTokenText = this.parts.secrets.newPeerToken()
    const peerToken = peerTokenDigest(peerTokenText)
    const decision = await this.parts.repository.run(
      pollConsent({ token, client, peerToken }, this.parts.rules),
    )
    this.parts.counts.answered('fetch', decision.ok ? 'success' : decision.refusal.error)
    if (!decision.ok) return decision
    this.parts.log.info('device.registered', { nodeId: decision.value.node.id })
    this.parts.notifier.changed(token)
    return accept({ ...decision.value, peerTokenText })
  }
}
