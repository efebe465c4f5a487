import { base64url } from '@latchkey/protocol/bytes'
import { PEER_TOKEN_PREFIX, SESSION_SECRET_PREFIX } from '@latchkey/protocol/device-pairing'

/** What a node proves itself with. Made by the device and never told: the broker gets their digests. */
export interface NodeSecrets {
  readonly peerToken: string
  readonly sessionSecret: string
}

const SECRET_BYTES = 32

export const makeNodeSecrets = (randomBytes: (byteCount: number) => Uint8Array): NodeSecrets => ({
  peerToken: PEER_TOKEN_PREFIX + base64url(randomBytes(SECRET_BYTES)),
  sessionSecret: SESSION_SECRET_PREFIX + base64url(randomBytes(SECRET_BYTES)),
})
