import { expect, it } from 'vitest'
import { services } from '../testing/services.ts'

it('pairs many apps with one runner, and one app with one runner at a time', async () => {
  const { sessions } = await services()
  await sessions.createSession('app-1', 'runner-1')
  await sessions.createSession('app-2', 'runner-1')
  expect(await sessions.getAppsByRunnerId('runner-1')).toEqual(['app-1', 'app-2'])
  await sessions.createSession('app-1', 'runner-2')
  expect(await sessions.getAppsByRunnerId('runner-1')).toEqual(['app-2'])
  expect(await sessions.getSession('app-1')).toMatchObject({
    appSessionId: 'app-1',
    runnerId: 'runner-2',
    isActive: true,
  })
  await sessions.removeSession('app-1')
  expect(await sessions.getSession('app-1')).toBeNull()
})

it('holds a heartbeat for 30 seconds', async () => {
  const { sessions, time } = await services()
  expect(await sessions.isRunnerOnline('runner-1')).toBe(false)
  await sessions.updateHeartbeat('runner-1')
  time.now += 29_999
  expect(await sessions.isRunnerOnline('runner-1')).toBe(true)
  time.now += 1
  expect(await sessions.isRunnerOnline('runner-1')).toBe(false)
})

it('removes all sessions of a runner and says whose they were', async () => {
  const { sessions } = await services()
  await sessions.createSession('app-1', 'runner-1')
  await sessions.createSession('app-2', 'runner-1')
  expect(await sessions.removeAllSessionsForRunner('runner-1')).toEqual(['app-1', 'app-2'])
  expect(await sessions.getSession('app-1')).toBeNull()
  expect(await sessions.removeAllSessionsForRunner('runner-1')).toEqual([])
})
