import { type Instant, instant } from '../kernel.ts'
import { count, type LinkEffect, tellError } from './effects.ts'
import { type Attempt, attemptOf, type Link, type LinkMachine, linkedPhone } from './link.ts'
import { otherSpelling } from './phone-spellings.ts'
import type { LinkReason } from './reasons.ts'
import { after, at, type Circumstances, openLinked, type Step, stay } from './step.ts'

type Moment = Pick<Circumstances, 'now' | 'rules'>

/** A new attempt, on a connection and credentials of its own; whatever attempt was there gives way. */
export function begin(
  machine: LinkMachine,
  { method, phone }: Pick<Attempt, 'method' | 'phone'>,
  { now, rules }: Moment,
): Step {
  const former = attemptOf(machine.link)
  // A replaced account links anew: the former number is free then.
  const forgotten: readonly LinkEffect[] = linkedPhone(machine.link) === null ? [] : [{ do: 'forget' }]
  const ended: readonly LinkEffect[] =
    former === null
      ? forgotten
      : [
          { do: 'close', generation: machine.generation },
          count({ count: 'abandoned' }),
          ...(former.method === method
            ? []
            : [count({ count: 'switched', from: former.method, to: method })]),
        ]
  const otherPhone = phone === null ? null : otherSpelling(phone)
  const attempt: Attempt = {
    method,
    phone,
    otherPhone,
    isCharged: false,
    startedAt: now,
    askedAt: now,
    retries: 0,
    renewals: 0,
  }
  return after([...ended, count({ count: 'started', method })], openFresh(machine, attempt, { now, rules }))
}

/** Another connection for the same attempt: the QR and the code of the former one are void. */
export function openFresh(machine: LinkMachine, attempt: Attempt, { now, rules }: Moment): Step {
  const generation = machine.generation + 1
  // However often its connection is replaced, a request has one end.
  const deadlineAt = instant(Math.min(now + rules.startMs, attempt.askedAt + rules.requestMs))
  return {
    machine: { ...machine, generation, link: { status: 'starting', attempt, deadlineAt } },
    effects: [{ do: 'open', generation, as: 'fresh', method: attempt.method }],
  }
}

/** Ends an attempt: its connection goes, and so does what it would have logged in with. */
export function endAttempt(machine: LinkMachine, link: Link, effects: readonly LinkEffect[]): Step {
  const close: LinkEffect = { do: 'close', generation: machine.generation }
  return at(machine, link, [close, { do: 'forget' }, ...effects])
}

/** Opens another connection for the same attempt, after the one that it has. */
export function reopenFresh(machine: LinkMachine, attempt: Attempt, where: Moment): Step {
  return after([{ do: 'close', generation: machine.generation }], openFresh(machine, attempt, where))
}

/** With these the phone has no device of ours any more, though it had said yes. */
const DEVICE_GONE: ReadonlySet<LinkReason> = new Set(['LOGGED_OUT', 'NUMBER_MISMATCH'])

/** Whether the phone still lists our device after an attempt that ends with this reason. */
export const leavesDevice = ({ link }: LinkMachine, reason: LinkReason): boolean =>
  link.status === 'finishing' && !DEVICE_GONE.has(reason)

/** Ends an attempt with a reason, of which every watching page is told once. */
export function failAttempt(
  machine: LinkMachine,
  reason: LinkReason,
  more: readonly LinkEffect[] = [],
  retryAt: Instant | null = null,
): Step {
  const attempt = attemptOf(machine.link)
  if (attempt === null) return stay(machine)
  const { method } = attempt
  const isLeft = leavesDevice(machine, reason)
  const link: Link =
    reason === 'QR_EXPIRED' || reason === 'CODE_EXPIRED'
      ? { status: 'expired', method }
      : { status: 'failed', method, reason, retryAt, leavesDevice: isLeft }
  return endAttempt(machine, link, [
    ...more,
    count({ count: 'failed', method, reason }),
    tellError(reason, retryAt, isLeft),
  ])
}

/** Opens the connection that logs in, once nothing of the pairing is pending. */
export function openLinkedWhenReady(machine: LinkMachine): Step {
  const { link } = machine
  if (link.status !== 'finishing' || !link.isSaved || !link.isEnded) return stay(machine)
  return openLinked(machine, { ...link, retryAt: null })
}
