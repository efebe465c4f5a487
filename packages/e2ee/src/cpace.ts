import { concatenated, lv, utf8 } from '@latchkey/protocol/bytes'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { wipe } from './secret-bytes.ts'

/**
 * CPace with ristretto255 and SHA-512 (draft-irtf-cfrg-cpace-21): two ends that share a short secret agree on a strong
 * one. An attacker between them, or in the place of one of them, learns whether a single guess was right, nothing more.
 */
const DSI = 'CPaceRistretto255'
const SHA512_BLOCK_BYTES = 128

export const SHARE_BYTES = 32
export const CONFIRMATION_BYTES = 64

/** The values that both ends must already agree on, and the short secret. */
export interface CpaceContext {
  /** the short secret: the PIN's ASCII digits */
  readonly secret: Uint8Array
  /** CI of the draft: the two roles and the subject */
  readonly channel: Uint8Array
  /** sid of the draft: fresh random bytes from both ends */
  readonly session: Uint8Array
}

/** The message of one end: its share, and data that the agreement authenticates (here: its long-term keys). */
export interface CpaceMessage {
  readonly share: Uint8Array
  readonly data: Uint8Array
}

/** The generator `g` that only holders of the short secret can compute, encoded (draft 5.4, `calculate_generator`). */
export function cpaceGenerator(context: CpaceContext): Uint8Array {
  const hashed = sha512(generatorString(context))
  return ristretto255_hasher.deriveToCurve!(hashed).toBytes()
}

/**
 * A one-time scalar from 32 uniform bytes (draft, `sample_scalar`): below 2^252 and so below the order of the group.
 * Zero has a chance of 2^-252 and is refused by the multiplication.
 */
export function cpaceScalar(random: Uint8Array): Uint8Array {
  const scalar = Uint8Array.from(random)
  scalar[31] = scalar[31]! & 0x0f
  return scalar
}

/** `scalar · g`: the share for the other end. */
export const cpaceShare = (scalar: Uint8Array, generator: Uint8Array): Uint8Array =>
  ristretto255.Point.fromBytes(generator).multiply(bytesToNumberLE(scalar)).toBytes()

/**
 * The common point K from the other end's share (draft, `scalar_mult_vfy`). Null when the share is no canonical point or
 * the neutral one, with which K would be known to everybody.
 */
export function cpacePoint(scalar: Uint8Array, theirShare: Uint8Array): Uint8Array | null {
  try {
    const point = ristretto255.Point.fromBytes(theirShare)
    return point.is0() ? null : point.multiply(bytesToNumberLE(scalar)).toBytes()
  } catch {
    return null // noble throws for an encoding that is not canonical
  }
}

/** ISK, 64 bytes: what both ends share afterwards, bound to the session and to both messages, initiator's first. */
export function cpaceSessionKey(
  session: Uint8Array,
  point: Uint8Array,
  initiator: CpaceMessage,
  responder: CpaceMessage,
): Uint8Array {
  const input = concatenated(
    lv(`${DSI}_ISK`, session, point),
    lv(initiator.share, initiator.data),
    lv(responder.share, responder.data),
  )
  const key = sha512(input)
  wipe(input)
  return key
}

/** The tag by which an end proves that it holds ISK (draft 9.4): a MAC over its own message. */
export function cpaceConfirmation(
  session: Uint8Array,
  sessionKey: Uint8Array,
  message: CpaceMessage,
): Uint8Array {
  const macKey = sha512(concatenated(utf8('CPaceMac'), session, sessionKey))
  const tag = hmac(sha512, macKey, lv(message.share, message.data))
  wipe(macKey)
  return tag
}

/** Padded so that the secret fills the hash's first block, whatever follows (draft, `generator_string`). */
function generatorString({ secret, channel, session }: CpaceContext): Uint8Array {
  const zeroBytes = Math.max(0, SHA512_BLOCK_BYTES - 1 - lv(secret).length - lv(DSI).length)
  return lv(DSI, secret, new Uint8Array(zeroBytes), channel, session)
}
