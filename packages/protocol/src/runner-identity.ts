import { sha256 } from '@noble/hashes/sha2.js'
import { concatenated, lv, utf8 } from './bytes.ts'

/** RFC 4648 base 32, lower case: letters and 2-7, so a fingerprint never looks like a pairing code. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const FINGERPRINT_SYMBOLS = 26 // 130 bits: as hard to collide as a 128-bit identifier

/** A runner's two public keys, 32 bytes each: X25519 to be reached, Ed25519 to sign. */
export interface RunnerPublicKeys {
  readonly reach: Uint8Array
  readonly sign: Uint8Array
}

/**
 * The runner's id, which people compare: the first 26 base 32 symbols of SHA-256("rp1 id" ‖ Sr ‖ Er)
 * (PROTOCOL rp1 3.7). A broker cannot hand out another runner's id, since the id is the keys'.
 */
export const runnerFingerprint = (keys: RunnerPublicKeys): string =>
  base32Of(sha256(concatenated(utf8('rp1 id'), keys.reach, keys.sign)))

/** A digest as people and records name it: its first 26 base 32 symbols. */
export function base32Of(digest: Uint8Array): string {
  let held = 0
  let bits = 0
  let out = ''
  for (const byte of digest) {
    held = ((held << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5 && out.length < FINGERPRINT_SYMBOLS) {
      bits -= 5
      out += BASE32[(held >> bits) & 31]
    }
  }
  return out
}

/** Whether a foreign runner's free-text id could be taken for a fingerprint; such an id is refused without its key. */
export const looksLikeFingerprint = (runnerId: string): boolean => /^[a-z2-7]{26}$/.test(runnerId)

/** The message that a runner signs with Ed25519 to register (SECURITY C11): `lv("rp1-reg", runnerId, code, nonce)`. */
export const registrationMessage = (runnerId: string, pairingCode: string, nonce: string): Uint8Array =>
  lv('rp1-reg', runnerId, pairingCode, nonce)
