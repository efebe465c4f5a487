import { assertNever, later } from '../kernel.ts'
import { failAttempt, openFresh, openLinkedWhenReady } from './attempt-moves.ts'
import { nextTryAt } from './back-off.ts'
import type { Closing } from './close-cause.ts'
import { count, type LinkEffect } from './effects.ts'
import { attemptOf, type LinkMachine } from './link.ts'
import type { LinkReason } from './reasons.ts'
import { after, type Circumstances, type Step, stay } from './step.ts'

/** A connection ended while somebody was linking by it. */
export function closeOfAttempt(machine: LinkMachine, closing: Closing, where: Circumstances): Step {
  return after(
    [count({ count: 'disconnected', statusCode: closing.statusCode })],
    closed(machine, closing, where),
  )
}

/** WhatsApp's own refusals end an attempt at once; every other end depends on whether the phone has confirmed. */
function closed(machine: LinkMachine, closing: Closing, where: Circumstances): Step {
  const { cause, bannedMs } = closing
  if (cause === 'forbidden') return failAttempt(machine, 'ACCOUNT_BLOCKED')
  if (cause === 'banned-for-a-while')
    return failAttempt(machine, 'ACCOUNT_BLOCKED', [], bannedMs === null ? null : later(where.now, bannedMs))
  if (cause === 'client-outdated')
    return failAttempt(machine, 'CLIENT_OUTDATED', [alarm('client-outdated', closing)])
  const { link } = machine
  if (link.status !== 'finishing') return closeWhileLinking(machine, { ...closing, cause }, where)
  // After the phone has confirmed, every other end means: log in with the paired credentials.
  return cause === 'logged-out' && link.isEnded
    ? failAttempt(machine, 'LOGGED_OUT')
    : ended(machine, link, where)
}

type Unjudged = Exclude<Closing['cause'], 'forbidden' | 'banned-for-a-while' | 'client-outdated'>

function closeWhileLinking(
  machine: LinkMachine,
  closing: Closing & { readonly cause: Unjudged },
  where: Circumstances,
): Step {
  switch (closing.cause) {
    case 'qr-ended':
      return failAttempt(machine, attemptOf(machine.link)?.method === 'code' ? 'CODE_EXPIRED' : 'QR_EXPIRED')
    // The credentials of an unfinished attempt logged in instead of registering: once more, from nothing.
    case 'logged-out':
      return again(machine, 'WA_REFUSED', where)
    case 'restart-required':
    case 'unreachable':
      return again(machine, 'WA_UNREACHABLE', where)
    case 'bad-session':
      return again(machine, 'INTERNAL', where)
    case 'replaced':
      return failAttempt(machine, 'WA_REFUSED', [alarm('replaced-while-linking', closing)])
    case 'phone-outdated':
      return failAttempt(machine, 'PHONE_OUTDATED')
    case 'undecodable-frame':
      return failAttempt(machine, 'INTERNAL', [alarm('undecodable-frame', closing)])
    case 'rate-limited':
      return { machine, effects: [{ do: 'cool-down', of: 'connections' }] }
    default:
      return assertNever(closing.cause)
  }
}

/** The pairing connection has ended, which is how it goes on; the one after it is tried again a little later. */
function ended(
  machine: LinkMachine,
  link: LinkMachine['link'] & { readonly status: 'finishing' },
  where: Circumstances,
): Step {
  // Until the credentials are saved there is nothing to try again with: saving them opens the next connection.
  if (!link.isEnded || !link.isSaved)
    return openLinkedWhenReady({ ...machine, link: { ...link, isEnded: true } })
  return { machine: { ...machine, link: { ...link, retryAt: nextTryAt(0, where) } }, effects: [] }
}

/** A fresh connection in the place of a lost one, a bounded number of times; a code that was shown is void instead. */
function again(machine: LinkMachine, reason: LinkReason, where: Circumstances): Step {
  const { link } = machine
  const attempt = attemptOf(link)
  if (attempt === null) return stay(machine)
  const isShown = link.status === 'code_shown'
  if (isShown || attempt.retries >= where.rules.retriesMax) {
    const alarms: readonly LinkEffect[] =
      reason === 'INTERNAL' ? [{ do: 'capture', operation: 'linking', statusCode: 500 }] : []
    return failAttempt(machine, reason, alarms)
  }
  return openFresh(machine, { ...attempt, retries: attempt.retries + 1 }, where)
}

const alarm = (operation: string, { statusCode }: Closing): LinkEffect => ({
  do: 'capture',
  operation,
  statusCode,
})
