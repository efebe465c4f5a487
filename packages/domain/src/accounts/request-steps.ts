import { assertNever, type Instant, instant, later } from '../kernel.ts'
import {
  type Account,
  type AccountMachine,
  type AccountMethod,
  type AccountRequest,
  type PhoneNumber,
  requestOf,
  type ShownQr,
} from './account.ts'
import { nextTryAt } from './back-off.ts'
import { type AccountEffect, count, type SocketEvent, tellError } from './effects.ts'
import { isSamePhone } from './phone-spellings.ts'
import type { AccountReason } from './reasons.ts'
import { closeOfRequest } from './request-close.ts'
import { endRequest, failRequest, openLinkedWhenReady, reopenFresh } from './request-moves.ts'
import type { AccountRules } from './rules.ts'
import { at, type Circumstances, type Step, stay } from './step.ts'

/** What the connection of a running request said. */
export function onRequestSaid(machine: AccountMachine, said: SocketEvent, where: Circumstances): Step {
  const { account } = machine
  switch (said.event) {
    case 'qr':
      return onQr(machine, said.text, where)
    case 'code': {
      if (account.status !== 'code_wanted') return stay(machine)
      const { request, phone, qr } = account
      const expiresAt = later(where.now, where.rules.codeLifeMs)
      const shown = { request, phone, qr, code: said.code, shownAt: where.now, expiresAt }
      return at(machine, { status: 'code_shown', ...shown, typedAt: null, isDoubtful: false }, [
        count({ count: 'code-issued' }),
      ])
    }
    case 'code-refused':
      return account.status === 'code_wanted'
        ? onCodeRefused(machine, account.request, said.why, where)
        : stay(machine)
    case 'code-typed':
      return account.status === 'code_shown'
        ? at(machine, { ...account, typedAt: where.now, isDoubtful: false })
        : stay(machine)
    case 'fresh-code-wanted':
      return renew(machine, where)
    case 'passkey-required':
      return failRequest(machine, 'PASSKEY_REQUIRED')
    case 'paired':
      return onPaired(machine, said.phone, where)
    case 'open':
      return onOpen(machine, said.phone, where)
    case 'closed':
      return closeOfRequest(machine, said.closing, where)
    default:
      return assertNever(said)
  }
}

function onQr(machine: AccountMachine, text: string, { now, rules }: Circumstances): Step {
  const { account } = machine
  if (!('request' in account)) return stay(machine)
  switch (account.status) {
    case 'starting': {
      const { generation } = machine
      const request = { ...account.request, isCharged: true }
      const charge: readonly AccountEffect[] = account.request.isCharged
        ? []
        : [{ do: 'charge', generation, phone: request.phone }]
      const qr = shownQr(text, 1, request.method, now, rules)
      if (request.phone === null) return at(machine, { status: 'qr', request, qr }, charge)
      const answerBy = later(now, rules.codeAnswerMs)
      const requestBy = later(request.askedAt, rules.requestMs)
      const deadlineAt = instant(Math.min(answerBy, requestBy))
      return at(machine, { status: 'code_wanted', request, phone: request.phone, qr, deadlineAt }, [
        ...charge,
        { do: 'ask-code', generation, phone: request.phone },
      ])
    }
    case 'qr':
    case 'code_wanted':
    case 'code_shown': {
      // The same reference again, with another secret, is no new QR and lives no longer.
      const isSame = referenceOf(text) === referenceOf(account.qr.text)
      const qr = isSame
        ? { ...account.qr, text }
        : shownQr(text, account.qr.number + 1, account.request.method, now, rules)
      return at(machine, { ...account, qr })
    }
    case 'finishing':
      return stay(machine)
  }
}

/** The part of a QR's text that names the reference it stands for; the rest are keys. */
const referenceOf = (text: string): string => text.slice(text.indexOf('#') + 1).split(',')[0] ?? ''

function shownQr(
  text: string,
  number: number,
  method: AccountMethod,
  now: Instant,
  rules: AccountRules,
): ShownQr {
  const lifeMs = method === 'code' ? rules.codeModeQrMs : number === 1 ? rules.firstQrMs : rules.nextQrMs
  return { text, number, expiresAt: later(now, lifeMs) }
}

function onCodeRefused(
  machine: AccountMachine,
  request: AccountRequest,
  why: (SocketEvent & { event: 'code-refused' })['why'],
  where: Circumstances,
): Step {
  const { otherPhone } = request
  switch (why) {
    case 'refused':
      return otherPhone === null
        ? failRequest(machine, 'WA_REFUSED')
        : reopenFresh(machine, { ...request, phone: otherPhone, otherPhone: null }, where)
    case 'rate-limited':
      return { machine, effects: [{ do: 'cool-down', of: 'codes' }] }
    case 'no-answer':
      return failRequest(machine, 'WA_NO_ANSWER')
    case 'malformed':
      return failRequest(machine, 'INTERNAL', [
        { do: 'capture', operation: 'pairing-code', statusCode: null },
      ])
  }
}

/** WhatsApp wants another code: on a connection of its own, since the old one may still be typed. */
function renew(machine: AccountMachine, { now, rules }: Circumstances): Step {
  const request = requestOf(machine.account)
  if (request === null || request.phone === null || machine.account.status === 'finishing')
    return stay(machine)
  if (request.renewals >= rules.renewalsMax) return failRequest(machine, 'CODE_EXPIRED')
  return reopenFresh(machine, { ...request, renewals: request.renewals + 1, askedAt: now }, { now, rules })
}

/** WhatsApp wants a pause, and everybody knows until when: the request is over. */
export function onCooled(machine: AccountMachine, until: Instant | null): Step {
  return requestOf(machine.account) === null || machine.account.status === 'finishing'
    ? stay(machine)
    : failRequest(machine, 'WA_RATE_LIMITED', [], until)
}

/** The budgets were used up by others between the request and the moment at which WhatsApp would have been asked. */
export function onNotAdmitted(
  machine: AccountMachine,
  { reason, retryAt }: { readonly reason: AccountReason; readonly retryAt: Instant | null },
): Step {
  if (machine.account.status === 'finishing') return stay(machine)
  const alarms: readonly AccountEffect[] =
    reason === 'INTERNAL' ? [{ do: 'capture', operation: 'charge-budget', statusCode: null }] : []
  return failRequest(machine, reason, alarms, retryAt)
}

function onPaired(machine: AccountMachine, phone: PhoneNumber, { now, rules }: Circumstances): Step {
  const request = requestOf(machine.account)
  if (request === null || machine.account.status === 'finishing') return stay(machine)
  const finishing = {
    request,
    phone,
    isSaved: false,
    isEnded: false,
    retryAt: null,
    deadlineAt: later(now, rules.finishMs),
  }
  return at(machine, { status: 'finishing', ...finishing }, [
    { do: 'save', generation: machine.generation, phone },
  ])
}

/** The credentials are kept; once the pairing connection has ended too, the real one is opened. */
export function onSaved(machine: AccountMachine): Step {
  const { account } = machine
  if (account.status !== 'finishing') return stay(machine)
  return openLinkedWhenReady({ ...machine, account: { ...account, isSaved: true } })
}

/** The phone has paired, and the credentials were not saved: the phone lists a device that does not exist. */
export function onNotSaved(machine: AccountMachine, reason: AccountReason): Step {
  if (machine.account.status !== 'finishing') return stay(machine)
  const isOurs = reason !== 'NUMBER_UNAVAILABLE'
  return failRequest(
    machine,
    reason,
    isOurs ? [{ do: 'capture', operation: 'save-credentials', statusCode: null }] : [],
  )
}

function onOpen(machine: AccountMachine, phone: PhoneNumber, { now }: Circumstances): Step {
  const { account } = machine
  if (account.status !== 'finishing') return stay(machine)
  const { request } = account
  if (request.phone !== null && !isSamePhone(request.phone, phone)) {
    const failed = failRequest(machine, 'NUMBER_MISMATCH', [
      { do: 'capture', operation: 'number-mismatch', statusCode: null },
    ])
    const { generation } = machine
    const goes = failed.effects.filter((effect) => effect.do !== 'close' && effect.do !== 'forget')
    return { machine: failed.machine, effects: [{ do: 'log-out', generation }, ...goes] }
  }
  return at(machine, { status: 'connected', phone, openedAt: now, losses: 0, badSessions: 0 }, [
    count({ count: 'succeeded', method: request.method, tookMs: now - request.startedAt }),
    { do: 'tell-linked', phone },
  ])
}

/** The request’s deadline has come, or no page has watched it for too long. */
export function onRequestDue(machine: AccountMachine, where: Circumstances): Step {
  const { account, unwatchedSince } = machine
  const { now, rules } = where
  const forgottenAt =
    unwatchedSince === null ? null : unwatchedSince + rules.codeLifeMs + rules.unwatchedExtraMs
  if (account.status !== 'finishing' && forgottenAt !== null && now >= forgottenAt)
    return endRequest(machine, { status: 'idle' }, [count({ count: 'abandoned' })])
  if (!('request' in account)) return stay(machine)
  switch (account.status) {
    case 'starting':
      return now >= account.deadlineAt ? failRequest(machine, 'WA_UNREACHABLE') : stay(machine)
    case 'code_wanted':
      return now >= account.deadlineAt ? failRequest(machine, 'WA_NO_ANSWER') : stay(machine)
    case 'qr':
      return now >= account.qr.expiresAt ? failRequest(machine, 'QR_EXPIRED') : stay(machine)
    case 'code_shown':
      return onCodeDue(machine, account, where)
    case 'finishing':
      return onFinishingDue(machine, account, where)
  }
}

function onFinishingDue(
  machine: AccountMachine,
  account: Account & { readonly status: 'finishing' },
  where: Circumstances,
): Step {
  if (where.now < account.deadlineAt)
    return account.retryAt !== null && where.now >= account.retryAt
      ? openLinkedWhenReady(machine)
      : stay(machine)
  if (!account.isSaved) return failRequest(machine, 'WA_UNREACHABLE')
  // The account is made: it is only that WhatsApp cannot be reached just now, and that goes on by itself.
  const { method } = account.request
  const retryAt = nextTryAt(0, where)
  return at(machine, { status: 'reconnecting', phone: account.phone, losses: 1, badSessions: 0, retryAt }, [
    { do: 'close', generation: machine.generation },
    count({ count: 'failed', method, reason: 'WA_UNREACHABLE' }),
    tellError('WA_UNREACHABLE', retryAt),
  ])
}

function onCodeDue(
  machine: AccountMachine,
  account: Account & { readonly status: 'code_shown' },
  { now, rules }: Circumstances,
): Step {
  const isWaiting = account.typedAt !== null && now < account.typedAt + rules.typedMs
  if (isWaiting) return stay(machine)
  if (now >= account.expiresAt) return failRequest(machine, 'CODE_EXPIRED')
  return account.typedAt === null
    ? stay(machine)
    : at(machine, { ...account, typedAt: null, isDoubtful: true })
}
