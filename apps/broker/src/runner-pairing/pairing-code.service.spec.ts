import { expect, it } from 'vitest'
import { services } from '../testing/services.ts'
import { PairingError } from './pairing-error.ts'

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
