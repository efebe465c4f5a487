import { foldCode } from '@latchkey/domain/runner-pairing/code'
import { ByteWriter, concatenated, lv, utf8 } from '@latchkey/protocol/bytes'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { KEY_BYTES } from './primitives.ts'

/** Every label and every derivation of PROTOCOL rp1 3.3 to 3.5, and nothing else. */

/** CPACE-RISTR255-SHA512 + Noise_IKpsk1_25519_ChaChaPoly_SHA256 + HKDF. 2 is reserved for AES-GCM. */
export const SUITE = 1
const suite = Uint8Array.of(SUITE)

/** The part of a pairing that both ends know before they exchange a byte. */
export interface Meeting {
  readonly runnerId: string
  /** the handshake, 16 bytes, named by the broker */
  readonly pid: Uint8Array
}
export interface CodeMeeting extends Meeting {
  /** the pairing code in any form: dashes go, look-alikes are folded (DECISIONS 15) */
  readonly code: string
}

/** Nine characters, upper case, no dashes, look-alikes made one: both ends must derive from the same text. */
export const code9 = (code: string): string => foldCode(code.toUpperCase().replaceAll('-', ''))

/** CI: binds a CPace run to the roles, the runner, the code and the handshake. */
export const cpaceChannel = ({ runnerId, code, pid }: CodeMeeting): Uint8Array =>
  lv('rp1', suite, 'app', 'runner', runnerId, code9(code), pid)

/** th: all that was said before Noise, in order. HELLO and CHALLENGE are whole messages with their header. */
export const transcriptHash = (said: {
  readonly hello: Uint8Array
  readonly challenge: Uint8Array
  readonly appShare: Uint8Array
  readonly appData: Uint8Array
  readonly runnerShare: Uint8Array
  readonly runnerData: Uint8Array
  readonly runnerTag: Uint8Array
}): Uint8Array =>
  sha256(
    lv(
      said.hello,
      said.challenge,
      said.appShare,
      said.appData,
      said.runnerShare,
      said.runnerData,
      said.runnerTag,
    ),
  )

/** The PSK of a typed code, from what CPace made of the PIN. `session` is na ‖ nr. */
export const pinPsk = (sessionKey: Uint8Array, session: Uint8Array): Uint8Array =>
  hkdf(sha512, sessionKey, session, utf8('rp1 pin psk'), KEY_BYTES)

/** The PSK of a QR code or pairing URL, from its one-time secret. */
export const qrPsk = (
  oneTimeSecret: Uint8Array,
  meeting: { readonly runnerId: string; readonly code: string; readonly reach: Uint8Array },
): Uint8Array =>
  hkdf(
    sha512,
    oneTimeSecret,
    lv('rp1', suite, meeting.runnerId, code9(meeting.code), meeting.reach),
    utf8('rp1 qr psk'),
    KEY_BYTES,
  )

/** The PSK of a share link, from the secret in its fragment. */
export const sharePsk = (
  secret: Uint8Array,
  share: { readonly runnerId: string; readonly shareId: Uint8Array; readonly reach: Uint8Array },
): Uint8Array =>
  hkdf(
    sha512,
    secret,
    lv('rp1', suite, share.runnerId, share.shareId, share.reach),
    utf8('rp1 share psk'),
    KEY_BYTES,
  )

/** The PSK of a device of a fleet, from what all of its fleet know. */
export const fleetPsk = (
  secret: Uint8Array,
  { runnerId, reach }: { readonly runnerId: string; readonly reach: Uint8Array },
): Uint8Array => hkdf(sha512, secret, lv('rp1', suite, runnerId, reach), utf8('rp1 fleet psk'), KEY_BYTES)

/** Prologues of the ways in. The method's name keeps a PSK of one way from serving another. */
export const pinPrologue = (meeting: CodeMeeting, transcript: Uint8Array): Uint8Array =>
  lv('rp1', suite, 'pin', meeting.runnerId, code9(meeting.code), meeting.pid, transcript)

export const qrPrologue = (runnerId: string, code: string, hello: Uint8Array): Uint8Array =>
  lv('rp1', suite, 'qr', runnerId, code9(code), sha256(hello))

export const resumePrologue = (runnerId: string, appId: Uint8Array, hello: Uint8Array): Uint8Array =>
  lv('rp1', suite, 'resume', runnerId, appId, sha256(hello))

export const sharePrologue = (runnerId: string, shareId: Uint8Array, hello: Uint8Array): Uint8Array =>
  lv('rp1', suite, 'share', runnerId, shareId, sha256(hello))

export const fleetPrologue = (runnerId: string, hello: Uint8Array): Uint8Array =>
  lv('rp1', suite, 'fleet', runnerId, sha256(hello))

export const CHANNEL_ID_BYTES = 8

/** Names a channel in its frames: the first 8 bytes of SHA-256("rp1 chan" ‖ handshake hash). */
export const channelId = (handshakeHash: Uint8Array): Uint8Array =>
  sha256(concatenated(utf8('rp1 chan'), handshakeHash)).slice(0, CHANNEL_ID_BYTES)

/** The key of the next epoch of one direction (3.5). There is no way back to the old one. */
export const nextEpochKey = (
  key: Uint8Array,
  direction: number,
  nextEpoch: number,
  channel: Uint8Array,
): Uint8Array =>
  hkdf(
    sha256,
    key,
    undefined,
    concatenated(utf8('rp1 rekey'), new ByteWriter(5).u8(direction).u32(nextEpoch).bytes, channel),
    KEY_BYTES,
  )

/**
 * The ticket by which an app reaches a runner without a code (DECISIONS 13), 32 bytes, shown to the broker. It opens nothing. Derived from
 * the resume key or from a QR's one-time secret; the broker holds its SHA-256 and can derive neither from it.
 */
export const routeTicket = (secret: Uint8Array, runnerId: string): Uint8Array =>
  hkdf(sha256, secret, lv('rp1', suite, runnerId), utf8('rp1 route'), KEY_BYTES)

/** The runner's deposit with the broker for each ticket that it accepts. */
export const routeTicketDigest = (ticket: Uint8Array): Uint8Array => sha256(ticket)
