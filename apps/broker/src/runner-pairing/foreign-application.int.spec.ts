import 'reflect-metadata'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { Injectable, Module } from '@nestjs/common'
import { Test, type TestingModule } from '@nestjs/testing'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { PairingHistoryService } from '../audit/pairing-history.service.ts'
import { RateLimitService } from '../limits/rate-limit.service.ts'
import { PairingModule } from './pairing.module.ts'
import { PairingCodeService } from './pairing-code.service.ts'
import { PairingCodeGenerator } from './pairing-code-generator.ts'
import { PairingSessionService } from './pairing-session.service.ts'
import { RedisModule } from './redis.module.ts'
import { RedisService } from './redis.service.ts'

/* Somebody else's application, written as the founding document shows it. */

@Module({
  imports: [RedisModule],
  providers: [PairingCodeService, PairingSessionService, PairingCodeGenerator, RateLimitService],
  exports: [PairingCodeService],
})
class OwnPairingModule {}

@Injectable()
class Greeter {}

@Module({ imports: [OwnPairingModule], providers: [Greeter] })
class ForeignModule {}

let app: TestingModule
let codes: PairingCodeService
let sessions: PairingSessionService
let get: (key: string) => Promise<string | null>

beforeAll(async () => {
  const server = await startRedisServer()
  vi.stubEnv('REDIS_HOST', '127.0.0.1')
  vi.stubEnv('REDIS_PORT', String(server.port))
  app = await Test.createTestingModule({ imports: [ForeignModule] }).compile()
  await app.init()
  codes = app.get(PairingCodeService, { strict: false })
  sessions = app.get(PairingSessionService, { strict: false })
  const client = app.get(RedisService, { strict: false }).getClient()
  get = (key) => client.get(key)
})
afterAll(async () => {
  await app.close()
  vi.unstubAllEnvs()
})

let runners = 0
let runnerId: string
beforeEach(() => {
  runnerId = `runner-${++runners}`
})
const nextCode = (): string => app.get(PairingCodeGenerator, { strict: false }).generate()

it('registers, finds, validates and frees a code, under the founding keys', async () => {
  const code = nextCode()
  await codes.registerCode(code, runnerId)
  expect(await codes.validateCode(code)).toEqual({ valid: true, runnerId })
  expect(await codes.findCodeByRunnerId(runnerId)).toBe(code)
  const entry: unknown = JSON.parse((await get(`pairing:code:${code}`)) ?? '')
  expect(entry).toMatchObject({ code, runnerId, usedCount: 0, isActive: true })
  expect(await get(`pairing:runner:${runnerId}`)).toBe(code)
  await codes.invalidateCode(code)
  await codes.invalidateCode(code)
  expect(await codes.validateCode(code)).toEqual({ valid: false, error: 'CODE_NOT_FOUND' })
  expect(await get(`pairing:runner:${runnerId}`)).toBeNull()
})

it('gives a code to one of a hundred that ask for it at once', async () => {
  const code = nextCode()
  const asked = Array.from({ length: 100 }, (_, n) => codes.registerCode(code, `${runnerId}-${n}`))
  const outcomes = await Promise.allSettled(asked)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  expect(new Set(refused.map((problem) => (problem instanceof Error ? problem.message : problem)))).toEqual(
    new Set(['DUPLICATE_CODE']),
  )
})

it('counts a hundred concurrent uses as a hundred, and a thousand as a thousand', async () => {
  const code = nextCode()
  await codes.registerCode(code, runnerId)
  for (const [more, total] of [
    [100, 100],
    [900, 1_000],
  ] as const) {
    await Promise.all(Array.from({ length: more }, () => codes.incrementUsageCount(code)))
    expect(JSON.parse((await get(`pairing:code:${code}`)) ?? '')).toMatchObject({ usedCount: total })
  }
})

it('tries another code when one is taken, and says when it gives up', async () => {
  const taken = nextCode()
  const free = nextCode()
  await codes.registerCode(taken, `${runnerId}-other`)
  const offered = [taken, free]
  expect(await codes.registerCodeWithRetry(() => offered.shift() ?? '', runnerId)).toBe(free)
  await expect(codes.registerCodeWithRetry(() => taken, runnerId)).rejects.toThrow('DUPLICATE_CODE')
})

it('keeps sessions and heartbeats under the founding keys', async () => {
  const apps = [`${runnerId}-app-1`, `${runnerId}-app-2`]
  for (const app of apps) await sessions.createSession(app, runnerId)
  expect(await sessions.getAppsByRunnerId(runnerId)).toEqual(apps)
  expect(await sessions.isRunnerOnline(runnerId)).toBe(false)
  await sessions.updateHeartbeat(runnerId)
  expect(await sessions.isRunnerOnline(runnerId)).toBe(true)
  expect(Number(await get(`runner:heartbeat:${runnerId}`))).toBeGreaterThan(0)
  expect(JSON.parse((await get(`pairing:session:${apps[0]}`)) ?? '')).toMatchObject({
    appSessionId: apps[0],
    runnerId,
    isActive: true,
  })
  expect(await sessions.removeAllSessionsForRunner(runnerId)).toEqual(apps)
  expect(await sessions.getSession(apps[0] ?? '')).toBeNull()
})

it('limits, and hands its client to other modules', async () => {
  const limits = app.get(RateLimitService, { strict: false })
  const appSessionId = `${runnerId}-guesser`
  for (let failure = 0; failure < 5; failure++) await limits.recordFailedAttempt(appSessionId)
  expect(await limits.isBanned(appSessionId)).toBe(false)
  await limits.recordFailedAttempt(appSessionId)
  expect(await limits.isBanned(appSessionId)).toBe(true)
  const client = app.get(RedisService, { strict: false }).getClient()
  await client.set('theirs:greeting', 'hello')
  expect(await get('theirs:greeting')).toBe('hello')
})

it('may import all of it as one module', async () => {
  const whole = await Test.createTestingModule({ imports: [PairingModule], providers: [Greeter] }).compile()
  const code = nextCode()
  await whole.get(PairingCodeService).registerCode(code, runnerId)
  expect(await codes.validateCode(code)).toEqual({ valid: true, runnerId })
  const services = [PairingSessionService, RateLimitService, PairingHistoryService, RedisService]
  for (const service of services) expect(whole.get(service)).toBeInstanceOf(service)
  await whole.close()
})

it('takes where Redis is from elsewhere too', async () => {
  const { REDIS_PORT: port } = process.env
  const second = await Test.createTestingModule({
    imports: [RedisModule.on({ REDIS_URL: `redis://127.0.0.1:${port}` })],
    providers: [PairingCodeService],
  }).compile()
  const code = nextCode()
  await second.get(PairingCodeService).registerCode(code, runnerId)
  expect(await codes.validateCode(code)).toEqual({ valid: true, runnerId })
  await second.close()
})
