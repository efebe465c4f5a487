import type { SealRefusal } from '@latchkey/connection/app/sealer'
import type { Says } from './says.ts'

/** What the pages say about sealing, in English. A refusal says what happened, then the next step. */
export const sealEn = {
  pinTitle: (machine: string) => `Type the PIN that ${machine} is showing`,
  pinLead: 'It proves that you are connected to your own machine.',
  field: 'PIN',
  hint: (digits: number, left: string) => `${digits === 6 ? 'Six' : digits} digits, good for ${left}`,
  goodFor: (left: string) => `Good for ${left}`,
  tried: 'You have tried these digits already.',
  triedNext: (machine: string) =>
    `A machine never shows a PIN twice. If ${machine}’s screen shows other digits, type those; if not, the connection may be intercepted: go back.`,
  incomplete: 'The PIN has more digits.',
  incompleteNext: (machine: string) => `Compare it with ${machine}’s screen.`,
  wrong: 'That PIN does not match.',
  wrongNext: (machine: string) => `${machine} is showing a new one now; type the new six digits.`,
  wrongWait: (machine: string) => `${machine} is making a new one…`,
  onScreen: (machine: string) => `On ${machine}’s screen`,
  onScreenText: (label: string) =>
    `Six digits behind “PIN”, and “${label}” as the name of this app. Without a screen there, “latchkey pin” shows it. No PIN? Then you are talking to another machine: go back.`,
  giveUp: 'Back, and give up pairing',

  sealed: 'Sealed',
  sealedText: (machine: string) =>
    `Only this browser and ${machine} can read what is typed and printed. The broker sees who is connected, when, and how much.`,
  fingerprint: (machine: string) => `Fingerprint of ${machine}`,
  kept: 'Keys in this browser',
  keptRawText:
    'On plain HTTP the browser offers pages no protected key store, so the keys to your machines lie in its ordinary storage. A program that can read this browser’s files can read them. HTTPS or localhost keeps the key of this browser unreadable.',
  keptSafeText: 'The key of this browser is kept by the browser itself; no page can read it out.',
  newPin: 'Ask for a new PIN',

  refused: {
    'pin-mismatch': () => ['That PIN does not match.', 'The machine can show a new one.'],
    busy: (machine: string) => [
      `${machine} is asking another app for a PIN.`,
      'It asks one at a time. Wait a minute, then try again.',
    ],
    locked: (machine: string) => [
      `${machine} lets no new app in.`,
      'Pairing is locked, by its owner or after too many wrong PINs. Its owner unlocks it there with “latchkey unlock”.',
    ],
    'window-closed': (machine: string) => [
      `${machine} takes no new pairings now.`,
      'Too many PINs were asked for, so it shows none for a while. Scan its QR code, or ask its owner to run “latchkey unlock”.',
    ],
    expired: () => ['The time for this PIN or link is over.', 'Pair again with what the machine shows now.'],
    revoked: (machine: string) => [
      `${machine} no longer lets this browser in.`,
      'Its owner took the access back, or the machine forgot it. Pairing again asks there.',
    ],
    version: (machine: string) => [
      `This page and ${machine} do not speak the same version.`,
      'Reload; if that does not help, update Latchkey on the machine.',
    ],
    'not-authentic': (machine: string) => [
      `This could not be proved to be ${machine}.`,
      'The link may be wrong, or the connection is intercepted. Nothing was sent. Pair again with the code on the machine’s screen.',
    ],
    'runner-changed': (machine: string) => [
      `This is not the ${machine} that this browser knows.`,
      'Its key is another one, and nothing was sent. If you set the machine up anew, forget it here and pair again.',
    ],
    'no-key': (machine: string) => [
      `This browser has no key for ${machine}.`,
      'Pair again with the code on the machine’s screen.',
    ],
    'cannot-seal': () => [
      'This machine cannot seal the connection, so the broker could read it.',
      'Update Latchkey there.',
    ],
    'given-up': () => ['Pairing was given up.', 'Pair again with the code on the machine’s screen.'],
  } satisfies Record<SealRefusal, (machine: string) => Says>,
}
