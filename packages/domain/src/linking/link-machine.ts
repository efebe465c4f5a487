import { accept, assertNever, type Decision, type Instant, refuse } from '../kernel.ts'
import { begin, endAttempt, leavesDevice } from './attempt-moves.ts'
import { onAttemptDue, onAttemptSaid, onCooled, onNotAdmitted, onNotSaved, onSaved } from './attempt-steps.ts'
import { count, type LinkEffect, type LinkInput, tellError } from './effects.ts'
import { attemptOf, type LinkMachine, type LinkMethod, linkedPhone, type PhoneNumber } from './link.ts'
import { onLinkedDue, onLinkedSaid, reopen, retry, unlink, whenWriteFailed } from './linked-steps.ts'
import { type LinkRefusal, refusalFor } from './reasons.ts'
import { type Circumstances, type Step, stay } from './step.ts'

/**
 * Whether a request for a QR or a code begins an attempt. `'running'`: the same attempt is under way, and nothing is to
 * be done. Budgets and phone numbers are judged elsewhere, before.
 */
export function judgeStart(
  { link }: LinkMachine,
  request: { readonly method: LinkMethod; readonly phone: PhoneNumber | null },
  { now, rules }: Circumstances,
): Decision<'begin' | 'running', LinkRefusal> {
  if (link.status === 'finishing') return refuse(refusalFor('REQUEST_IN_PROGRESS'))
  // A replaced account may link anew; every other linked account stays as it is.
  if (linkedPhone(link) !== null && link.status !== 'replaced') return refuse(refusalFor('ALREADY_LINKED'))
  const attempt = attemptOf(link)
  if (attempt === null || attempt.method !== request.method) return accept('begin')
  if (request.method === 'qr') return accept('running')
  if (link.status !== 'code_shown') return refuse(refusalFor('REQUEST_IN_PROGRESS'))
  const renewableAt = link.shownAt + rules.newCodeAfterMs
  return now >= renewableAt ? accept('begin') : refuse(refusalFor('REQUEST_IN_PROGRESS', renewableAt))
}

/** Whether an attempt can be cancelled. Once the phone has confirmed, it can only be unlinked. */
export const judgeCancel = ({ link }: LinkMachine): Decision<null, LinkRefusal> =>
  link.status === 'finishing' || linkedPhone(link) !== null
    ? refuse(refusalFor('ALREADY_LINKED'))
    : accept(null)

/** Whether anything can be unlinked: an attempt that runs would link all the same. */
export const judgeUnlink = ({ link }: LinkMachine): Decision<null, LinkRefusal> =>
  attemptOf(link) === null ? accept(null) : refuse(refusalFor('REQUEST_IN_PROGRESS'))

/** Whether a link may be tried now. `'running'`: it is connected, or being connected, already. */
export function judgeRetry(
  { link }: LinkMachine,
  { now }: Pick<Circumstances, 'now'>,
): Decision<'begin' | 'running', LinkRefusal> {
  switch (link.status) {
    case 'stopped':
      return link.until !== null && now < link.until
        ? refuse(refusalFor('COOLDOWN', link.until))
        : accept('begin')
    case 'reconnecting':
      return accept(link.retryAt === null ? 'running' : 'begin')
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

/** The only way forward: where the link stands after `input`. Inputs that mean nothing there change nothing. */
export function step(machine: LinkMachine, input: LinkInput, at: Circumstances): Step {
  // A late word about an earlier connection.
  if ('generation' in input && input.generation !== machine.generation) return stay(machine)
  switch (input.type) {
    case 'start':
      return begin(machine, input, at)
    case 'cancel':
      // After the phone's yes there is nothing to cancel: that is unlinking.
      return attemptOf(machine.link) === null || machine.link.status === 'finishing'
        ? stay(machine)
        : endAttempt(machine, { status: 'idle' }, [count({ count: 'abandoned' })])
    case 'unlink':
      return unlink(machine, at)
    case 'restore':
      return machine.link.status === 'idle'
        ? reopen(machine, { phone: input.phone, losses: 0, badSessions: 0 })
        : stay(machine)
    case 'leave':
      return leave(machine, input.reason)
    case 'watched':
      return { machine: watched(machine, input.isWatched, at.now), effects: [] }
    case 'socket':
      return attemptOf(machine.link) === null
        ? onLinkedSaid(machine, input.said, at)
        : onAttemptSaid(machine, input.said, at)
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
      return attemptOf(machine.link) === null ? onLinkedDue(machine, at) : onAttemptDue(machine, at)
    default:
      return assertNever(input)
  }
}

function watched(machine: LinkMachine, isWatched: boolean, now: Instant): LinkMachine {
  if (isWatched) return { ...machine, unwatchedSince: null }
  return machine.unwatchedSince === null ? { ...machine, unwatchedSince: now } : machine
}

/** The node lets go: an attempt is told so, a link stays linked, and nothing of it stays open here. */
function leave(machine: LinkMachine, reason: LinkRefusal['reason']): Step {
  const attempt = attemptOf(machine.link)
  const close: LinkEffect = { do: 'close', generation: machine.generation }
  if (attempt === null) return { machine: { ...machine, link: { status: 'idle' } }, effects: [close] }
  const { method } = attempt
  if (machine.link.status === 'finishing' && machine.link.isSaved) {
    const failed = count({ count: 'failed', method, reason })
    return {
      machine: { ...machine, link: { status: 'idle' } },
      effects: [close, failed, tellError(reason)],
    }
  }
  const isLeft = leavesDevice(machine, reason)
  return endAttempt(machine, { status: 'failed', method, reason, retryAt: null, leavesDevice: isLeft }, [
    count({ count: 'failed', method, reason }),
    tellError(reason, null, isLeft),
  ])
}
