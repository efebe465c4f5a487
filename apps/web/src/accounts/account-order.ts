import type { AccountView } from '@latchkey/protocol/accounts-api'

/** How a state looks, and whether a person has to do something about it. */
export type Standing = 'needs-you' | 'under-way' | 'connected' | 'none'

export function standingOf(state: AccountView['state']): Standing {
  switch (state) {
    case 'logged_out':
    case 'replaced':
    case 'failed':
    case 'stopped':
    case 'expired':
      return 'needs-you'
    case 'starting':
    case 'qr':
    case 'code_wanted':
    case 'code_shown':
    case 'finishing':
    case 'reconnecting':
    case 'unlinking':
      return 'under-way'
    case 'connected':
    case 'elsewhere':
      return 'connected'
    case 'idle':
      return 'none'
  }
}

const ORDER: readonly Standing[] = ['needs-you', 'under-way', 'connected', 'none']

/** What needs a person first, then by name. Those that never began are left out. */
export const inOrder = (accounts: readonly AccountView[]): readonly AccountView[] =>
  accounts
    .filter(({ state, maskedPhone }) => state !== 'idle' || maskedPhone !== null)
    .toSorted(
      (one, other) =>
        ORDER.indexOf(standingOf(one.state)) - ORDER.indexOf(standingOf(other.state)) ||
        one.id.localeCompare(other.id),
    )

/** What may be done about an account: what the broker would refuse is not offered. */
export function ordersFor({ state, advice, retryAt }: AccountView): {
  readonly tryNow: boolean
  readonly cancel: boolean
  readonly unlink: boolean
  readonly link: boolean
} {
  const isOneOf = (...states: readonly AccountView['state'][]) => states.includes(state)
  return {
    tryNow: advice === 'reconnect' || (state === 'reconnecting' && retryAt !== null),
    cancel: isOneOf('starting', 'qr', 'code_wanted', 'code_shown'),
    unlink: isOneOf('connected', 'reconnecting', 'stopped', 'replaced'),
    link: isOneOf('logged_out', 'replaced', 'failed', 'expired'),
  }
}

/** The name of its company, or what it is known by without one. */
export const nameOf = ({ companyName, companyId, id }: AccountView): string => companyName || companyId || id
