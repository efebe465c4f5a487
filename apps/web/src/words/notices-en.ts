import type { Says } from './says.ts'

/** What the console says of calls to the operator, in English. */
export const noticesEn = {
  title: 'Notices',
  lead: 'what you are called for',
  here: 'Call this browser',
  hereText: 'A message without content: it says that something happened, and opens the console.',
  notAble: 'This browser takes no messages here: it needs HTTPS, and on an iPhone the home screen.',
  off: 'This broker calls no browser. Set how push services reach you:',
  noPush: 'This browser gave no permission, or reaches no push service.',
  failed: 'The broker did not do that. Try again.',
  kinds: {
    'device-asks': ['A device asks to join', 'It scanned a code, or shows one for you to approve.'],
    'device-joined': ['A device joined', 'By PIN, by approval, or with a join key.'],
    'device-ended': ['A device is going', 'It left, was not used, or its sign-in ends soon.'],
    'machine-offline': ['A machine is gone', 'It said goodbye, or did not come back in time.'],
    guessing: ['Codes are being guessed', 'The alarm rang, or the breaker opened.'],
  } satisfies Readonly<Record<string, Says>>,
  since: (when: string) => `called since ${when}`,
  remove: 'Remove',
  removeOne: (label: string) => `Remove ${label}`,
  test: 'Call all now',
  tested: (taken: number, all: number) => `${taken} of ${all} push services took it.`,
}
