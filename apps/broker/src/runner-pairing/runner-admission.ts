import type { Standing } from '@latchkey/domain/device-pairing/devices'
import type { DeviceId } from '@latchkey/domain/device-pairing/ids'
import { assertNever, invariant } from '@latchkey/domain/kernel'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { RegistrationProof } from '@latchkey/domain/runner-pairing/register'
import { PEER_TOKEN_PREFIX } from '@latchkey/protocol/device-pairing'
import { looksLikeFingerprint } from '@latchkey/protocol/runner-identity'
import type { Refusal, runnerCalls } from '@latchkey/protocol/runner-pairing'
import type { z } from 'zod'
import type { Secrets } from '../config/data-directory.ts'
import type { DeviceService } from '../device-pairing/device.service.ts'
import type { FirstDevice } from '../device-pairing/first-device.ts'
import type { SecretDoor } from '../limits/secret-door.ts'
import { sameSecret } from '../secrets/same-secret.ts'
import { refusalOf } from '../shell/answer.ts'
import type { Peer } from '../shell/connection.ts'
import { isIdOfKey, isSignedBy } from './runner-proof.ts'

type Register = z.output<(typeof runnerCalls)['runner:register']['request']>

/** What a registration proved, and the device of the runner. */
export interface Admitted {
  readonly proof: RegistrationProof
  /** null for a runner that the broker's own secret let in */
  readonly nodeId: DeviceId | null
}

interface Parts {
  readonly store: PairingStore
  readonly secrets: Secrets
  readonly clock: () => number
  readonly door: SecretDoor
  readonly nodes: DeviceService
  readonly firstNode: FirstDevice
}

/** Authenticates a runner before anything is decided about it: by its key, the enrolment secret, or a device's peer token. */
export class RunnerAdmission {
  constructor(private readonly parts: Parts) {}

  /** What this registration has proved, or its refusal. A wrong secret is charged like a wrong code. */
  async admit(request: Register, peer: Peer): Promise<Admitted | Refusal> {
    const { runnerId, publicKey } = request
    const nonce = takeNonce(peer, this.parts.clock())
    if (publicKey === undefined) {
      if (looksLikeFingerprint(runnerId))
        return refusalOf('INVALID_SECRET', 'an id of this form belongs to a key: show it')
    } else if (!isIdOfKey(runnerId, publicKey))
      return refusalOf('INVALID_SECRET', 'this id is not the one of that key')

    const signature =
      publicKey !== undefined &&
      request.signature !== undefined &&
      nonce !== null &&
      request.nonce === nonce &&
      isSignedBy(publicKey, request.signature, { runnerId, pairingCode: request.pairingCode, nonce })
    if (publicKey !== undefined && !signature) {
      return refusalOf(
        'INVALID_SECRET',
        'the signature does not fit the key and the nonce of this connection',
      )
    }
    const enroller = await this.parts.nodes.useEnrolment(runnerId, signature, peer.address)
    const isOut = enroller !== null && enroller.standing !== 'member'
    const nodeId = isOut ? null : (enroller?.nodeId ?? null)
    // A known key needs no secret: guesses from the same address cannot lock a known runner out.
    if (signature && !isOut && (await this.#isKnownKey(runnerId, publicKey)))
      return { proof: { secret: false, signature }, nodeId }
    if (request.secret === undefined) {
      if (isOut) return refusalOf('INVALID_SECRET', OUT[enroller.standing])
      return { proof: { secret: false, signature }, nodeId }
    }
    const isPeerToken = request.secret.startsWith(PEER_TOKEN_PREFIX)
    return isPeerToken
      ? this.#byPeerToken(request.secret, runnerId, peer, signature)
      : this.#bySecret(request.secret, peer, { signature, nodeId, isOut, runnerId })
  }

  /** A runner has registered: the first of ours becomes the mesh's first device. Answers with the device of the runner. */
  async registered(request: Register, { proof, nodeId }: Admitted, peer: Peer): Promise<DeviceId | null> {
    const { runnerId, publicKey, label = '' } = request
    if (nodeId !== null || publicKey === undefined || !proof.secret) return nodeId
    return this.parts.firstNode.ensureRunner({ runnerId, publicKey, label, address: peer.address })
  }

  /** Those of the devices it knows that were revoked, perhaps while it was away. */
  revokedAmong(deviceIds: readonly DeviceId[]): Promise<DeviceId[]> {
    return this.parts.nodes.revokedAmong(deviceIds)
  }

  async #byPeerToken(
    token: string,
    runnerId: string,
    peer: Peer,
    signature: boolean,
  ): Promise<Admitted | Refusal> {
    const who = await this.parts.nodes.authenticateAs('runner', token, peer.address)
    if (who === null && (await this.parts.nodes.wasPeerToken(token)))
      return refusalOf(
        'INVALID_SECRET',
        'this peer token is too old, was revoked, or is none for runners: join again',
      )
    const refused = await this.#show(who !== null, peer, 'this peer token is unknown')
    if (refused !== null) return refused
    invariant(who, 'what is not refused is known')
    const nodeId = who.node.id
    if (!(await this.parts.nodes.enrol(runnerId, nodeId)))
      return refusalOf('INVALID_SECRET', 'this node has enrolled as many runners as it may')
    return { proof: { secret: true, signature }, nodeId }
  }

  async #bySecret(
    secret: string,
    peer: Peer,
    of: { signature: boolean; nodeId: DeviceId | null; isOut: boolean; runnerId: string },
  ): Promise<Admitted | Refusal> {
    const isRight = sameSecret(secret, this.parts.secrets.enrolment)
    const refused = await this.#show(isRight, peer, "this is not the broker's enrolment secret")
    if (refused !== null) return refused
    if (of.isOut) await this.parts.nodes.disown(of.runnerId)
    return { proof: { secret: true, signature: of.signature }, nodeId: of.nodeId }
  }

  /** Null when it was right and may be told so. */
  async #show(isRight: boolean, peer: Peer, whyNot: string): Promise<Refusal | null> {
    const shown = await this.parts.door.show(isRight, peer.address)
    switch (shown.status) {
      case 'right':
        return null
      case 'wrong':
        return refusalOf('INVALID_SECRET', whyNot)
      case 'banned':
        return refusalOf('RATE_LIMITED', 'too many wrong secrets: wait', shown.seconds)
      default:
        return assertNever(shown)
    }
  }

  #isKnownKey(id: string, publicKey: string): Promise<boolean> {
    return this.parts.store.run({
      keys: [{ kind: 'runner', id }],
      decide: (view) => ({
        writes: [],
        answer: view.get('runner', id)?.publicKey === publicKey,
      }),
    })
  }
}

/** Why a runner's key alone opens nothing any more, and what helps. */
const OUT = {
  member: '',
  revoked: 'the device that enrolled this runner was revoked: join again with a new link',
  ended: 'the device that enrolled this runner was not used for 30 days: join again with a new link',
} as const satisfies Readonly<Record<Standing, string>>

/** The nonce of this connection, once. */
function takeNonce(peer: Peer, nowMs: number): string | null {
  const { nonce } = peer
  peer.nonce = null
  return nonce !== null && nowMs < nonce.expiresAtMs ? nonce.text : null
}
