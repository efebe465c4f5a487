import { expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { startsAgain } from './supervisor.ts'

const death = (exitCode: number | null) => ({
  exitCode,
  signal: exitCode === null ? ('SIGKILL' as const) : null,
})

it('a part that was up and crashed is started again', () => {
  expect(startsAgain(true, death(EXIT.failed))).toBe(true)
  expect(startsAgain(true, death(null))).toBe(true)
  expect(startsAgain(true, death(0))).toBe(true)
})

it('a part that was refused, was told nonsense, or never came up is not: it would end the same way', () => {
  expect(startsAgain(true, death(EXIT.refused))).toBe(false)
  expect(startsAgain(true, death(EXIT.badUsage))).toBe(false)
  expect(startsAgain(false, death(EXIT.failed))).toBe(false)
})
