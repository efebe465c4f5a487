import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import {
  type DeviceId,
  type JoinKeyDigest,
  type JoinTokenDigest,
  type PeerTokenDigest,
  type PinDigest,
  parseDeviceId,
  parseJoinKeyDigest,
  parseJoinTokenDigest,
  parsePeerTokenDigest,
  parsePinDigest,
  parseSessionDigest,
  parseUserCodeDigest,
  type SessionDigest,
  type UserCodeDigest,
} from '@latchkey/domain/device-pairing/ids'
import { generatePin } from '@latchkey/domain/device-pairing/pin'
import { type Entropy, invariant } from '@latchkey/domain/kernel'
import { fromBase64url, lv } from '@latchkey/protocol/bytes'
import {
  JOIN_KEY_PREFIX,
  joinMessage,
  PEER_TOKEN_PREFIX,
  userCodeMeant,
} from '@latchkey/protocol/device-pairing'
import { base32Of } from '@latchkey/protocol/runner-identity'
import { macFor } from '../secrets/purpose-key.ts'

const SECRET_BYTES = 32
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** What people read aloud or type for a device without a screen of its own (RFC 8628, 6.1): no vowels, no look-alikes. */
const USER_CODE_SYMBOLS = 'BCDFGHJKLMNPQRSTVWXZ'
const USER_CODE_LENGTH = 8

/**
 * Makes and hides the secrets of device pairing. PINs are kept as HMACs under a key that is not in the database, all others
 * as plain digests: a secret of 256 bits cannot be guessed from its digest.
 */
export class DeviceSecrets {
  readonly #macOf: (message: Uint8Array) => Buffer

  constructor(signingKey: Buffer) {
    this.#macOf = macFor(signingKey, 'device-pin')
  }

  /** 32 random bytes, base64url. */
  newToken(): string {
    return randomBytes(SECRET_BYTES).toString('base64url')
  }

  /** For a device that cannot make its own. */
  newPeerToken(): string {
    return PEER_TOKEN_PREFIX + this.newToken()
  }

  /** The text of a key with which machines join. */
  newJoinKey(): string {
    return JOIN_KEY_PREFIX + this.newToken()
  }

  /** The id of a device without a key: as many random symbols as a fingerprint has. */
  newDeviceId(): DeviceId {
    return deviceIdOf(randomBytes(SECRET_BYTES))
  }

  /** As people read it: `WDJB-MJHT`. 34 bits, and good for five minutes. */
  newUserCode(): string {
    const symbols: string[] = []
    while (symbols.length < USER_CODE_LENGTH) {
      // 240 is the largest multiple of 20 in a byte: a draw above it would make some symbols likelier.
      for (const byte of randomBytes(2 * USER_CODE_LENGTH))
        if (byte < 240 && symbols.length < USER_CODE_LENGTH)
          symbols.push(USER_CODE_SYMBOLS[byte % USER_CODE_SYMBOLS.length] ?? '')
    }
    return `${symbols.slice(0, 4).join('')}-${symbols.slice(4).join('')}`
  }

  /**
   * The PIN of a device and its token, derived with a key that only brokers have. A device that asks again, because an answer was
   * lost or its page was loaded anew, gets the same PIN, and no PIN has to be stored.
   */
  pinFor(token: string, publicKey: string): string {
    return generatePin(this.#streamOf(lv('draw', token, publicKey)))
  }

  pinDigest(token: string, pin: string): PinDigest {
    const digest = parsePinDigest(this.#hmac(lv('pin', token, pin)).toString('hex'))
    invariant(digest !== null, 'an HMAC is a good digest')
    return digest
  }

  #streamOf(seed: Uint8Array): Entropy {
    let block = 0
    return (byteCount) => this.#hmac(Uint8Array.from([...seed, block++])).subarray(0, byteCount)
  }

  #hmac(message: Uint8Array): Buffer {
    return this.#macOf(message)
  }
}

export const joinTokenDigest = (token: string): JoinTokenDigest => digested(token, parseJoinTokenDigest)
export const joinKeyDigest = (key: string): JoinKeyDigest => digested(key, parseJoinKeyDigest)
export const peerTokenDigest = (token: string): PeerTokenDigest => digested(token, parsePeerTokenDigest)
export const sessionDigest = (secret: string): SessionDigest => digested(secret, parseSessionDigest)
/** Of a user code, however it was typed. */
export const userCodeDigest = (typed: string): UserCodeDigest =>
  digested(userCodeMeant(typed), parseUserCodeDigest)

/** SHA-256 of a secret's text. */
function digested<Digest>(secret: string, parse: (hex: string) => Digest | null): Digest {
  const digest = parse(createHash('sha256').update(secret).digest('hex'))
  invariant(digest !== null, 'SHA-256 is a good digest')
  return digest
}

/** Whether the key's owner signed this very request to join. False too for 32 bytes that are no key. */
export function isJoinSigned(said: Parameters<typeof joinMessage>[0], proof: string): boolean {
  const key = fromBase64url(said.publicKey)
  const signature = fromBase64url(proof)
  if (key?.length !== KEY_BYTES || signature?.length !== SIGNATURE_BYTES) return false
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: said.publicKey }
    return verify(null, joinMessage(said), createPublicKey({ key: jwk, format: 'jwk' }), signature)
  } catch {
    return false
  }
}

function deviceIdOf(bytes: Uint8Array): DeviceId {
  const id = parseDeviceId(base32Of(bytes))
  invariant(id !== null, '26 base 32 symbols name a node')
  return id
}
