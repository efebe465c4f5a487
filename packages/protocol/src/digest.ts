import { sha256 } from '@noble/hashes/sha2.js'
import { hex } from './bytes.ts'

/** SHA-256 over bytes that come one after the other, for platforms that digest only what is whole in memory. */
export function newDigest(): { update(bytes: Uint8Array): void; hex(): string } {
  const hash = sha256.create()
  return { update: (bytes) => void hash.update(bytes), hex: () => hex(hash.digest()) }
}
