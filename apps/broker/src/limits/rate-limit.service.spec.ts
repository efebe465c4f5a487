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
