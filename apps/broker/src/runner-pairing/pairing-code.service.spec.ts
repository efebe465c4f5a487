import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { memoryPairingStore } from '@latchkey/stores/memory/pairing.store'
import { Test } from '@nestjs/testing'
import { expect, it } from 'vitest'
import { PairingError } from '../shell/pairing-error.ts'
import { services } from '../testing/services.ts'
import { PairingModule } from './pairing.module.ts'
import { PairingCodeService } from './pairing-code.service.ts'

const CODE = 'ABC-123-XYZ'

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
    code: 'DUPLICATE_CODE',
    message: 'DUPLICATE_CODE: no free code after 3 attempts',
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

it('an unused code is recorded as ended when its time is over, by the application that registered it', async () => {
  const store = memoryPairingStore({ clock: Date.now })
  const rules = { ...defaultPairingRules, codeLifeMs: 50 }
  const app = await Test.createTestingModule({ imports: [PairingModule.on({ store, rules })] }).compile()
  const codes = app.get(PairingCodeService)
  await codes.registerCode(CODE, 'runner-1')
  await codes.registerCode('USE-DUS-EDU', 'runner-2')
  await codes.incrementUsageCount('USE-DUS-EDU')
  await expect.poll(() => store.peek('code', CODE)?.status).toBe('tombstone')
  expect(store.peek('runner', 'runner-1')?.code).toBe(null)
  expect(await codes.validateCode(CODE)).toMatchObject({ error: 'CODE_EXPIRED' })
  expect(await codes.validateCode('USE-DUS-EDU')).toMatchObject({ valid: true })
})

it.each([undefined, null, 7, {}, ['ABC-123-XYZ'], '', 'x'.repeat(201), 'a\u0000b'])(
  'says INVALID_FORMAT for %j where a name is wanted, in every service',
  async (wrong) => {
    const { codes, sessions, limits, generator } = await services()
    const text = wrong as string
    const format = { code: 'INVALID_FORMAT', details: expect.any(String) }
    await expect(codes.registerCode(CODE, text)).rejects.toMatchObject(format)
    await expect(codes.registerCode(text, 'runner-1')).rejects.toMatchObject(format)
    await expect(codes.registerCodeWithRetry(() => text, 'runner-1')).rejects.toMatchObject(format)
    await expect(sessions.createSession(text, 'runner-1')).rejects.toMatchObject(format)
    await expect(sessions.createSession('app-1', text)).rejects.toMatchObject(format)
    await expect(sessions.updateHeartbeat(text)).rejects.toMatchObject(format)
    await expect(limits.recordFailedAttempt(text)).rejects.toMatchObject(format)
    await expect(limits.isBanned(text)).rejects.toMatchObject(format)
    expect(await codes.validateCode(text)).toEqual({ valid: false, error: 'CODE_NOT_FOUND' })
    expect(await codes.findCodeByRunnerId(text)).toBe(null)
    expect(generator.validate(text)).toBe(false)
    await codes.registerCode(CODE, 'x'.repeat(200))
  },
)
