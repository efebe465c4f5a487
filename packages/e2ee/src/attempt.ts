import type { Entropy } from '@latchkey/domain/kernel'
import { channelId } from './derivations.ts'
import { AbortReason, encodeMessage, HANDSHAKE_MESSAGE_BYTES_MAX } from './messages.ts'
import type { NoiseKeys } from './noise.ts'
import { type AgreementKey, KEY_BYTES, type Primitives } from './primitives.ts'
import { wipe } from './secret-bytes.ts'

/** What both ends of an attempt to open a channel have in common (PROTOCOL rp1 3.3). */

/** The ways in: a PIN read from the runner's screen, a secret from its QR code, a key from an earlier grant. */
export type Method = 'pin' | 'qr' | 'resume'

/** Why an attempt came to nothing. */
export type AttemptRefusal =
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

/** What the other end is told. It learns no more than what it can act upon. */
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
} satisfies Record<AttemptRefusal, AbortReason>

const heardAs: Record<AbortReason, AttemptRefusal> = {
  [AbortReason.busy]: 'busy',
  [AbortReason.windowClosed]: 'window-closed',
  [AbortReason.expired]: 'expired',
  [AbortReason.pinMismatch]: 'pin-mismatch',
  [AbortReason.locked]: 'locked',
  [AbortReason.version]: 'version',
  [AbortReason.revoked]: 'revoked',
  [AbortReason.malformed]: 'malformed',
}

/** The attempt is over, and all its secrets are wiped. */
export interface AttemptEnded {
  readonly status: 'ended'
  readonly refusal: AttemptRefusal
  /** `peer`: the other end said so, or the relay in its name: nobody signs an ABORT */
  readonly by: 'us' | 'peer'
  readonly send: readonly Uint8Array[]
}

/** A message after the end, or beyond what an attempt can have: nothing changed. */
export interface Ignored {
  readonly status: 'ignored'
  readonly send: readonly []
}
export const IGNORED: Ignored = { status: 'ignored', send: [] }

export const endedByUs = (pid: Uint8Array, refusal: AttemptRefusal): AttemptEnded => ({
  status: 'ended',
  refusal,
  by: 'us',
  send: [encodeMessage(pid, { kind: 'abort', reason: toldAs[refusal] })],
})

export const endedByPeer = (reason: AbortReason): AttemptEnded => ({
  status: 'ended',
  refusal: heardAs[reason],
  by: 'peer',
  send: [],
})

/** What an opened channel is keyed with. Secret; `SealedChannel` takes it over. */
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
 * Lets one step of an attempt happen after the other, though each may wait for a key agreement: what arrives meanwhile
 * waits its turn. Beyond `MESSAGES_MAX` messages nothing is even queued; an honest end sends three.
 */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve()
  #messages = 0

  pass<Step>(step: () => Step | Promise<Step>): Promise<Step> {
    const turn = this.#last.then(step, step)
    this.#last = turn
    return turn
  }

  /** The message is copied, as its transport may use its memory again before its turn has come. */
  passMessage<Step>(
    message: Uint8Array,
    step: (message: Uint8Array) => Step | Promise<Step>,
  ): Promise<Step | Ignored> {
    if (++this.#messages > MESSAGES_MAX) return Promise.resolve(IGNORED)
    const copy = Uint8Array.from(message.subarray(0, HANDSHAKE_MESSAGE_BYTES_MAX + 1))
    return this.pass(() => step(copy))
  }
}

const MESSAGES_MAX = 8
