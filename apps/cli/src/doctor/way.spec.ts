import { expect, it } from 'vitest'
import { judgeClock, judgeName } from './way.ts'

it('a clock that is a minute apart is a problem, the length of the call is none', () => {
  const date = 'Mon, 30 Nov 2026 12:00:00 GMT'
  const brokersMs = Date.parse(date)
  expect(judgeClock(date, brokersMs + 400, brokersMs + 9_000)?.state).toBe('ok')
  expect(judgeClock(date, brokersMs + 90_000, brokersMs + 90_010)).toMatchObject({ state: 'warn' })
  expect(judgeClock(date, brokersMs - 90_000, brokersMs - 89_000)).toMatchObject({ state: 'warn' })
  expect(judgeClock(null, 0, 0)).toBeNull()
})

it('an address needs no look-up', async () => {
  expect(await judgeName(new URL('http://[::1]:6969'))).toEqual([])
  expect(await judgeName(new URL('http://192.0.2.7'))).toEqual([])
})
