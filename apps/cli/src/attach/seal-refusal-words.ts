import type { SealRefusal } from '@latchkey/connection/app/sealer'
import { assertNever } from '@latchkey/domain/kernel'

/** The reason why the connection is not sealed, with the next step. */
export function sealRefusalWords(refusal: SealRefusal): string {
  switch (refusal) {
    case 'pin-mismatch':
      return "That was not the PIN on the machine's screen. Attach again for a fresh one."
    case 'busy':
      return 'The machine is asking somebody else for a PIN. Try again in a minute.'
    case 'locked':
      return 'Pairing is locked after too many wrong PINs. On the machine: latchkey unlock.'
    case 'window-closed':
      return 'The machine was asked for so many PINs, from your network or in all, that it shows you none for a while. Take its link, or on the machine: latchkey unlock.'
    case 'expired':
      return 'The PIN, code or link is no longer good. Take what the machine shows now.'
    case 'revoked':
      return 'The machine does not know this app any more. Take the code that it shows now: latchkey attach CODE.'
    case 'version':
      return 'The machine seals another way: update the older of the two.'
    case 'not-authentic':
      return 'The machine could not prove itself: a wrong link, or somebody in between. Nothing was sent.'
    case 'runner-changed':
      return 'This is another machine than the one you know by this name. Nothing was sent.'
    case 'no-key':
      return 'There is no key for this machine here. Take the code that it shows: latchkey attach CODE.'
    case 'cannot-seal':
      return 'The machine does not seal. Nothing was sent.'
    case 'given-up':
      return 'No PIN was given.'
    default:
      return assertNever(refusal)
  }
}
