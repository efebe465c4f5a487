import { expect, it } from 'vitest'
import { Freshness, SILENT_AFTER_MS } from './freshness.ts'

function channel() {
  const time = { nowMs: 1_000 }
  const freshness = new Freshness(() => time.nowMs)
  const arrives = (afterMs: number) => {
    time.nowMs += afterMs
    freshness.heard()
    return freshness.isDoubtful
  }
  return { freshness, arrives }
}

it('what comes after a silence is doubtful, and so is all that follows it', () => {
  const { arrives } = channel()
  expect(arrives(SILENT_AFTER_MS - 1)).toBe(false)
  expect(arrives(SILENT_AFTER_MS)).toBe(true)
  expect(arrives(1), 'it may have been held back together with the first').toBe(true)
})

it('is news again once the app has heard what was said after the silence, and not by what was said before it', () => {
  const { freshness, arrives } = channel()
  const before = freshness.mark()
  arrives(SILENT_AFTER_MS)
  freshness.proved(before)
  expect(freshness.isDoubtful).toBe(true)
  freshness.proved(before + 1)
  expect(freshness.isDoubtful, 'that was never said').toBe(true)
  const after = freshness.mark()
  freshness.proved(after)
  expect(freshness.isDoubtful).toBe(false)
  expect(arrives(SILENT_AFTER_MS), 'the next silence is another one').toBe(true)
  freshness.proved(after)
  expect(freshness.isDoubtful).toBe(true)
})
