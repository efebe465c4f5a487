import type { Says } from './says.ts'
/** What the page of a device that joins says, in English. A failure says what happened, then the next step. */
export const joinEn = {
  title: 'Join',
  readyTitle: (broker: string) => `Join ${broker}?`,
  readyLead:
    'This device then signs in by itself. A PIN that it shows next has to be typed where you scanned the code.',
  joinNow: 'Join',
  asking: 'Asking for a PIN…',
  pinTitle: 'Type this PIN on the other screen',
  pinLead: 'Where you scanned the code.',
  pinSaid: (digits: string) => `PIN: ${digits}`,
  goodFor: (left: string) => `Good for ${left}`,
  joining: (broker: string) => `You are joining ${broker}`,
  listedAs: 'This device will be listed as',
  notYou: 'Did not start this yourself? Close the page; nothing has been changed.',
  rename: 'Change its name',
  name: 'Name of this device',
  save: 'Save',
  joined: 'This device is in',
  joinedLead: (broker: string, name: string) =>
    `${broker} knows it as ${name}, and signs it in by itself from now on.`,
  thenPair: 'Each machine still asks once: pair it with the code on its screen, then it is in your list.',
  toMachines: 'See the machines',
  keptSafe: 'Its key is kept by the browser itself; no page can read it out.',
  keptRaw:
    'On plain HTTP the browser offers pages no protected key store, so its key lies in the browser’s ordinary storage. HTTPS or localhost keeps it unreadable.',
  keptNot:
    'This browser keeps nothing for this page (private mode?), so it is forgotten when the page closes.',
  again: 'Ask again',
  failed: {
    'no-link': ['This page needs a link from the console.', 'Choose “Add a device” there and scan its code.'],
    'signed-out': [
      'This device is no longer signed in here.',
      'It was revoked in the console, or not used for 30 days. Scan a new code there to come back.',
    ],
    unknown: [
      'This link is not known here.',
      'Scan the code on the other screen again, or start a new one there.',
    ],
    expired: ['This link has ended.', 'Choose “Try again” on the other screen and scan its new code.'],
    used: [
      'Another device has used this link.',
      'A link lets in one device. Start a new one on the other screen.',
    ],
    cancelled: ['Joining was stopped on the other screen.', 'Start again there if that was not meant.'],
    'too-many-pins': ['Too many wrong PINs were typed.', 'Start again on the other screen.'],
    'device-limit': [
      'There is no place for another device.',
      'Revoke one in the console, then start again on the other screen.',
    ],
    'address-conflict': [
      'Another device has the address of this one.',
      'Revoke that one in the console, or allow shared addresses in the settings.',
    ],
    'too-many-tries': ['Too many tries from this network.', 'Wait a few minutes, then ask again.'],
    'no-network': ['This device has no network.', 'It goes on by itself when the network is back.'],
    'no-broker': [
      'The broker does not answer.',
      'Check that this device is in the same network, then ask again.',
    ],
    failed: ['Joining failed.', 'Start again on the other screen.'],
  } satisfies Readonly<Record<string, Says>>,
}
