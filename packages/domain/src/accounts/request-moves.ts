import { type Instant, instant } from '../kernel.ts'
import { type Account, type AccountMachine, type AccountRequest, linkedPhone, requestOf } from './account.ts'
import { type AccountEffect, count, tellError } from './effects.ts'
import { otherSpelling } from './phone-spellings.ts'
import type { AccountReason } from './reasons.ts'
import { after, at, type Circumstances, openLinked, type Step, stay } from './step.ts'

type Moment = Pick<Circumstances, 'now' | 'rules'>

/** A new attempt, on a connection and credentials of its own; whatever attempt was there gives way. */
export function begin(
  machine: AccountMachine,
  { method, phone }: Pick<AccountRequest, 'method' | 'phone'>,
  { now, rules }: Moment,
): Step {
  const former = requestOf(machine.account)
  // A replaced account links anew: the former number is free then.
  const forgotten: readonly AccountEffect[] = linkedPhone(machine.account) === null ? [] : [{ do: 'forget' }]
  const ended: readonly AccountEffect[] =
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
  const request: AccountRequest = {
    method,
    phone,
    otherPhone,
    isCharged: false,
    startedAt: now,
    askedAt: now,
    retries: 0,
    renewals: 0,
  }
  return after([...ended, count({ count: 'started', method })], openFresh(machine, request, { now, rules }))
}

/** Another connection for the same attempt: the QR and the code of the former one are void. */
export function openFresh(machine: AccountMachine, request: AccountRequest, { now, rules }: Moment): Step {
  const generation = machine.generation + 1
  // However often its connection is replaced, a request has one end.
  const deadlineAt = instant(Math.min(now + rules.startMs, request.askedAt + rules.requestMs))
  return {
    machine: { ...machine, generation, account: { status: 'starting', request, deadlineAt } },
    effects: [{ do: 'open', generation, as: 'fresh', method: request.method }],
  }
}

/** Ends a request: its connection goes, and so does what it would have logged in with. */
export function endRequest(
  machine: AccountMachine,
  account: Account,
  effects: readonly AccountEffect[],
): Step {
  const close: AccountEffect = { do: 'close', generation: machine.generation }
  return at(machine, account, [close, { do: 'forget' }, ...effects])
}

/** Opens another connection for the same attempt, after the one that it has. */
export function reopenFresh(machine: AccountMachine, request: AccountRequest, where: Moment): Step {
  return after([{ do: 'close', generation: machine.generation }], openFresh(machine, request, where))
}

/** With these the phone has no device of ours any more, though it had said yes. */
const DEVICE_GONE: ReadonlySet<AccountReason> = new Set(['LOGGED_OUT', 'NUMBER_MISMATCH'])

/** Whether the phone still lists our device after a request that ends with this reason. */
export const leavesDevice = ({ account }: AccountMachine, reason: AccountReason): boolean =>
  account.status === 'finishing' && !DEVICE_GONE.has(reason)

/** Ends a request with a reason, of which every watching page is told once. */
export function failRequest(
  machine: AccountMachine,
  reason: AccountReason,
  more: readonly AccountEffect[] = [],
  retryAt: Instant | null = null,
): Step {
  const request = requestOf(machine.account)
  if (request === null) return stay(machine)
  const { method } = request
  const isLeft = leavesDevice(machine, reason)
  const account: Account =
    reason === 'QR_EXPIRED' || reason === 'CODE_EXPIRED'
      ? { status: 'expired', method }
      : { status: 'failed', method, reason, retryAt, leavesDevice: isLeft }
  return endRequest(machine, account, [
    ...more,
    count({ count: 'failed', method, reason }),
    tellError(reason, retryAt, isLeft),
  ])
}

/** Opens the connection that logs in, once nothing of the pairing is pending. */
export function openLinkedWhenReady(machine: AccountMachine): Step {
  const { account } = machine
  if (account.status !== 'finishing' || !account.isSaved || !account.isEnded) return stay(machine)
  return openLinked(machine, { ...account, retryAt: null })
}
