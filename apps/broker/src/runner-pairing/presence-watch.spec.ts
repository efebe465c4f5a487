import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PresenceWatch } from './presence-watch.ts'

let told: [string, string][] = []
let watch: PresenceWatch

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  told = []
  watch = new PresenceWatch(() => Date.now(), {
    silent: (runnerId) => told.push(['silent', runnerId]),
    due: (runnerId) => told.push(['due', runnerId]),
    renewCode: (runnerId) => told.push(['renew', runnerId]),
    codeDue: (runnerId) => told.push(['code', runnerId]),
  })
})
afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

it('a runner that falls silent is first away, then due', () => {
  watch.heard('r', 30_000, 90_000)
  vi.advanceTimersByTime(29_999)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told).toEqual([['silent', 'r']])
  vi.advanceTimersByTime(60_000)
  expect(told.slice(1)).toEqual([['due', 'r']])
  vi.advanceTimersByTime(600_000)
  expect(told).toHaveLength(2)
})

it('a runner that is heard in time is never away', () => {
  for (let at = 0; at < 600_000; at += 10_000) {
    watch.heard('r', at + 30_000, at + 90_000)
    vi.advanceTimersByTime(10_000)
  }
  expect(told).toEqual([])
})

it('a lost connection is due sooner than the silence would have been', () => {
  watch.heard('r', 30_000, 90_000)
  vi.advanceTimersByTime(1_000)
  watch.lost('r', 3_000)
  vi.advanceTimersByTime(2_000)
  expect(told).toEqual([['due', 'r']])
})

it('a runner that is gone is watched no more', () => {
  watch.heard('r', 30_000, 90_000)
  watch.codeUntil('r', 40_000)
  watch.gone('r')
  vi.advanceTimersByTime(600_000)
  expect(told).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

it('a code is renewed once, a while before its end', () => {
  watch.codeUntil('r', 100_000)
  for (let at = 0; at < 200_000; at += 10_000) {
    watch.heard('r', at + 30_000, at + 90_000)
    vi.advanceTimersByTime(10_000)
  }
  expect(told).toEqual([
    ['renew', 'r'],
    ['code', 'r'],
  ])
})

it('a day is no wait that overflows a timer', () => {
  watch.codeUntil('r', 365 * 24 * 60 * 60 * 1_000)
  watch.lost('r', 366 * 24 * 60 * 60 * 1_000)
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([])
})

it('a code is due at its deadline, again when the store says so, and not once its runner is gone', () => {
  watch.codeUntil('r', 100_000)
  vi.advanceTimersByTime(99_999)
  expect(told).toEqual([['renew', 'r']])
  vi.advanceTimersByTime(1)
  expect(told.slice(1)).toEqual([['code', 'r']])
  watch.codeAgain('r', 105_000)
  vi.advanceTimersByTime(5_000)
  expect(told.slice(2)).toEqual([['code', 'r']])
  watch.gone('r')
  watch.codeAgain('r', 110_000)
  vi.advanceTimersByTime(600_000)
  expect(told).toHaveLength(3)
})
