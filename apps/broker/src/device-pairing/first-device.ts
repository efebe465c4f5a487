import { hostname } from 'node:os'
import { addFirstDevice } from '@latchkey/domain/device-pairing/devices'
import { type DeviceId, parseDeviceId } from '@latchkey/domain/device-pairing/ids'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { invariant } from '@latchkey/domain/kernel'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { deviceFingerprint } from '@latchkey/protocol/device-pairing'
import { base32Of } from '@latchkey/protocol/runner-identity'
import type { Secrets } from '../config/data-directory.ts'
import type { Reach } from '../http/reach.ts'
import type { Log } from '../log/log.ts'
import { purposeKey } from '../secrets/purpose-key.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'

const KEY_BYTES = 32

interface Parts {
  readonly repository: PairingRepository
  readonly secrets: Secrets
  readonly reach: Reach
  readonly log: Log
  readonly changes: ChangeSignal
}

/**
 * The mesh begins with the machine it runs on: the first runner of ours that the enrolment secret lets in, or the broker's own
 * host where somebody pairs before there is one. So the first device that joins is the second of the mesh.
 */
export class FirstDevice {
  /** the first device exists: the store need not be asked again */
  #isThere = false

  constructor(private readonly parts: Parts) {}

  /** A runner has registered with its key and the enrolment secret. Answers with the device it became; null if it is not the first. */
  async ensureRunner(runner: {
    readonly runnerId: string
    /** X25519 ‖ Ed25519, base64url */
    readonly publicKey: string
    readonly label: string
    readonly address: string
  }): Promise<DeviceId | null> {
    const keys = fromBase64url(runner.publicKey)
    if (this.#isThere || keys?.length !== 2 * KEY_BYTES) return null
    const signing = keys.subarray(KEY_BYTES)
    return this.#add({
      nodeId: named(deviceFingerprint(signing)),
      name: runner.label || hostname(),
      hostname: runner.address,
      port: null,
      publicKey: base64url(signing),
      runnerId: runner.runnerId,
    })
  }

  /** Somebody pairs a device: with what, if there is no runner yet? */
  async ensureHost(): Promise<void> {
    if (this.#isThere) return
    // The same for all brokers of one mesh, and after every restart.
    const seed = purposeKey(this.parts.secrets.signingKey, 'first-node')
    await this.#add({
      nodeId: named(base32Of(seed)),
      name: hostname(),
      hostname: new URL(this.parts.reach.url).hostname,
      port: this.parts.reach.port(),
      publicKey: null,
      runnerId: null,
    })
  }

  async #add(device: Parameters<typeof addFirstDevice>[0]): Promise<DeviceId | null> {
    const added = await this.parts.repository.run(addFirstDevice(device))
    this.#isThere = true
    if (added === null) return null
    this.parts.log.info('device.first-node', { nodeId: added.id })
    this.parts.changes.notify()
    return added.id
  }
}

function named(text: string): DeviceId {
  const id = parseDeviceId(text)
  invariant(id !== null, 'a fingerprint names a node')
  return id
}
