import type { AccountsOverview } from '@latchkey/protocol/accounts'

export type ListedAccount = AccountsOverview['sessions'][number]

/** How a state looks, and whether a person has to do something about it. */
export type Standing = 'needs-you' | 'under-way' | 'connected' | 'none'

export function standingOf(state: ListedAccount['state']): Standing {
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
export const inOrder = (accounts: readonly ListedAccount[]): readonly ListedAccount[] =>
  accounts
    .filter(({ state, maskedPhone }) => state !== 'idle' || maskedPhone !== null)
    .toSorted(
      (one, other) =>
        ORDER.indexOf(standingOf(one.state)) - ORDER.indexOf(standingOf(other.state)) ||
        one.sessionId.localeCompare(other.sessionId),
    )
