import type { IncomingMessage } from 'node:http'
import { parseDeviceId, parseJoinKeyDigest, parsePeerTokenDigest } from '@latchkey/domain/device-pairing/ids'
import { joinByKey, makeJoinKey, revokeJoinKey } from '@latchkey/domain/device-pairing/join-keys'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { JoinKey } from '@latchkey/domain/device-pairing/records'
import type { DeviceRules } from '@latchkey/domain/device-pairing/rules'
import { fromBase64url } from '@latchkey/protocol/bytes'
import * as wire from '@latchkey/protocol/device-pairing'
import type { z } from 'zod'
import type { ClientAddresses } from '../http/client-address.ts'
import type { Reach } from '../http/reach.ts'
import { AddressBudgets } from '../limits/address-budgets.ts'
import type { Log } from '../log/log.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'
import { printable } from '../shell/label.ts'
import type { DeviceCounts } from './device-counts.ts'
import { granted } from './device-pairing-desk.ts'
import { deviceProblem, readBody } from './device-refusal.ts'
import { type DeviceSecrets, isJoinSigned, joinKeyDigest } from './device-secrets.ts'
import type { FirstDevice } from './first-device.ts'

const DAY_SECONDS = 86_400
const SECOND_MS = 1_000
/** Those that are good, and as many that ended within a month as a person looks through. */
const LISTED_MAX = 500
/** Keys have 256 bits: this only keeps an address that tries them out of the way of others. */
const UNKNOWN_KEYS = { bansAtFailure: 20, windowMs: 60_000, banMs: 60_000, resolutionMs: 1 }

interface Parts {
  readonly repository: PairingRepository
  readonly rules: DeviceRules
  readonly secrets: DeviceSecrets
  readonly firstNode: FirstDevice
  readonly counts: DeviceCounts
  readonly changes: ChangeSignal
  readonly addresses: ClientAddresses
  readonly reach: Reach
  readonly log: Log
  readonly clock: () => number
}

/** Makes, lists and revokes join keys for the operator, and lets machines in that show one. */
export class JoinKeyDesk {
  readonly #budgets: AddressBudgets

  constructor(private readonly parts: Parts) {
    this.#budgets = new AddressBudgets(UNKNOWN_KEYS, parts.clock)
  }

  async list(): Promise<z.input<typeof wire.joinKeysReply>> {
    const keys = await this.parts.repository.listJoinKeys(LISTED_MAX)
    return { keys: keys.map((key) => this.#view(key)) }
  }

  /** The key's text is in the answer, and nowhere afterwards. */
  async make(body: unknown): Promise<z.input<typeof wire.joinKeyReply>> {
    const said = readBody(wire.joinKeyRequest, body)
    const name = printable(said.name)
    if (name === '') throw deviceProblem({ code: 'MALFORMED_REQUEST' })
    const secret = this.parts.secrets.newJoinKey()
    const { tags = [], reusable = false, lifeSeconds = DAY_SECONDS } = said
    const command = { key: joinKeyDigest(secret), name, tags, isReusable: reusable }
    const made = makeJoinKey({ ...command, lifeMs: lifeSeconds * SECOND_MS }, this.parts.rules)
    const key = granted(await this.parts.repository.run(made))
    this.parts.log.info('join-key.made', {
      reason: reusable ? 'for any number of machines' : 'for one machine',
    })
    this.parts.changes.notify()
    return { key: this.#view(key), secret }
  }

  async revoke(id: string): Promise<z.input<typeof wire.joinKeyRevoked>> {
    const key = parseJoinKeyDigest(id)
    if (key === null) throw deviceProblem({ code: 'JOIN_KEY_UNKNOWN' })
    const revoked = granted(await this.parts.repository.run(revokeJoinKey({ key })))
    this.parts.log.warn('join-key.revoked')
    this.parts.changes.notify()
    return { key: this.#view(revoked) }
  }

  /** A machine joins. The proof is checked before anything is looked up. */
  async join(request: IncomingMessage, body: unknown): Promise<z.input<typeof wire.keyedReply>> {
    const said = readBody(wire.keyedRequest, body)
    const ip = this.parts.addresses.of(request)
    const leftMs = this.#budgets.banLeftMs(ip)
    if (leftMs > 0) throw deviceProblem({ code: 'RATE_LIMITED' }, leftMs)
    const publicKey = fromBase64url(said.publicKey)
    const nodeId = publicKey === null ? null : parseDeviceId(wire.deviceFingerprint(publicKey))
    const peerToken = parsePeerTokenDigest(said.peerHash)
    if (nodeId === null || peerToken === null) throw deviceProblem({ code: 'MALFORMED_KEY' })
    if (!isJoinSigned({ ...said, token: said.key, sessionHash: '' }, said.proof))
      throw deviceProblem({ code: 'WRONG_PROOF' })
    // The broker's own machine takes its place first, as before a pairing by PIN.
    await this.parts.firstNode.ensureHost()
    const name = printable(said.name) || NAMELESS
    const device = { key: joinKeyDigest(said.key), ip, nodeId, name, publicKey: said.publicKey, peerToken }
    const decision = await this.parts.repository.run(joinByKey(device, this.parts.rules))
    this.parts.counts.answered('key', decision.ok ? 'success' : decision.refusal.code)
    if (!decision.ok && decision.refusal.code === 'JOIN_KEY_UNKNOWN') this.#budgets.charge(ip)
    const { node } = granted(decision)
    this.parts.log.info('device.joined-by-key', { nodeId: node.id, address: ip })
    this.parts.changes.notify()
    const serverTime = Math.floor(this.parts.clock())
    return { nodeId: node.id, name: node.name, host: this.parts.reach.name, serverTime }
  }

  #view(key: JoinKey): wire.JoinKeyView {
    const { name, tags, isReusable: reusable, createdAt, expiresAt, useCount: uses, lastUsedAt } = key
    return {
      id: key.key,
      name,
      tags: [...tags],
      reusable,
      status: statusOf(key, this.parts.clock()),
      createdAt,
      expiresAt,
      uses,
      lastUsedAt,
    }
  }
}

/** A machine that brings no name that can be shown. */
const NAMELESS = 'Device'

function statusOf(
  { revokedAt, expiresAt, isReusable, useCount }: JoinKey,
  nowMs: number,
): wire.JoinKeyView['status'] {
  if (revokedAt !== null) return 'revoked'
  if (!isReusable && useCount > 0) return 'spent'
  return nowMs >= expiresAt ? 'expired' : 'good'
}
