import { expect, it } from 'vitest'
import { SnapshotIntake } from './snapshot-intake.ts'

const intake = (bytes: number) =>
  new SnapshotIntake({ type: 'snapshot', terminal: 1, kind: 'screen', offset: 7, cols: 2, rows: 1, bytes })

it('is complete with its last byte, and in order', () => {
  const made = intake(3)
  expect(made.take(0, Uint8Array.of(1, 2))).toBe(true)
  expect(made.complete).toBe(false)
  expect(made.take(2, Uint8Array.of(3))).toBe(true)
  expect(made.complete).toBe(true)
  expect(made.snapshot).toEqual({ cols: 2, rows: 1, bytes: Uint8Array.of(1, 2, 3) })
})

it('bytes that leave a hole, come twice, or are more than announced are not taken', () => {
  for (const [seq, count] of [
    [2, 1],
    [0, 1],
    [1, 3],
  ] as const) {
    const made = intake(3)
    made.take(0, Uint8Array.of(1))
    expect(made.take(seq, new Uint8Array(count))).toBe(false)
  }
})

it('an empty one is complete at once', () => {
  expect(intake(0).complete).toBe(true)
})
