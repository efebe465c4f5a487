import type { AccountState } from '@latchkey/protocol/accounts'
import type { Says } from './says.ts'

/** What the console says of linked accounts, in English: each state, and what to do about it. */
export const accountListEn = {
  lead: (connected: number, all: number) =>
    all === 0
      ? 'No account is linked.'
      : `${connected} of ${all} are connected. What needs somebody stands first.`,
  off: 'Linking accounts is switched off at this broker. Switch it on with',
  since: (when: string) => `since ${when}`,
  nextTry: (when: string) => `Tried again at ${when}.`,
  tryNow: 'Try now',
  cancel: 'Stop linking',
  unlinkTitle: (name: string) => `Unlink ${name}?`,
  unlinkText: 'This broker forgets the account. Its messages stay on the phone.',
  noAnswer: 'The broker did not answer. Try again.',
  because: {
    ACCOUNT_BLOCKED: 'WhatsApp restricts this account. WhatsApp on the phone says why.',
    CLIENT_OUTDATED: 'WhatsApp wants a newer client. Update the broker, then try again.',
    INTERNAL: 'WhatsApp refused its sign-in several times. Try it once more, or unlink it and link again.',
  },
  change: 'Change',
  changeTitle: (name: string) => `Change ${name}`,
  companyName: 'Company’s name',
  proxy: 'Proxy',
  proxyHint: 'The account then connects through it alone, from its next connection on.',
  proxyNow: (proxy: string) =>
    `Now through ${proxy}. An address here takes its place with the next connection.`,
  withoutProxy: 'Connect without a proxy',
  notTaken: 'The broker did not take this. A proxy begins with http:// or socks5:// and has a port.',
  linkAgain: 'Link again',
  linkAgainTitle: (name: string) => `Link ${name} again`,
  linkAgainText: 'Send this address to the person who has the phone. The page there shows a QR or a code.',
  theLink: 'The address',
  failed: 'The broker made no address. Try again.',
  states: {
    idle: ['Not linked', ''],
    starting: ['Linking', 'WhatsApp is asked for a code.'],
    qr: ['Linking', 'A QR waits to be scanned.'],
    code_wanted: ['Linking', 'WhatsApp is asked for a code.'],
    code_shown: ['Linking', 'A code waits to be typed on the phone.'],
    finishing: ['Linking', 'The phone said yes.'],
    connected: ['Connected', ''],
    reconnecting: ['Reconnecting', 'WhatsApp cannot be reached just now. It mends itself.'],
    unlinking: ['Unlinking', 'WhatsApp is told as soon as it can be reached.'],
    stopped: ['Stopped', 'WhatsApp refused it more than once. More tries at once would make it worse.'],
    expired: ['Not linked', 'The code ended before it was used.'],
    failed: ['Failed', 'Linking did not work out. Try it again.'],
    logged_out: ['Logged out', 'WhatsApp ended the link on the phone. Its messages are still there.'],
    replaced: ['In use elsewhere', 'Another program uses this link. Linking again takes it back.'],
    elsewhere: ['Connected', 'Another broker instance holds it.'],
  } satisfies Readonly<Record<AccountState['state'], Says>>,
}
