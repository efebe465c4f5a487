import { accept, type Decision, type Instant, instant, refuse } from '../kernel.ts'
import { type AccountRefusal, refusalFor } from './reasons.ts'

/** When codes were asked for under one name (a session, a number, an address) within the window, oldest first. */
export interface CodeBudget {
  readonly askedAt: readonly Instant[]
  /** no code before then, since WhatsApp asked for a pause; null when it did not */
  readonly coolUntil: Instant | null
  /** the length of the last such pause, milliseconds: the next is twice as long */
  readonly coolMs: number
}

export const freshCodeBudget: CodeBudget = { askedAt: [], coolUntil: null, coolMs: 0 }

const HOUR_MS = 60 * 60_000
const FIRST_COOL_MS = 5 * 60_000
/** A pause that doubles for ever would never end; a day is what WhatsApp's own bans begin with. */
const COOL_MS_MAX = 24 * HOUR_MS

/**
 * Codes an hour, by their subject. `qr`: QRs of one session; each is a connection to WhatsApp from here, and honest use
 * needs far fewer.
 */
export const codesAnHour = { session: 5, phone: 5, address: 20, qr: 30 } as const
export type CodeBudgetKind = keyof typeof codesAnHour

/** Whether one more code may be asked for, and the budget with it charged. */
export function chargeCode(
  budget: CodeBudget | undefined,
  kind: CodeBudgetKind,
  now: Instant,
): Decision<CodeBudget, AccountRefusal> {
  const { askedAt, coolUntil, coolMs } = budget ?? freshCodeBudget
  if (coolUntil !== null && now < coolUntil) return refuse(refusalFor('COOLDOWN', coolUntil))
  const recent = askedAt.filter((at) => now - at < HOUR_MS)
  const [oldest] = recent
  if (oldest !== undefined && recent.length >= codesAnHour[kind])
    return refuse(refusalFor('COOLDOWN', oldest + HOUR_MS))
  return accept({ askedAt: [...recent, now], coolUntil, coolMs })
}

/** WhatsApp wants a pause: five minutes, then ten, then twenty. A quiet day makes it five again. */
export function coolDown(budget: CodeBudget | undefined, now: Instant): CodeBudget {
  const { askedAt, coolMs, coolUntil } = budget ?? freshCodeBudget
  const isFirst = coolUntil === null || now - coolUntil > COOL_MS_MAX
  const nextMs = isFirst ? FIRST_COOL_MS : Math.min(COOL_MS_MAX, coolMs * 2)
  return { askedAt, coolUntil: instant(now + nextMs), coolMs: nextMs }
}

/** When a budget has nothing left to say and may be swept. */
export function codeBudgetEndsAt({ askedAt, coolUntil }: CodeBudget, now: Instant): Instant {
  const quietAt = coolUntil === null ? now : coolUntil + COOL_MS_MAX
  return instant(Math.max(now, (askedAt.at(-1) ?? 0) + HOUR_MS, quietAt))
}
