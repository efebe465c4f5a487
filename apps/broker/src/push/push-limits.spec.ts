import { expect, it } from 'vitest'
import { PushLimits } from './push-limits.ts'

it('an endpoint is pushed to at most twenty times a minute, whichever runners do it', () => {
  let nowMs = 0
  const limits = new PushLimits(1_000, () => nowMs)
  const waits = Array.from({ length: 25 }, (_, at) => limits.charge(`runner-${at}`, 'https://push.test/x'))
  expect(waits.filter((wait) => wait === null)).toHaveLength(20)
  expect(limits.charge('runner-1', 'https://push.test/y')).toBeNull()
  nowMs += Number(waits.at(-1)) * 1_000
  expect(limits.charge('runner-1', 'https://push.test/x')).toBeNull()
})
