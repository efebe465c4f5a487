import type { Entropy } from '@latchkey/domain/kernel'
import { channelId } from './derivations.ts'
import {
  AbortReason,
  decodeMessage,
  encodeMessage,
  HANDSHAKE_MESSAGE_BYTES_MAX,
  type HandshakeMessage,
} from './messages.ts'
import type { NoiseKeys } from './noise.ts'
import { type AgreementKey, KEY_BYTES, type Primitives } from './primitives.ts'
import { Secrets, wipe } from './secret-bytes.ts'

/** The common part of both ends of a handshake to open a channel (PROTOCOL rp1 3.3). */

/** The ways in: a PIN read from the runner's screen, a secret from its QR code, a key from an earlier grant, a share link, its owner's word. */
export type Method = 'pin' | 'qr' | 'resume' | 'share' | 'fleet'

/** Why a handshake came to nothing. */
export type HandshakeRefusal =
  | 'busy'
  | 'window-closed'
  | 'expired'
  | 'pin-mismatch'
  | 'locked'
  | 'version'
  /** the app's key was revoked, or the app is held after an alarm */
  | 'revoked'
  /** no app of that id was ever here, or its record is gone */
  | 'unknown-app'
  /** an old greeting was sent again (SECURITY C44) */
  | 'replayed'
  /** an app came with a key that its twin had replaced (SECURITY C46): hold both */
  | 'cloned'
  /** a proof failed: a wrong secret, or somebody in between */
  | 'not-authentic'
  | 'malformed'
  /** a message that could be read, but has no place now */
  | 'unexpected'

/** The reason that the other end is told. It learns no more than it can act upon. */
const toldAs = {
  busy: AbortReason.busy,
  'window-closed': AbortReason.windowClosed,
  expired: AbortReason.expired,
  'pin-mismatch': AbortReason.pinMismatch,
  locked: AbortReason.locked,
  version: AbortReason.version,
  revoked: AbortReason.revoked,
  'unknown-app': AbortReason.revoked,
  replayed: AbortReason.malformed,
  cloned: AbortReason.revoked,
  'not-authentic': AbortReason.malformed,
  malformed: AbortReason.malformed,
  unexpected: AbortReason.malformed,
} satisfies Record<HandshakeRefusal, AbortReason>

const heardAs: Record<AbortReason, HandshakeRefusal> = {
  [AbortReason.busy]: 'busy',
  [AbortReason.windowClosed]: 'window-closed',
  [AbortReason.expired]: 'expired',
  [AbortReason.pinMismatch]: 'pin-mismatch',
  [AbortReason.locked]: 'locked',
  [AbortReason.version]: 'version',
  [AbortReason.revoked]: 'revoked',
  [AbortReason.malformed]: 'malformed',
}

/** The handshake is over, and all its secrets are wiped. */
export interface HandshakeEnded {
  readonly status: 'ended'
  readonly refusal: HandshakeRefusal
  /** `peer`: the other end said so, or the relay in its name: an ABORT is not signed */
  readonly by: 'us' | 'peer'
  readonly send: readonly Uint8Array[]
}

/** A message after the end, or beyond what a handshake can have: nothing changed. */
export interface Ignored {
  readonly status: 'ignored'
  readonly send: readonly []
}
export const IGNORED: Ignored = { status: 'ignored', send: [] }

/** The keys of an opened channel. Secret; `SealedChannel` takes them over. */
export interface ChannelSecrets {
  readonly fromApp: Uint8Array
  readonly fromRunner: Uint8Array
  /** 8 bytes, public: names the channel in its frames */
  readonly channel: Uint8Array
}

export const channelSecrets = (keys: NoiseKeys): ChannelSecrets => ({
  fromApp: keys.fromInitiator,
  fromRunner: keys.fromResponder,
  channel: channelId(keys.handshakeHash),
})

/** A one-time X25519 key. */
export async function ephemeralKey(primitives: Primitives, entropy: Entropy): Promise<AgreementKey> {
  const secret = entropy(KEY_BYTES)
  const key = await primitives.agreementKey(secret)
  wipe(secret)
  return key
}

/**
 * The common work of both ends: takes one step after the other, though each may wait for a key agreement, and wipes all
 * secrets at the end. More than `MESSAGES_MAX` messages are not even queued: an honest end sends three.
 */
export class Conversation {
  readonly secrets = new Secrets()
  readonly #pid: Uint8Array
  #last: Promise<unknown> = Promise.resolve()
  #messages = 0
  #isOver = false

  constructor(pid: Uint8Array) {
    this.#pid = pid
  }

  /** Runs `step` in its turn. Ignored when the handshake is over by then. */
  step<Step>(step: () => Step | Promise<Step>): Promise<Step | Ignored> {
    const run = () => (this.#isOver ? IGNORED : step())
    const turn = this.#last.then(run, run)
    this.#last = turn
    return turn
  }

  /** Reads a message and runs `step` with it, in its turn. The message is copied: its transport may use its memory again. */
  hear<Step>(
    bytes: Uint8Array,
    step: (message: HandshakeMessage, whole: Uint8Array) => Step | Promise<Step>,
  ): Promise<Step | HandshakeEnded | Ignored> {
    if (++this.#messages > MESSAGES_MAX) return Promise.resolve(IGNORED)
    const whole = Uint8Array.from(bytes.subarray(0, HANDSHAKE_MESSAGE_BYTES_MAX + 1))
    return this.step<Step | HandshakeEnded>(() => {
      const read = decodeMessage(this.#pid, whole)
      if (!read.ok) return this.end(read.refusal)
      const { message } = read
      if (message.kind !== 'abort') return step(message, whole)
      this.finish()
      return { status: 'ended', refusal: heardAs[message.reason], by: 'peer', send: [] }
    })
  }

  /** Ends the handshake, and tells the other end why. */
  end(refusal: HandshakeRefusal): HandshakeEnded {
    this.finish()
    const abort = encodeMessage(this.#pid, { kind: 'abort', reason: toldAs[refusal] })
    return { status: 'ended', refusal, by: 'us', send: [abort] }
  }

  /** Ends the handshake without a word: it has done its work. */
  finish(): void {
    this.#isOver = true
    this.secrets.wipe()
  }
}

const MESSAGES_MAX = 8
