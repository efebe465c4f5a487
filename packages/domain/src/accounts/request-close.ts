import { assertNever, later } from '../kernel.ts'
import { type AccountMachine, requestOf } from './account.ts'
import { nextTryAt } from './back-off.ts'
import type { Closing } from './close-cause.ts'
import { type AccountEffect, count } from './effects.ts'
import type { AccountReason } from './reasons.ts'
import { failRequest, openFresh, openLinkedWhenReady } from './request-moves.ts'
import { after, type Circumstances, type Step, stay } from './step.ts'

/** A connection ended while somebody was linking by it. */
export function closeOfRequest(machine: AccountMachine, closing: Closing, where: Circumstances): Step {
  return after(
    [count({ count: 'disconnected', statusCode: closing.statusCode })],
    closed(machine, closing, where),
  )
}

/** WhatsApp's own refusals end a request at once; every other end depends on whether the phone has confirmed. */
function closed(machine: AccountMachine, closing: Closing, where: Circumstances): Step {
  const { cause, bannedMs } = closing
  if (cause === 'forbidden') return failRequest(machine, 'ACCOUNT_BLOCKED')
  if (cause === 'banned-for-a-while')
    return failRequest(machine, 'ACCOUNT_BLOCKED', [], bannedMs === null ? null : later(where.now, bannedMs))
  if (cause === 'client-outdated')
    return failRequest(machine, 'CLIENT_OUTDATED', [alarm('client-outdated', closing)])
  const { account } = machine
  if (account.status !== 'finishing') return closeWhileLinking(machine, { ...closing, cause }, where)
  // After the phone has confirmed, every other end means: log in with the paired credentials.
  return cause === 'logged-out' && account.isEnded
    ? failRequest(machine, 'LOGGED_OUT')
    : ended(machine, account, where)
}

type Unjudged = Exclude<Closing['cause'], 'forbidden' | 'banned-for-a-while' | 'client-outdated'>

function closeWhileLinking(
  machine: AccountMachine,
  closing: Closing & { readonly cause: Unjudged },
  where: Circumstances,
): Step {
  switch (closing.cause) {
    case 'qr-ended':
      return failRequest(
        machine,
        requestOf(machine.account)?.method === 'code' ? 'CODE_EXPIRED' : 'QR_EXPIRED',
      )
    // The credentials of an unfinished request logged in instead of registering: once more, from nothing.
    case 'logged-out':
      return again(machine, 'WA_REFUSED', where)
    case 'restart-required':
    case 'unreachable':
      return again(machine, 'WA_UNREACHABLE', where)
    case 'bad-session':
      return again(machine, 'INTERNAL', where)
    case 'replaced':
      return failRequest(machine, 'WA_REFUSED', [alarm('replaced-while-linking', closing)])
    case 'phone-outdated':
      return failRequest(machine, 'PHONE_OUTDATED')
    case 'undecodable-frame':
      return failRequest(machine, 'INTERNAL', [alarm('undecodable-frame', closing)])
    case 'rate-limited':
      return { machine, effects: [{ do: 'cool-down', of: 'connections' }] }
    default:
      return assertNever(closing.cause)
  }
}

/** The pairing connection has ended, which is how it goes on; the one after it is tried again a little later. */
function ended(
  machine: AccountMachine,
  account: AccountMachine['account'] & { readonly status: 'finishing' },
  where: Circumstances,
): Step {
  // Until the credentials are saved there is nothing to try again with: saving them opens the next connection.
  if (!account.isEnded || !account.isSaved)
    return openLinkedWhenReady({ ...machine, account: { ...account, isEnded: true } })
  return { machine: { ...machine, account: { ...account, retryAt: nextTryAt(0, where) } }, effects: [] }
}

/** A fresh connection in the place of a lost one, a bounded number of times; a code that was shown is void instead. */
function again(machine: AccountMachine, reason: AccountReason, where: Circumstances): Step {
  const { account } = machine
  const request = requestOf(account)
  if (request === null) return stay(machine)
  const isShown = account.status === 'code_shown'
  if (isShown || request.retries >= where.rules.retriesMax) {
    const alarms: readonly AccountEffect[] =
      reason === 'INTERNAL' ? [{ do: 'capture', operation: 'linking', statusCode: 500 }] : []
    return failRequest(machine, reason, alarms)
  }
  return openFresh(machine, { ...request, retries: request.retries + 1 }, where)
}

const alarm = (operation: string, { statusCode }: Closing): AccountEffect => ({
  do: 'capture',
  operation,
  statusCode,
})
