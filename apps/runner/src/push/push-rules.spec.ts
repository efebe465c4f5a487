import type { PushRules } from '@latchkey/protocol/terminal/push'
import { expect, it } from 'vitest'
import type { PushNews } from './notify.ts'
import { wants } from './push-rules.ts'

const RULES: PushRules = { needsYou: true, failed: true, done: false, quiet: null, muted: [4] }
const news = (kind: PushNews['kind'], terminal = 3): PushNews => ({ terminal, kind, title: 't', body: '' })
const NOON = Date.UTC(2026, 10, 30, 12, 0)
const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 30, hour, minute)
const quiet = (from: number, to: number, more: Partial<NonNullable<PushRules['quiet']>> = {}): PushRules => ({
  ...RULES,
  quiet: { from, to, zone: 'UTC', exceptNeeds: false, ...more },
})

it('an app is called for what it wants, and never for a muted terminal', () => {
  const kinds = ['needs-you', 'question', 'failed', 'done'] as const
  expect(kinds.map((kind) => wants(RULES, news(kind), NOON))).toEqual([true, true, true, false])
  expect(kinds.map((kind) => wants(RULES, news(kind, 4), NOON))).toEqual([false, false, false, false])
})

it('quiet hours may go over midnight; their first minute is quiet, their last is not', () => {
  const night = quiet(22 * 60 + 30, 7 * 60)
  const heard = (nowMs: number) => wants(night, news('failed'), nowMs)
  expect([at(22, 29), at(22, 30), at(23, 59), at(0), at(6, 59), at(7), at(12)].map(heard)).toEqual([
    true,
    false,
    false,
    false,
    false,
    true,
    true,
  ])
  const noon = quiet(12 * 60, 13 * 60)
  expect([at(11, 59), at(12), at(12, 59), at(13)].map((ms) => wants(noon, news('failed'), ms))).toEqual([
    true,
    false,
    false,
    true,
  ])
})

it('what waits for a person comes through quiet hours where the person wants that', () => {
  const night = quiet(0, 1_439, { exceptNeeds: true })
  expect(wants(night, news('question'), NOON)).toBe(true)
  expect(wants(night, news('failed'), NOON)).toBe(false)
})

it('quiet hours go by the clock of the app, summer time included, and a zone that is none is no failure', () => {
  const berlin = quiet(12 * 60, 13 * 60, { zone: 'Europe/Berlin' })
  expect(wants(berlin, news('failed'), Date.UTC(2026, 0, 5, 11, 30)), 'UTC+1 in winter').toBe(false)
  expect(wants(berlin, news('failed'), Date.UTC(2026, 6, 5, 10, 30)), 'UTC+2 in summer').toBe(false)
  expect(wants(berlin, news('failed'), Date.UTC(2026, 6, 5, 11, 30))).toBe(true)
  expect(() => wants(quiet(0, 60, { zone: 'Mars/Base' }), news('failed'), NOON)).not.toThrow()
})

it('hours from a minute to the same one are no quiet hours', () => {
  expect(wants(quiet(600, 600), news('failed'), at(10))).toBe(true)
})
