import { accept, assertNever, type Decision, type Instant, refuse } from '../kernel.ts'
import {
  type AccountMachine,
  type AccountMethod,
  linkedPhone,
  type PhoneNumber,
  requestOf,
} from './account.ts'
import { type AccountEffect, type AccountInput, count, tellError } from './effects.ts'
import { onLinkedDue, onLinkedSaid, reopen, retry, unlink, whenWriteFailed } from './linked-steps.ts'
import { type AccountRefusal, refusalFor } from './reasons.ts'
import { begin, endRequest, leavesDevice } from './request-moves.ts'
import { onCooled, onNotAdmitted, onNotSaved, onRequestDue, onRequestSaid, onSaved } from './request-steps.ts'
import { type Circumstances, type Step, stay } from './step.ts'

/**
 * Whether a request for a QR or a code begins a request. `'running'`: the same attempt is under way, and nothing is to
 * be done. Budgets and phone numbers are judged elsewhere, before.
 */
export function judgeStart(
  { account }: AccountMachine,
  wanted: { readonly method: AccountMethod; readonly phone: PhoneNumber | null },
  { now, rules }: Circumstances,
): Decision<'begin' | 'running', AccountRefusal> {
  if (account.status === 'finishing') return refuse(refusalFor('REQUEST_IN_PROGRESS'))
  // A replaced account may link anew; every other linked account stays as it is.
  if (linkedPhone(account) !== null && account.status !== 'replaced')
    return refuse(refusalFor('ALREADY_LINKED'))
  const request = requestOf(account)
  if (request === null || request.method !== wanted.method) return accept('begin')
  if (wanted.method === 'qr') return accept('running')
  if (account.status !== 'code_shown') return refuse(refusalFor('REQUEST_IN_PROGRESS'))
  const renewableAt = account.shownAt + rules.newCodeAfterMs
  return now >= renewableAt ? accept('begin') : refuse(refusalFor('REQUEST_IN_PROGRESS', renewableAt))
}

/** Whether a request can be cancelled. Once the phone has confirmed, it can only be unlinked. */
export const judgeCancel = ({ account }: AccountMachine): Decision<null, AccountRefusal> =>
  account.status === 'finishing' || linkedPhone(account) !== null
    ? refuse(refusalFor('ALREADY_LINKED'))
    : accept(null)

/** Whether anything can be unlinked: a request that runs would link all the same. */
export const judgeUnlink = ({ account }: AccountMachine): Decision<null, AccountRefusal> =>
  requestOf(account) === null ? accept(null) : refuse(refusalFor('REQUEST_IN_PROGRESS'))

/** Whether an account may be tried now. `'running'`: it is connected, or being connected, already. */
export function judgeRetry(
  { account }: AccountMachine,
  { now }: Pick<Circumstances, 'now'>,
): Decision<'begin' | 'running', AccountRefusal> {
  switch (account.status) {
    case 'stopped':
      return account.until !== null && now < account.until
        ? refuse(refusalFor('COOLDOWN', account.until))
        : accept('begin')
    case 'reconnecting':
      return accept(account.retryAt === null ? 'running' : 'begin')
    case 'connected':
      return accept('running')
    case 'starting':
    case 'qr':
    case 'code_wanted':
    case 'code_shown':
    case 'finishing':
    case 'unlinking':
      return refuse(refusalFor('REQUEST_IN_PROGRESS'))
    case 'idle':
    case 'expired':
    case 'failed':
    case 'logged_out':
    case 'replaced':
      return refuse(refusalFor('INVALID_REQUEST'))
  }
}

/** The only way forward: where the account stands after `input`. Inputs that mean nothing there change nothing. */
export function step(machine: AccountMachine, input: AccountInput, at: Circumstances): Step {
  // A late word about an earlier connection.
  if ('generation' in input && input.generation !== machine.generation) return stay(machine)
  switch (input.type) {
    case 'start':
      return begin(machine, input, at)
    case 'cancel':
      // After the phone's yes there is nothing to cancel: that is unlinking.
      return requestOf(machine.account) === null || machine.account.status === 'finishing'
        ? stay(machine)
        : endRequest(machine, { status: 'idle' }, [count({ count: 'abandoned' })])
    case 'unlink':
      return unlink(machine, at)
    case 'restore':
      return machine.account.status === 'idle'
        ? reopen(machine, { phone: input.phone, losses: 0, badSessions: 0 })
        : stay(machine)
    case 'leave':
      return leave(machine, input.reason)
    case 'watched':
      return { machine: watched(machine, input.isWatched, at.now), effects: [] }
    case 'socket':
      return requestOf(machine.account) === null
        ? onLinkedSaid(machine, input.said, at)
        : onRequestSaid(machine, input.said, at)
    case 'saved':
      return onSaved(machine)
    case 'not-saved':
      return onNotSaved(machine, input.reason)
    case 'write-failed':
      return whenWriteFailed(machine, at)
    case 'retry':
      return retry(machine)
    case 'not-admitted':
      return onNotAdmitted(machine, input)
    case 'cooled':
      return onCooled(machine, input.until)
    case 'due':
      return requestOf(machine.account) === null ? onLinkedDue(machine, at) : onRequestDue(machine, at)
    default:
      return assertNever(input)
  }
}

function watched(machine: AccountMachine, isWatched: boolean, now: Instant): AccountMachine {
  if (isWatched) return { ...machine, unwatchedSince: null }
  return machine.unwatchedSince === null ? { ...machine, unwatchedSince: now } : machine
}

/** The broker instance lets go: a request is told so, an account stays linked, and nothing of it stays open here. */
function leave(machine: AccountMachine, reason: AccountRefusal['reason']): Step {
  const request = requestOf(machine.account)
  const close: AccountEffect = { do: 'close', generation: machine.generation }
  if (request === null) return { machine: { ...machine, account: { status: 'idle' } }, effects: [close] }
  const { method } = request
  if (machine.account.status === 'finishing' && machine.account.isSaved) {
    const failed = count({ count: 'failed', method, reason })
    return {
      machine: { ...machine, account: { status: 'idle' } },
      effects: [close, failed, tellError(reason)],
    }
  }
  const isLeft = leavesDevice(machine, reason)
  return endRequest(machine, { status: 'failed', method, reason, retryAt: null, leavesDevice: isLeft }, [
    count({ count: 'failed', method, reason }),
    tellError(reason, null, isLeft),
  ])
}
