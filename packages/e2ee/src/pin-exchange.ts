import type { Entropy } from '@latchkey/domain/kernel'
import {
  type CpaceMessage,
  cpaceConfirmation,
  cpaceGenerator,
  cpacePoint,
  cpaceScalar,
  cpaceSessionKey,
  cpaceShare,
} from './cpace.ts'
import { type CodeMeeting, cpaceChannel, pinPrologue, pinPsk, transcriptHash } from './derivations.ts'
import { KEY_BYTES } from './primitives.ts'
import type { Secrets } from './secret-bytes.ts'

/** The steps of a typed code before Noise (PROTOCOL rp1 3.3 b): a PIN becomes a PSK. Both ends compute the same. */

/** Fewer digits than six could be guessed. More than eight are too many to ask a person for. */
export const PIN_DIGITS_MIN = 6
export const PIN_DIGITS_MAX = 8

/** The conversation until the PIN was typed, and its two ends. */
export interface PinConversation {
  readonly meeting: CodeMeeting
  /** whole messages, with their header */
  readonly hello: Uint8Array
  readonly challenge: Uint8Array
  /** na ‖ nr */
  readonly session: Uint8Array
}

/** One end's one-time scalar, and the share of it that the other end gets. */
export interface PinShare {
  readonly scalar: Uint8Array
  readonly share: Uint8Array
}

/** The results of the exchange. */
export interface PinOutcome {
  /** Ta: the app proves that it had the PIN */
  readonly appTag: Uint8Array
  /** Tb: the runner proves it */
  readonly runnerTag: Uint8Array
  readonly psk: Uint8Array
  readonly prologue: Uint8Array
}

/** A PIN of decimal digits, leading zeros included, every one equally likely. */
export function drawPin(entropy: Entropy, digits: number): string {
  const pins = 10 ** digits
  // Numbers from here up would make the first PINs likelier.
  const fairBelow = 2 ** 32 - (2 ** 32 % pins)
  for (;;) {
    const bytes = entropy(4)
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
    bytes.fill(0)
    if (drawn < fairBelow) return String(drawn % pins).padStart(digits, '0')
  }
}

/** @param pin its ASCII digits */
export function pinShare(
  { meeting, session }: PinConversation,
  pin: Uint8Array,
  entropy: Entropy,
  secrets: Secrets,
): PinShare {
  const channel = cpaceChannel(meeting)
  const generator = secrets.keep(cpaceGenerator({ secret: pin, channel, session }))
  const scalar = secrets.keep(cpaceScalar(secrets.keep(entropy(KEY_BYTES))))
  return { scalar, share: cpaceShare(scalar, generator) }
}

/** Null when the other end's share is not a point that may be multiplied. */
export function pinOutcome(
  said: PinConversation & { readonly app: CpaceMessage; readonly runner: CpaceMessage },
  scalar: Uint8Array,
  theirShare: Uint8Array,
  secrets: Secrets,
): PinOutcome | null {
  const { meeting, session, app, runner } = said
  const point = cpacePoint(scalar, theirShare)
  if (point === null) return null
  secrets.keep(point)
  const sessionKey = secrets.keep(cpaceSessionKey(session, point, app, runner))
  const runnerTag = cpaceConfirmation(session, sessionKey, runner)
  const transcript = transcriptHash({
    hello: said.hello,
    challenge: said.challenge,
    appShare: app.share,
    appData: app.data,
    runnerShare: runner.share,
    runnerData: runner.data,
    runnerTag,
  })
  return {
    appTag: secrets.keep(cpaceConfirmation(session, sessionKey, app)),
    runnerTag,
    psk: secrets.keep(pinPsk(sessionKey, session)),
    prologue: pinPrologue(meeting, transcript),
  }
}
