import 'reflect-metadata'
import { memoryPairingStore } from '@latchkey/stores/memory/pairing.store'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from 'vitest'
import { PairingHistoryService } from '../audit/pairing-history.service.ts'
import { RateLimitService } from '../limits/rate-limit.service.ts'
import { PairingModule } from './pairing.module.ts'
import { PairingCodeService } from './pairing-code.service.ts'
import { PairingCodeGenerator } from './pairing-code-generator.ts'
import { PairingError } from './pairing-error.ts'
import { PairingSessionService } from './pairing-session.service.ts'

const CODE = 'ABC-123-XYZ'

/** The services as another NestJS application gets them, on a memory store and a clock that is set by hand. */
async function services() {
  const time = { now: 1_000_000 }
  const store = memoryPairingStore({ clock: () => time.now })
  const imported = PairingModule.on({ store })
  const app = await Test.createTestingModule({
    imports: [imported],
    providers: [PairingCodeService],
  }).compile()
  return {
    time,
    codes: app.get(PairingCodeService),
    sessions: app.get(PairingSessionService),
    limits: app.get(RateLimitService),
    history: app.get(PairingHistoryService),
    generator: app.get(PairingCodeGenerator),
  }
}

describe('PairingCodeService', () => {
  it('registers a code once and says DUPLICATE_CODE to the second', async () => {
    const { codes } = await services()
    await codes.registerCode(CODE, 'runner-1')
    await expect(codes.registerCode(CODE, 'runner-2')).rejects.toThrow(/^DUPLICATE_CODE$/)
    await expect(codes.registerCode(CODE, 'runner-2')).rejects.toBeInstanceOf(PairingError)
    expect(await codes.validateCode(CODE)).toEqual({ valid: true, runnerId: 'runner-1' })
    expect(await codes.findCodeByRunnerId('runner-1')).toBe(CODE)
  })

  it('retires the first code when a runner registers a second', async () => {
    const { codes } = await services()
    await codes.registerCode(CODE, 'runner-1')
    await codes.registerCode('DEF-456-XYZ', 'runner-1')
    expect(await codes.validateCode(CODE)).toEqual({ valid: false, error: 'CODE_EXPIRED' })
    expect(await codes.findCodeByRunnerId('runner-1')).toBe('DEF-456-XYZ')
  })

  it('tells a code that never was from one that has expired', async () => {
    const { codes, time } = await services()
    expect(await codes.validateCode('ZZZ-ZZZ-ZZZ')).toEqual({ valid: false, error: 'CODE_NOT_FOUND' })
    expect(await codes.validateCode('nonsense')).toEqual({ valid: false, error: 'CODE_NOT_FOUND' })
    await codes.registerCode(CODE, 'runner-1')
    time.now += 24 * 60 * 60 * 1_000
    expect(await codes.validateCode(CODE)).toEqual({ valid: false, error: 'CODE_EXPIRED' })
    expect(await codes.findCodeByRunnerId('runner-1')).toBeNull()
  })

  it('invalidates a code and its reverse index together, and twice is once', async () => {
    const { codes } = await services()
    await codes.registerCode(CODE, 'runner-1')
    await codes.invalidateCode(CODE)
    await codes.invalidateCode(CODE)
    expect(await codes.validateCode(CODE)).toEqual({ valid: false, error: 'CODE_NOT_FOUND' })
    expect(await codes.findCodeByRunnerId('runner-1')).toBeNull()
    await codes.registerCode(CODE, 'runner-2')
  })

  it('tries another code up to three times, then says so', async () => {
    const { codes } = await services()
    await codes.registerCode(CODE, 'runner-1')
    const proposals = [CODE, CODE, 'DEF-456-XYZ']
    expect(await codes.registerCodeWithRetry(() => proposals.shift() ?? '', 'runner-2')).toBe('DEF-456-XYZ')
    let tries = 0
    const taken = codes.registerCodeWithRetry(() => {
      tries++
      return CODE
    }, 'runner-3')
    await expect(taken).rejects.toMatchObject({
      message: 'DUPLICATE_CODE',
      details: 'no free code after 3 attempts',
    })
    expect(tries).toBe(3)
  })

  it('counts 1,000 uses at once exactly, and a used code outlives its day', async () => {
    const { codes, time } = await services()
    await codes.registerCode(CODE, 'runner-1')
    await Promise.all(Array.from({ length: 1_000 }, () => codes.incrementUsageCount(CODE)))
    time.now += 25 * 60 * 60 * 1_000
    expect(await codes.validateCode(CODE)).toMatchObject({ valid: true })
  })

  it('carries every refusal in the founding shape', async () => {
    const { codes } = await services()
    const refusal = await codes
      .registerCode('x', 'runner-1')
      .catch((problem: unknown) => JSON.parse(JSON.stringify(problem)))
    expect(refusal).toEqual({
      success: false,
      error: { code: 'INVALID_FORMAT', message: 'INVALID_FORMAT', details: expect.any(String) },
    })
  })
})

describe('PairingSessionService', () => {
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
})

describe('RateLimitService', () => {
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
})

it('PairingHistoryService answers with nothing while nothing happened', async () => {
  const { history } = await services()
  expect(await history.getHistory()).toEqual([])
})

it('PairingCodeGenerator makes codes that it finds valid, and finds any alphabet valid', async () => {
  const { generator } = await services()
  for (let n = 0; n < 1_000; n++) {
    const code = generator.generate()
    expect(generator.validate(code)).toBe(true)
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{3}(-[0-9A-HJKMNP-TV-Z]{3}){2}$/)
  }
  expect(generator.validate('OIL-OIL-OIL')).toBe(true)
  for (const wrong of ['abc-123-xyz', 'ABC123XYZ', 'ABC-123-XY', '', 'ABC-123-XYZ '])
    expect(generator.validate(wrong)).toBe(false)
})
