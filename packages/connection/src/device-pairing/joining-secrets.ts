import { base64url } from '@latchkey/protocol/bytes'
import { PEER_TOKEN_PREFIX, SESSION_SECRET_PREFIX } from '@latchkey/protocol/device-pairing'

/** The secrets by which a device proves itself. It makes them and never tells them: the broker gets their digests. */
export interface JoiningSecrets {
  readonly peerToken: string
  readonly sessionSecret: string
}

const SECRET_BYTES = 32

export const makeJoiningSecrets = (randomBytes: (byteCount: number) => Uint8Array): JoiningSecrets => ({
  peerToken: PEER_TOKEN_PREFIX + base64url(randomBytes(SECRET_BYTES)),
  sessionSecret: SESSION_SECRET_PREFIX + base64url(randomBytes(SECRET_BYTES)),
})
