import { sha256 } from '@noble/hashes/sha2.js'
import { hex } from './bytes.ts'

/** SHA-256 over bytes that come one after the other: a browser's own digests only bytes that are all in memory. */
export function newDigest(): { update(bytes: Uint8Array): void; hex(): string } {
  const hash = sha256.create()
  return { update: (bytes) => void hash.update(bytes), hex: () => hex(hash.digest()) }
}
