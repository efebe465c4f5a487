import type { Brand } from '../kernel.ts'

/** Names a node: the fingerprint of its Ed25519 key, or as many random symbols for one that has shown no key. */
export type NodeId = Brand<string, 'MeshNodeId'>

/** SHA-256 of a secret, lower-case hex: what is kept of join tokens, peer tokens, session secrets and user codes. */
export type SecretDigest = Brand<string, 'SecretDigest'>

/** HMAC-SHA-256 of a PIN and its token under a key that is not in the database, lower-case hex. */
export type PinDigest = Brand<string, 'PinDigest'>

/** Null unless the text is 26 base 32 symbols (a-z, 2-7). */
export const parseNodeId = (text: string): NodeId | null =>
  /^[a-z2-7]{26}$/.test(text) ? (text as NodeId) : null

/** Null unless the text is 64 hex digits in lower case. */
export const parseSecretDigest = (text: string): SecretDigest | null =>
  isDigest(text) ? (text as SecretDigest) : null

/** Null unless the text is 64 hex digits in lower case. */
export const parsePinDigest = (text: string): PinDigest | null =>
  isDigest(text) ? (text as PinDigest) : null

const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** Equal or not, in a time that tells nothing of where they differ: every character is looked at. Digests have one length. */
export function sameDigest(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at++)
    difference |= one.charCodeAt(at) ^ other.charCodeAt(at % other.length)
  return difference === 0
}
