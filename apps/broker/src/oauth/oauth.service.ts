import { type PollRefusal, pollConsent, requestConsent } from '@latchkey/domain/device-pairing/consent'
import type { MeshOperation, PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Joined } from '@latchkey/domain/device-pairing/registration'
import type { DeviceRules } from '@latchkey/domain/device-pairing/rules'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { Inject, Injectable } from '@nestjs/common'
import { DeviceCounts } from '../device-pairing/device-counts.ts'
import { DeviceNotifier } from '../device-pairing/device-notifier.ts'
import {
  type DeviceSecrets,
  joinTokenDigest,
  peerTokenDigest,
  userCodeDigest,
} from '../device-pairing/device-secrets.ts'
import { FirstNode } from '../device-pairing/first-node.ts'
import type { Log } from '../log/log.ts'
import { printable } from '../runner-pairing/label.ts'
import { DEVICE_RULES, DEVICE_SECRETS, LOG, PAIRING_REPOSITORY } from '../wiring.ts'

/** A device that waits for the operator. */
export interface WaitingDevice {
  readonly deviceCode: string
  readonly userCode: string
  readonly lifeMs: number
  readonly pollEveryMs: number
}

/** User codes that were drawn twice among those that wait: with 34 bits each and 20 of them, never seen. */
const TRIES_MAX = 3

/** Pairs devices by RFC 8628: the same machine of states, entered by asking and left by the operator's consent. */
@Injectable()
export class OAuthService {
  readonly #repository: PairingRepository
  readonly #rules: DeviceRules
  readonly #secrets: DeviceSecrets
  readonly #log: Log
  readonly #counts: DeviceCounts
  readonly #notifier: DeviceNotifier
  readonly #firstNode: FirstNode

  constructor(
    @Inject(PAIRING_REPOSITORY) repository: PairingRepository,
    @Inject(DEVICE_RULES) rules: DeviceRules,
    @Inject(DEVICE_SECRETS) secrets: DeviceSecrets,
    @Inject(LOG) log: Log,
    @Inject(DeviceCounts) counts: DeviceCounts,
    @Inject(DeviceNotifier) notifier: DeviceNotifier,
    @Inject(FirstNode) firstNode: FirstNode,
  ) {
    this.#repository = repository
    this.#rules = rules
    this.#secrets = secrets
    this.#log = log
    this.#counts = counts
    this.#notifier = notifier
    this.#firstNode = firstNode
  }

  /** A device asks to be let in. Refused only when too many wait. */
  async ask(
    client: string,
    deviceName: string,
    address: string,
  ): Promise<Decision<WaitingDevice, { readonly error: 'temporarily_unavailable' }>> {
    await this.#firstNode.ensureHost()
    const deviceCode = this.#secrets.newToken()
    const token = joinTokenDigest(deviceCode)
    const nodeId = this.#secrets.newNodeId()
    const name = printable(deviceName) || printable(client)
    for (let tried = 0; tried < TRIES_MAX; tried++) {
      const userCode = this.#secrets.newUserCode()
      const request = { token, userCode: userCodeDigest(userCode), client, nodeId, name, ip: address }
      const decision = await this.#run(requestConsent(request, this.#rules))
      if (decision.ok) {
        this.#counts.answered('ask', 'success')
        this.#log.info('device.asks', { nodeId, address })
        this.#notifier.changed(token)
        const { tokenLifeMs: lifeMs, pollEveryMs } = this.#rules
        return accept({ deviceCode, userCode, lifeMs, pollEveryMs })
      }
      if (decision.refusal.code !== 'USER_CODE_TAKEN') break
    }
    this.#counts.answered('ask', 'TOO_MANY_PAIRINGS')
    this.#log.warn('device.asks-in-vain', { address })
    return refuse({ error: 'temporarily_unavailable' })
  }

  /** The device asks whether it has been let in. If so, it is a node when this answers, and the token is told this once. */
  async poll(
    client: string,
    deviceCode: string,
  ): Promise<Decision<Joined & { readonly peerTokenText: string }, PollRefusal>> {
    const token = joinTokenDigest(deviceCode)
    const peerTokenText = this.#secrets.newPeerToken()
    const peerToken = peerTokenDigest(peerTokenText)
    const decision = await this.#run(pollConsent({ token, client, peerToken }, this.#rules))
    this.#counts.answered('fetch', decision.ok ? 'success' : decision.refusal.error)
    if (!decision.ok) return decision
    this.#log.info('device.registered', { nodeId: decision.value.node.id })
    this.#notifier.changed(token)
    return accept({ ...decision.value, peerTokenText })
  }

  #run<Result>({ keys, decide }: MeshOperation<Result>): Promise<Result> {
    return this.#repository.transaction(keys, decide)
  }
}
