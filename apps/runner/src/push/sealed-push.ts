import { createCipheriv, createECDH, type ECDH, hkdfSync } from 'node:crypto'
import { concatenated, fromBase64url, utf8 } from '@latchkey/protocol/bytes'
import { PUSH_BODY_BYTES } from '@latchkey/protocol/push'
import type { PushSubscriptionKeys } from '@latchkey/protocol/terminal/push'

const CURVE = 'prime256v1'
const SALT_BYTES = 16
const POINT_BYTES = 65
const PRIVATE_KEY_BYTES = 32
/** salt, record size, length of the key's name, the key (RFC 8188, 2.1) */
const HEADER_BYTES = SALT_BYTES + 4 + 1 + POINT_BYTES
const TAG_BYTES = 16
/** RFC 8291, 4: one record; its size is a bound, not its length. */
const RECORD_BYTES = 4_096
const LAST_RECORD = 2

/** So much text fits into one notification, in UTF-8. */
export const PUSH_TEXT_BYTES_MAX = PUSH_BODY_BYTES - HEADER_BYTES - TAG_BYTES - 1

type Keys = Pick<PushSubscriptionKeys, 'p256dh' | 'auth'>

/** Whether messages can be sealed for this subscription: its key is a point of the curve. */
export function hasGoodKeys({ p256dh, auth }: Keys): boolean {
  const point = fromBase64url(p256dh)
  if (point?.length !== POINT_BYTES || fromBase64url(auth)?.length !== SALT_BYTES) return false
  const probe = createECDH(CURVE)
  probe.generateKeys()
  try {
    probe.computeSecret(point)
    return true
  } catch {
    return false
  }
}

/**
 * Seals a text of at most `PUSH_TEXT_BYTES_MAX` bytes for one subscription with good keys (RFC 8291, aes128gcm). All bodies have
 * `PUSH_BODY_BYTES` bytes, so that the size says nothing. The sender's key is new each time.
 */
export function sealPush(
  text: string,
  keys: Keys,
  randomBytes: (byteCount: number) => Uint8Array,
): Uint8Array {
  const receiver = bytesOf(keys.p256dh)
  const { ecdh, publicKey } = freshKeys(randomBytes)
  const salt = randomBytes(SALT_BYTES)
  const secret = derive(
    bytesOf(keys.auth),
    ecdh.computeSecret(receiver),
    concatenated(utf8('WebPush: info\0'), receiver, publicKey),
    32,
  )
  const cipher = createCipheriv(
    'aes-128-gcm',
    derive(salt, secret, utf8('Content-Encoding: aes128gcm\0'), 16),
    derive(salt, secret, utf8('Content-Encoding: nonce\0'), 12),
  )
  const padded = new Uint8Array(PUSH_TEXT_BYTES_MAX + 1)
  const plain = utf8(text)
  padded.set(plain)
  padded[plain.length] = LAST_RECORD
  const header = new Uint8Array(HEADER_BYTES)
  header.set(salt)
  new DataView(header.buffer).setUint32(SALT_BYTES, RECORD_BYTES)
  header[SALT_BYTES + 4] = POINT_BYTES
  header.set(publicKey, SALT_BYTES + 5)
  return concatenated(header, cipher.update(padded), cipher.final(), cipher.getAuthTag())
}

/** One number in 2^32 is no private key of the curve. */
function freshKeys(randomBytes: (byteCount: number) => Uint8Array): { ecdh: ECDH; publicKey: Buffer } {
  for (;;) {
    const ecdh = createECDH(CURVE)
    try {
      ecdh.setPrivateKey(randomBytes(PRIVATE_KEY_BYTES))
    } catch {
      continue
    }
    return { ecdh, publicKey: ecdh.getPublicKey() }
  }
}

const derive = (salt: Uint8Array, key: Uint8Array, info: Uint8Array, byteCount: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, salt, info, byteCount))

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64url'))
