import { assertNever, type Instant, instant, later } from '../kernel.ts'
import { closeOfAttempt } from './attempt-close.ts'
import { endAttempt, failAttempt, openLinkedWhenReady, reopenFresh } from './attempt-moves.ts'
import { nextTryAt } from './back-off.ts'
import { count, type LinkEffect, type SocketEvent, tellError } from './effects.ts'
import {
  type Attempt,
  attemptOf,
  type Link,
  type LinkMachine,
  type LinkMethod,
  type PhoneNumber,
  type ShownQr,
} from './link.ts'
import { isSamePhone } from './phone-spellings.ts'
import type { LinkReason } from './reasons.ts'
import type { LinkRules } from './rules.ts'
import { at, type Circumstances, type Step, stay } from './step.ts'

/** What the connection of a running attempt said. */
export function onAttemptSaid(machine: LinkMachine, said: SocketEvent, where: Circumstances): Step {
  const { link } = machine
  switch (said.event) {
    case 'qr':
      return onQr(machine, said.text, where)
    case 'code': {
      if (link.status !== 'code_wanted') return stay(machine)
      const { attempt, phone, qr } = link
      const expiresAt = later(where.now, where.rules.codeLifeMs)
      const shown = { attempt, phone, qr, code: said.code, shownAt: where.now, expiresAt }
      return at(machine, { status: 'code_shown', ...shown, typedAt: null, isDoubtful: false }, [
        count({ count: 'code-issued' }),
      ])
    }
    case 'code-refused':
      return link.status === 'code_wanted'
        ? onCodeRefused(machine, link.attempt, said.why, where)
        : stay(machine)
    case 'code-typed':
      return link.status === 'code_shown'
        ? at(machine, { ...link, typedAt: where.now, isDoubtful: false })
        : stay(machine)
    case 'fresh-code-wanted':
      return renew(machine, where)
    case 'passkey-required':
      return failAttempt(machine, 'PASSKEY_REQUIRED')
    case 'paired':
      return onPaired(machine, said.phone, where)
    case 'open':
      return onOpen(machine, said.phone, where)
    case 'closed':
      return closeOfAttempt(machine, said.closing, where)
    default:
      return assertNever(said)
  }
}

function onQr(machine: LinkMachine, text: string, { now, rules }: Circumstances): Step {
  const { link } = machine
  if (!('attempt' in link)) return stay(machine)
  switch (link.status) {
    case 'starting': {
      const { generation } = machine
      const attempt = { ...link.attempt, isCharged: true }
      const charge: readonly LinkEffect[] = link.attempt.isCharged
        ? []
        : [{ do: 'charge', generation, phone: attempt.phone }]
      const qr = shownQr(text, 1, attempt.method, now, rules)
      if (attempt.phone === null) return at(machine, { status: 'qr', attempt, qr }, charge)
      const answerBy = later(now, rules.codeAnswerMs)
      const requestBy = later(attempt.askedAt, rules.requestMs)
      const deadlineAt = instant(Math.min(answerBy, requestBy))
      return at(machine, { status: 'code_wanted', attempt, phone: attempt.phone, qr, deadlineAt }, [
        ...charge,
        { do: 'ask-code', generation, phone: attempt.phone },
      ])
    }
    case 'qr':
    case 'code_wanted':
    case 'code_shown': {
      // The same reference again, with another secret, is no new QR and lives no longer.
      const isSame = referenceOf(text) === referenceOf(link.qr.text)
      const qr = isSame
        ? { ...link.qr, text }
        : shownQr(text, link.qr.number + 1, link.attempt.method, now, rules)
      return at(machine, { ...link, qr })
    }
    case 'finishing':
      return stay(machine)
  }
}

/** The part of a QR's text that names the reference it stands for; the rest are keys. */
const referenceOf = (text: string): string => text.slice(text.indexOf('#') + 1).split(',')[0] ?? ''

function shownQr(text: string, number: number, method: LinkMethod, now: Instant, rules: LinkRules): ShownQr {
  const lifeMs = method === 'code' ? rules.codeModeQrMs : number === 1 ? rules.firstQrMs : rules.nextQrMs
  return { text, number, expiresAt: later(now, lifeMs) }
}

function onCodeRefused(
  machine: LinkMachine,
  attempt: Attempt,
  why: (SocketEvent & { event: 'code-refused' })['why'],
  where: Circumstances,
): Step {
  const { otherPhone } = attempt
  switch (why) {
    case 'refused':
      return otherPhone === null
        ? failAttempt(machine, 'WA_REFUSED')
        : reopenFresh(machine, { ...attempt, phone: otherPhone, otherPhone: null }, where)
    case 'rate-limited':
      return { machine, effects: [{ do: 'cool-down', of: 'codes' }] }
    case 'no-answer':
      return failAttempt(machine, 'WA_NO_ANSWER')
    case 'malformed':
      return failAttempt(machine, 'INTERNAL', [
        { do: 'capture', operation: 'pairing-code', statusCode: null },
      ])
  }
}

/** WhatsApp wants another code: on a connection of its own, since the old one may still be typed. */
function renew(machine: LinkMachine, { now, rules }: Circumstances): Step {
  const attempt = attemptOf(machine.link)
  if (attempt === null || attempt.phone === null || machine.link.status === 'finishing') return stay(machine)
  if (attempt.renewals >= rules.renewalsMax) return failAttempt(machine, 'CODE_EXPIRED')
  return reopenFresh(machine, { ...attempt, renewals: attempt.renewals + 1, askedAt: now }, { now, rules })
}

/** WhatsApp wants a pause, and everybody knows until when: the attempt is over. */
export function onCooled(machine: LinkMachine, until: Instant | null): Step {
  return attemptOf(machine.link) === null || machine.link.status === 'finishing'
    ? stay(machine)
    : failAttempt(machine, 'WA_RATE_LIMITED', [], until)
}

/** The budgets were used up by others between the request and the moment at which WhatsApp would have been asked. */
export function onNotAdmitted(
  machine: LinkMachine,
  { reason, retryAt }: { readonly reason: LinkReason; readonly retryAt: Instant | null },
): Step {
  if (machine.link.status === 'finishing') return stay(machine)
  const alarms: readonly LinkEffect[] =
    reason === 'INTERNAL' ? [{ do: 'capture', operation: 'charge-budget', statusCode: null }] : []
  return failAttempt(machine, reason, alarms, retryAt)
}

function onPaired(machine: LinkMachine, phone: PhoneNumber, { now, rules }: Circumstances): Step {
  const attempt = attemptOf(machine.link)
  if (attempt === null || machine.link.status === 'finishing') return stay(machine)
  const finishing = {
    attempt,
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
export function onSaved(machine: LinkMachine): Step {
  const { link } = machine
  if (link.status !== 'finishing') return stay(machine)
  return openLinkedWhenReady({ ...machine, link: { ...link, isSaved: true } })
}

/** The phone has paired, and the credentials were not saved: the phone lists a device that does not exist. */
export function onNotSaved(machine: LinkMachine, reason: LinkReason): Step {
  if (machine.link.status !== 'finishing') return stay(machine)
  const isOurs = reason !== 'NUMBER_UNAVAILABLE'
  return failAttempt(
    machine,
    reason,
    isOurs ? [{ do: 'capture', operation: 'save-credentials', statusCode: null }] : [],
  )
}

function onOpen(machine: LinkMachine, phone: PhoneNumber, { now }: Circumstances): Step {
  const { link } = machine
  if (link.status !== 'finishing') return stay(machine)
  const { attempt } = link
  if (attempt.phone !== null && !isSamePhone(attempt.phone, phone)) {
    const failed = failAttempt(machine, 'NUMBER_MISMATCH', [
      { do: 'capture', operation: 'number-mismatch', statusCode: null },
    ])
    const { generation } = machine
    const goes = failed.effects.filter((effect) => effect.do !== 'close' && effect.do !== 'forget')
    return { machine: failed.machine, effects: [{ do: 'log-out', generation }, ...goes] }
  }
  return at(machine, { status: 'connected', phone, openedAt: now, losses: 0, badSessions: 0 }, [
    count({ count: 'succeeded', method: attempt.method, tookMs: now - attempt.startedAt }),
    { do: 'tell-linked', phone },
  ])
}

/** The attempt’s deadline has come, or no page has watched it for too long. */
export function onAttemptDue(machine: LinkMachine, where: Circumstances): Step {
  const { link, unwatchedSince } = machine
  const { now, rules } = where
  const forgottenAt =
    unwatchedSince === null ? null : unwatchedSince + rules.codeLifeMs + rules.unwatchedExtraMs
  if (link.status !== 'finishing' && forgottenAt !== null && now >= forgottenAt)
    return endAttempt(machine, { status: 'idle' }, [count({ count: 'abandoned' })])
  if (!('attempt' in link)) return stay(machine)
  switch (link.status) {
    case 'starting':
      return now >= link.deadlineAt ? failAttempt(machine, 'WA_UNREACHABLE') : stay(machine)
    case 'code_wanted':
      return now >= link.deadlineAt ? failAttempt(machine, 'WA_NO_ANSWER') : stay(machine)
    case 'qr':
      return now >= link.qr.expiresAt ? failAttempt(machine, 'QR_EXPIRED') : stay(machine)
    case 'code_shown':
      return onCodeDue(machine, link, where)
    case 'finishing':
      return onFinishingDue(machine, link, where)
  }
}

function onFinishingDue(
  machine: LinkMachine,
  link: Link & { readonly status: 'finishing' },
  where: Circumstances,
): Step {
  if (where.now < link.deadlineAt)
    return link.retryAt !== null && where.now >= link.retryAt ? openLinkedWhenReady(machine) : stay(machine)
  if (!link.isSaved) return failAttempt(machine, 'WA_UNREACHABLE')
  // The link is made: it is only that WhatsApp cannot be reached just now, and that goes on by itself.
  const { method } = link.attempt
  const retryAt = nextTryAt(0, where)
  return at(machine, { status: 'reconnecting', phone: link.phone, losses: 1, badSessions: 0, retryAt }, [
    { do: 'close', generation: machine.generation },
    count({ count: 'failed', method, reason: 'WA_UNREACHABLE' }),
    tellError('WA_UNREACHABLE', retryAt),
  ])
}

function onCodeDue(
  machine: LinkMachine,
  link: Link & { readonly status: 'code_shown' },
  { now, rules }: Circumstances,
): Step {
  const isWaiting = link.typedAt !== null && now < link.typedAt + rules.typedMs
  if (isWaiting) return stay(machine)
  if (now >= link.expiresAt) return failAttempt(machine, 'CODE_EXPIRED')
  return link.typedAt === null ? stay(machine) : at(machine, { ...link, typedAt: null, isDoubtful: true })
}
