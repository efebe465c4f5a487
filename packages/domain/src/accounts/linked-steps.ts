import { assertNever, type Instant, later } from '../kernel.ts'
import { type Account, type AccountMachine, isLinked, type PhoneNumber } from './account.ts'
import { nextTryAt } from './back-off.ts'
import type { Closing } from './close-cause.ts'
import { type AccountEffect, count, type SocketEvent, tellError } from './effects.ts'
import { after, at, type Circumstances, openLinked, type Step, stay } from './step.ts'

/** A linked session and what it has been through. */
interface Lasting {
  readonly phone: PhoneNumber
  readonly losses: number
  readonly badSessions: number
}

/** Opens the next connection of a linked session, now. */
export function reopen(machine: AccountMachine, linked: Lasting): Step {
  return openLinked(machine, { status: 'reconnecting', ...linked, retryAt: null })
}

/** What the connection of a linked session said. */
export function onLinkedSaid(machine: AccountMachine, said: SocketEvent, where: Circumstances): Step {
  switch (said.event) {
    case 'open':
      return onOpen(machine, said.phone, where)
    case 'closed':
      return onClosed(machine, said.closing, where)
    // A linked session is asked nothing of this; a server that says it all the same changes nothing.
    case 'qr':
    case 'code':
    case 'code-refused':
    case 'code-typed':
    case 'fresh-code-wanted':
    case 'passkey-required':
    case 'paired':
      return stay(machine)
    default:
      return assertNever(said)
  }
}

function onOpen(machine: AccountMachine, phone: PhoneNumber, { now }: Circumstances): Step {
  const { account, generation } = machine
  if (account.status === 'unlinking') return at(machine, { status: 'idle' }, [{ do: 'log-out', generation }])
  if (account.status !== 'reconnecting') return stay(machine)
  const { losses, badSessions } = account
  return at(machine, { status: 'connected', phone, openedAt: now, losses, badSessions })
}

function onClosed(machine: AccountMachine, closing: Closing, where: Circumstances): Step {
  const { account } = machine
  if (account.status === 'unlinking') return closeWhileUnlinking(machine, account, closing, where)
  if (account.status !== 'connected' && account.status !== 'reconnecting') return stay(machine)
  const counted = count({ count: 'disconnected', statusCode: closing.statusCode })
  const next = afterClose(machine, linkedNow(account, where), closing, where)
  return after([counted], next)
}

/** A steady connection resets the counts of losses before it. */
function linkedNow(
  account: Account & { readonly status: 'connected' | 'reconnecting' },
  { now, rules }: Circumstances,
): Lasting {
  const { phone, losses, badSessions } = account
  const isSteady = account.status === 'connected' && now - account.openedAt >= rules.steadyMs
  return isSteady ? { phone, losses: 0, badSessions: 0 } : { phone, losses, badSessions }
}

function afterClose(machine: AccountMachine, linked: Lasting, closing: Closing, where: Circumstances): Step {
  const { now } = where
  const { phone } = linked
  const alarm = (operation: string): AccountEffect => ({
    do: 'capture',
    operation,
    statusCode: closing.statusCode,
  })
  switch (closing.cause) {
    case 'restart-required':
      return restarted(machine, linked, alarm, where)
    case 'logged-out':
      return gone(machine, 'LOGGED_OUT')
    case 'forbidden':
      return gone(machine, 'ACCOUNT_BLOCKED')
    case 'banned-for-a-while': {
      const until = closing.bannedMs === null ? null : later(now, closing.bannedMs)
      return stopped(machine, phone, 'ACCOUNT_BLOCKED', until, where, [alarm('banned-for-a-while')])
    }
    case 'client-outdated':
      return stopped(machine, phone, 'CLIENT_OUTDATED', null, where, [alarm('client-outdated')])
    case 'replaced':
      return at(machine, { status: 'replaced', phone }, [alarm('replaced'), tellError('REPLACED')])
    case 'bad-session':
      return linked.badSessions + 1 >= where.rules.badSessionsMax
        ? stopped(machine, phone, 'INTERNAL', null, where, [alarm('bad-session')])
        : wait(machine, { ...linked, badSessions: linked.badSessions + 1 }, where)
    case 'undecodable-frame':
      return wait(machine, linked, where, [alarm('undecodable-frame')])
    case 'rate-limited':
      return wait(machine, { ...linked, losses: Math.max(linked.losses, LOSSES_OF_LONGEST_WAIT) }, where)
    case 'phone-outdated':
    case 'qr-ended':
    case 'unreachable':
      return wait(machine, linked, where)
    default:
      return assertNever(closing.cause)
  }
}

/** After so many losses in a row a wait is as long as it gets, whatever the rules begin with. */
const LOSSES_OF_LONGEST_WAIT = 30
/** A server may wish one restart; so many in a row, none of them steady, are worth a person's look. */
const RESTARTS_ALARMED = 3

/** The server wishes a new connection: the first at once, as after pairing; one right after another waits as after any loss. */
function restarted(
  machine: AccountMachine,
  linked: Lasting,
  alarm: (operation: string) => AccountEffect,
  where: Circumstances,
): Step {
  const losses = linked.losses + 1
  if (linked.losses > 0)
    return wait(machine, linked, where, losses === RESTARTS_ALARMED ? [alarm('restarts-in-a-row')] : [])
  return after([count({ count: 'reconnect' })], reopen(machine, { ...linked, losses }))
}

/** Somebody wants an account that is stopped, or that waits, to be tried now. */
export function retry(machine: AccountMachine): Step {
  const { account } = machine
  if (account.status === 'stopped')
    return reopen(machine, { phone: account.phone, losses: 0, badSessions: 0 })
  return account.status === 'reconnecting' && account.retryAt !== null
    ? reopen(machine, account)
    : stay(machine)
}

/** The account is not ours any more: nothing of it is kept. */
const gone = (machine: AccountMachine, reason: 'LOGGED_OUT' | 'ACCOUNT_BLOCKED'): Step =>
  at(machine, { status: 'logged_out', reason }, [{ do: 'forget' }, tellError(reason)])

const stopped = (
  machine: AccountMachine,
  phone: PhoneNumber,
  reason: 'ACCOUNT_BLOCKED' | 'CLIENT_OUTDATED' | 'INTERNAL',
  until: Instant | null,
  { now, rules, chance }: Circumstances,
  alarms: readonly AccountEffect[],
): Step => {
  // An outdated client is refused for every account, until another release of it is here: no try helps before.
  const slowly =
    reason === 'CLIENT_OUTDATED' ? null : later(now, Math.round(rules.stoppedAgainMs * (1 + chance)))
  const againAt = until ?? slowly
  return at(machine, { status: 'stopped', phone, reason, until, againAt }, [
    ...alarms,
    tellError(reason, until),
  ])
}

/** Another connection later, the longer the more were lost in a row. */
function wait(
  machine: AccountMachine,
  linked: Lasting,
  where: Circumstances,
  alarms: readonly AccountEffect[] = [],
): Step {
  return at(machine, waiting(linked, where), alarms)
}

const waiting = (linked: Lasting, where: Circumstances): Account => ({
  status: 'reconnecting',
  ...linked,
  losses: linked.losses + 1,
  retryAt: nextTryAt(linked.losses, where),
})

/** Lasting, and not to be any more: told to WhatsApp at once, or as soon as there is a connection. */
export function unlink(machine: AccountMachine, { now }: Circumstances): Step {
  const { account, generation } = machine
  switch (account.status) {
    case 'connected':
      return at(machine, { status: 'idle' }, [{ do: 'log-out', generation }])
    case 'reconnecting':
      return at(machine, { ...account, status: 'unlinking', askedAt: now })
    // These states open no connection by themselves: the credentials here go, and a person removes the device on the
    // phone.
    case 'stopped':
    case 'replaced':
      return at(machine, { status: 'idle' }, [{ do: 'close', generation }, { do: 'forget' }])
    case 'logged_out':
    case 'expired':
    case 'failed':
      return at(machine, { status: 'idle' })
    case 'idle':
    case 'starting':
    case 'qr':
    case 'code_wanted':
    case 'code_shown':
    case 'finishing':
    case 'unlinking':
      return stay(machine)
  }
}

function closeWhileUnlinking(
  machine: AccountMachine,
  account: Account & { readonly status: 'unlinking' },
  closing: Closing,
  where: Circumstances,
): Step {
  const counted = count({ count: 'disconnected', statusCode: closing.statusCode })
  // The phone was faster, or WhatsApp will not have us again.
  if (closing.cause === 'logged-out' || closing.cause === 'forbidden' || closing.cause === 'replaced')
    return at(machine, { status: 'idle' }, [counted, { do: 'forget' }])
  const retryAt = nextTryAt(account.losses, where)
  return at(machine, { ...account, losses: account.losses + 1, retryAt }, [counted])
}

/** The moment of a linked session: the next connection, the end of a ban, or of waiting to be unlinked. */
export function onLinkedDue(machine: AccountMachine, where: Circumstances): Step {
  const { account } = machine
  const { now, rules } = where
  if (!isLinked(account)) return stay(machine)
  switch (account.status) {
    case 'reconnecting':
      return account.retryAt === null || now < account.retryAt
        ? stay(machine)
        : after([count({ count: 'reconnect' })], reopen(machine, account))
    case 'unlinking': {
      const { generation } = machine
      if (now >= account.askedAt + rules.unlinkMs)
        return at(machine, { status: 'idle' }, [{ do: 'close', generation }, { do: 'forget' }])
      if (account.retryAt === null || now < account.retryAt) return stay(machine)
      return openLinked(machine, { ...account, retryAt: null })
    }
    case 'stopped':
      return account.againAt !== null && now >= account.againAt
        ? reopen(machine, { phone: account.phone, losses: 0, badSessions: 0 })
        : stay(machine)
    case 'connected':
    case 'replaced':
      return stay(machine)
  }
}

/**
 * A write failed under a connection that is open or being opened: it ends, and the next one begins from what the store has. One
 * that stayed would never write again.
 */
export function whenWriteFailed(machine: AccountMachine, where: Circumstances): Step {
  const { generation } = machine
  const next = afterLostWrite(machine, where)
  if (next === null) return stay(machine)
  // What the closed connection still says is of an older generation then.
  return at({ ...machine, generation: generation + 1 }, next, [
    { do: 'close', generation },
    { do: 'capture', operation: 'write-credentials', statusCode: null },
  ])
}

/** Null where no connection writes credentials, or where losing a write is answered by `not-saved`. */
function afterLostWrite({ account }: AccountMachine, where: Circumstances): Account | null {
  if (account.status === 'finishing') {
    const isLoggingIn = account.isSaved && account.isEnded && account.retryAt === null
    return isLoggingIn ? { ...account, retryAt: nextTryAt(0, where) } : null
  }
  const isOpen =
    account.status === 'connected' || (account.status === 'reconnecting' && account.retryAt === null)
  return isOpen ? waiting(linkedNow(account, where), where) : null
}
