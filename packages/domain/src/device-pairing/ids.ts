import type { Brand } from '../kernel.ts'

/** Names a device: the fingerprint of its Ed25519 key, or as many random symbols for one that has shown no key. */
export type DeviceId = Brand<string, 'DeviceId'>

/** SHA-256 of a join token, lower-case hex: names its pairing. */
export type JoinTokenDigest = Brand<string, 'JoinTokenDigest'>
/** SHA-256 of a peer token, lower-case hex. */
export type PeerTokenDigest = Brand<string, 'PeerTokenDigest'>
/** SHA-256 of the secret of a device session, lower-case hex. */
export type SessionDigest = Brand<string, 'SessionDigest'>
/** SHA-256 of a join key, lower-case hex: names the key where its text must not be known. */
export type JoinKeyDigest = Brand<string, 'JoinKeyDigest'>
/** SHA-256 of a user code as it was meant, lower-case hex. */
export type UserCodeDigest = Brand<string, 'UserCodeDigest'>
/** The stored form of a secret: a digest of its own kind, so that one kind is never looked for among another. */
export type SecretDigest = JoinTokenDigest | PeerTokenDigest | SessionDigest | UserCodeDigest | JoinKeyDigest

/** HMAC-SHA-256 of a PIN and its token under a key that is not in the database, lower-case hex. */
export type PinDigest = Brand<string, 'PinDigest'>

/** Null unless the text is 26 base 32 symbols (a-z, 2-7). */
export const parseDeviceId = (text: string): DeviceId | null =>
  /^[a-z2-7]{26}$/.test(text) ? (text as DeviceId) : null

/** Null unless the text is 64 hex digits in lower case. */
export const parseJoinTokenDigest = (text: string): JoinTokenDigest | null =>
  isDigest(text) ? (text as JoinTokenDigest) : null

/** Null unless the text is 64 hex digits in lower case. */
export const parsePeerTokenDigest = (text: string): PeerTokenDigest | null =>
  isDigest(text) ? (text as PeerTokenDigest) : null

/** Null unless the text is 64 hex digits in lower case. */
export const parseSessionDigest = (text: string): SessionDigest | null =>
  isDigest(text) ? (text as SessionDigest) : null

/** Null unless the text is 64 hex digits in lower case. */
export const parseJoinKeyDigest = (text: string): JoinKeyDigest | null =>
  isDigest(text) ? (text as JoinKeyDigest) : null

/** Null unless the text is 64 hex digits in lower case. */
export const parseUserCodeDigest = (text: string): UserCodeDigest | null =>
  isDigest(text) ? (text as UserCodeDigest) : null

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
