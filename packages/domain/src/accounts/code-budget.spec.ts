import { describe, expect, it } from 'vitest'
import { type Instant, instant } from '../kernel.ts'
import {
  type CodeBudget,
  type CodeBudgetKind,
  chargeCode,
  codeBudgetEndsAt,
  coolDown,
} from './code-budget.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

function asked(kind: CodeBudgetKind, moments: readonly number[]): CodeBudget {
  return moments.reduce<CodeBudget | undefined>((budget, at) => {
    const charged = chargeCode(budget, kind, instant(at))
    return charged.ok ? charged.value : expect.fail()
  }, undefined)!
}

describe('codes an hour', () => {
  it.each([
    ['session', 5],
    ['phone', 5],
    ['address', 20],
    ['qr', 30],
  ] as const)('a %s has %i, then COOLDOWN until the oldest is an hour old (sentence 8)', (kind, limit) => {
    const budget = asked(
      kind,
      Array.from({ length: limit }, (_, n) => n * 1_000),
    )
    expect(chargeCode(budget, kind, instant(HOUR_MS - 1))).toEqual({
      ok: false,
      refusal: { reason: 'COOLDOWN', retryAt: HOUR_MS },
    })
    expect(chargeCode(budget, kind, instant(HOUR_MS))).toMatchObject({ ok: true })
  })

  it('keep no more than an hour of requests, however long they go on', () => {
    const many = asked(
      'address',
      Array.from({ length: 200 }, (_, n) => n * 4 * MINUTE_MS),
    )
    expect(many.askedAt.length).toBeLessThanOrEqual(20)
    expect(codeBudgetEndsAt(many, instant(0))).toBe(many.askedAt.at(-1)! + HOUR_MS)
  })
})

describe('a pause that WhatsApp asked for', () => {
  const refusedUntil = (budget: CodeBudget, now: Instant) => {
    const charged = chargeCode(budget, 'session', now)
    return charged.ok ? null : charged.refusal.retryAt
  }

  it('is five minutes, and twice as long each time after (sentence 8)', () => {
    let budget: CodeBudget | undefined
    let now = instant(0)
    for (const minutes of [5, 10, 20, 40]) {
      budget = coolDown(budget, now)
      expect(refusedUntil(budget, now)).toBe(now + minutes * MINUTE_MS)
      now = instant(now + minutes * MINUTE_MS)
      expect(refusedUntil(budget, now)).toBeNull()
    }
  })

  it('is never longer than a day, and five minutes again after a quiet one', () => {
    let budget: CodeBudget | undefined
    for (let n = 0; n < 20; n++) budget = coolDown(budget, instant(0))
    expect(refusedUntil(budget!, instant(0))).toBe(24 * HOUR_MS)
    const later = instant(49 * HOUR_MS)
    expect(refusedUntil(coolDown(budget, later), later)).toBe(later + 5 * MINUTE_MS)
  })
})
