import fc from 'fast-check'
import { assert, describe, expect, test } from 'vitest'
import { instant } from '../kernel.ts'
import {
  type AttemptBudget,
  type BudgetRule,
  banLeftMs,
  budgetEndsAt,
  charge,
  defaultLimits,
  failuresWithin,
} from './budget.ts'

const rule = defaultLimits.session

/** Charges failures at these moments, in milliseconds. */
const charged = (moments: readonly number[], by: BudgetRule = rule): AttemptBudget | undefined =>
  moments.reduce<AttemptBudget | undefined>((budget, at) => charge(budget, by, instant(at)), undefined)

describe('the budget of a session', () => {
  test('five failures within a minute do not ban, the sixth does', () => {
    expect(banLeftMs(charged([1, 2, 3, 4, 5]), instant(5))).toBe(0)
    expect(banLeftMs(charged([1, 2, 3, 4, 5, 6]), instant(6))).toBe(300_000)
  })

  test('failures of one millisecond count each', () => {
    expect(banLeftMs(charged([1, 1, 1, 1, 1]), instant(1))).toBe(0)
    expect(banLeftMs(charged([1, 1, 1, 1, 1, 1]), instant(1))).toBe(300_000)
  })

  test('a failure counts for 60,000 ms and no longer', () => {
    expect(failuresWithin(charged([0]), rule, instant(59_999))).toBe(1)
    expect(failuresWithin(charged([0]), rule, instant(60_000))).toBe(0)
    expect(banLeftMs(charged([0, 1, 2, 3, 4, 59_999]), instant(59_999))).toBe(300_000)
    expect(banLeftMs(charged([0, 1, 2, 3, 4, 60_000]), instant(60_000))).toBe(0)
  })

  test('a ban ends by itself, to the millisecond, and the window after it is empty', () => {
    const banned = charged([0, 0, 0, 0, 0, 0])
    expect(banLeftMs(banned, instant(299_999))).toBe(1)
    expect(banLeftMs(banned, instant(300_000))).toBe(0)
    expect(failuresWithin(banned, rule, instant(300_000))).toBe(0)
  })

  test('may be swept once it says nothing any more', () => {
    const budget = charged([0, 10])
    assert.exists(budget)
    const endsAt = budgetEndsAt(budget, rule, instant(10))
    expect(failuresWithin(budget, rule, endsAt)).toBe(0)
    const banned = charged([0, 0, 0, 0, 0, 0])
    assert.exists(banned)
    expect(banLeftMs(banned, budgetEndsAt(banned, rule, instant(0)))).toBe(0)
  })
})

describe('any budget', () => {
  const rules = fc.record({
    bansAtFailure: fc.integer({ min: 2, max: 700 }),
    windowMs: fc.integer({ min: 1_000, max: 3_600_000 }),
    banMs: fc.integer({ min: 1, max: 3_600_000 }),
    resolutionMs: fc.constantFrom(1, 1_000, 60_000),
  })

  test('never keeps more stamps than its limit or its window’s steps', () => {
    const bounded = fc.property(rules, fc.array(fc.nat({ max: 5_000 }), { maxLength: 300 }), (by, gaps) => {
      let at = 0
      let budget: AttemptBudget | undefined
      for (const gap of gaps) {
        at += gap
        budget = charge(budget, by, instant(at))
        const steps = Math.ceil(by.windowMs / by.resolutionMs) + 1
        expect(budget.failures.length).toBeLessThanOrEqual(Math.min(by.bansAtFailure - 1, steps))
      }
    })
    fc.assert(bounded)
  })

  test('bans whoever fails as often as the rule says within a window, at any resolution', () => {
    const caught = fc.property(rules, (by) => {
      const step = Math.floor((by.windowMs - 1) / by.bansAtFailure)
      const moments = Array.from({ length: by.bansAtFailure }, (_, index) => index * step)
      expect(banLeftMs(charged(moments, by), instant(moments.at(-1) ?? 0))).toBe(by.banMs)
    })
    fc.assert(caught)
  })
})
