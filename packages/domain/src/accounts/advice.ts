import { type Account, isLinked } from './account.ts'

/** What a person or a program has to do next about an account. */
export type AccountAdvice =
  /** nothing: it works */
  | 'none'
  /** nothing yet: it goes on by itself */
  | 'wait'
  /** ask for a QR or a code */
  | 'link'
  | 'scan-qr'
  | 'enter-code'
  /** open WhatsApp on the phone and remove this device there, then link again */
  | 'remove-device'
  /** try again now, or wait: it is tried again by itself */
  | 'reconnect'
  /** the same account is used elsewhere: end that, or link again */
  | 'end-other-use'
  /** ask the broker instance that has it: this one cannot say more */
  | 'ask-again'

/** What to do about an account, by its state alone. */
export function adviceFor(account: Account): AccountAdvice {
  switch (account.status) {
    case 'connected':
      return 'none'
    case 'starting':
    case 'code_wanted':
    case 'finishing':
    case 'reconnecting':
    case 'unlinking':
      return 'wait'
    case 'qr':
      return 'scan-qr'
    case 'code_shown':
      return 'enter-code'
    case 'stopped':
      return account.until === null ? 'reconnect' : 'wait'
    case 'replaced':
      return 'end-other-use'
    case 'failed':
      return account.leavesDevice ? 'remove-device' : 'link'
    case 'idle':
    case 'expired':
    case 'logged_out':
      return 'link'
  }
}

/** Whether an account that was linked works no more until something is done about it. */
export const isStopped = (account: Account): boolean =>
  account.status === 'logged_out' || (isLinked(account) && ['stopped', 'replaced'].includes(account.status))
