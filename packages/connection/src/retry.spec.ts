import { expect, it } from 'vitest'
import { Retry } from './retry.ts'

/** A retry on a clock of its own, whose waits are the longest that its randomness allows. */
function retry() {
  const time = { nowMs: 0 }
  const waits: number[] = []
  let due: (() => void) | null = null
  let runs = 0
  const made = new Retry(
    {
      nowMs: () => time.nowMs,
      randomBytes: (count) => new Uint8Array(count).fill(0xff),
      after: (delayMs, run) => {
        waits.push(delayMs)
        due = run
        return () => (due = null)
      },
    },
    () => (runs += 1),
  )
  const passes = (ms: number) => (time.nowMs += ms)
  const fire = () => due?.()
  return { made, waits, passes, fire, runs: () => runs }
}

it('waits grow while nothing succeeds', () => {
  const { made, waits } = retry()
  for (let times = 0; times < 5; times++) made.afterFailure()
  expect(waits).toEqual([999, 1_999, 3_999, 7_999, 7_999])
})

it('successes that end at once do not begin the waits anew: they grow to four seconds, and stay there', () => {
  const { made, waits, passes } = retry()
  for (let times = 0; times < 6; times++) {
    made.succeeded()
    passes(5_000)
    made.afterFailure()
  }
  expect(waits).toEqual([999, 1_999, 3_999, 3_999, 3_999, 3_999])
})

it('a success that lasts begins them anew', () => {
  const { made, waits, passes } = retry()
  for (let times = 0; times < 4; times++) made.afterFailure()
  made.succeeded()
  passes(5_001)
  made.afterFailure()
  expect(waits.at(-1)).toBe(999)
})

it('at most one try is waited for, and its time is told', () => {
  const { made, fire, runs } = retry()
  made.after(10)
  made.after(20)
  expect(made.nextTryAtMs).toBe(20)
  fire()
  expect([runs(), made.nextTryAtMs]).toEqual([1, null])
  made.after(30)
  made.stop()
  fire()
  expect([runs(), made.nextTryAtMs]).toEqual([1, null])
})
