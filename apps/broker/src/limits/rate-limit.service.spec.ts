import { expect, it } from 'vitest'
import { services } from '../testing/services.ts'

it('bans at the sixth failure within a minute, for five minutes', async () => {
  const { limits, time } = await services()
  for (let n = 1; n <= 5; n++) expect(await limits.recordFailedAttempt('app-1', '192.0.2.1')).toBe(0)
  expect(await limits.getEntry('app-1')).toEqual({ appSessionId: 'app-1', attempts: 5, bannedUntil: null })
  expect(await limits.recordFailedAttempt('app-1', '192.0.2.1')).toBe(300)
  time.now += 100_500
  expect(await limits.remainingBanTime('app-1', '192.0.2.1')).toBe(200)
  expect(await limits.isBanned('app-2', '192.0.2.2')).toBe(false)
  time.now += 199_500
  expect(await limits.isBanned('app-1', '192.0.2.1')).toBe(false)
  expect(await limits.getEntry('app-1')).toBeNull()
})

it('called with the session alone, gives each session a budget of its own, whatever others do', async () => {
  const { limits } = await services()
  // Enough of everybody's failures for every shared budget there is, the breaker included.
  for (let session = 0; session < 140; session++)
    for (let n = 1; n <= 5; n++) expect(await limits.recordFailedAttempt(`other-${session}`)).toBe(0)
  expect(await limits.isBanned('never-failed')).toBe(false)
  expect(await limits.getEntry('never-failed')).toBeNull()
  expect(await limits.isBanned('other-1')).toBe(false)
  expect(await limits.recordFailedAttempt('other-1')).toBe(300)
  expect(await limits.isBanned('other-1')).toBe(true)
  expect(await limits.isBanned('other-2')).toBe(false)
  expect(await limits.remainingBanTime('never-failed', '192.0.2.1')).toBe(0)
})

it('called with an address too, counts for what the address shares, and a session alone is never banned by that', async () => {
  const { limits } = await services()
  for (let n = 0; n < 20; n++) await limits.recordFailedAttempt(`session-${n}`, '192.0.2.1')
  expect(await limits.isBanned('never-failed', '192.0.2.1')).toBe(true)
  expect(await limits.isBanned('never-failed')).toBe(false)
})
