import { expect, it } from 'vitest'
import { ServerAnswers } from './server-answers.ts'

it('a store in a file has no servers to ask', () => {
  expect(new ServerAnswers({}).look()).toEqual([])
})

it('servers are asked when somebody looks, and not again at every look', async () => {
  let asked = 0
  const pulse = new ServerAnswers({
    Redis: async () => {
      asked += 1
    },
    PostgreSQL: () => Promise.reject(new Error('away')),
  })
  expect(pulse.look(), 'nobody is blamed before he was asked').toEqual([
    { name: 'Redis', ok: true, tookMs: null },
    { name: 'PostgreSQL', ok: true, tookMs: null },
  ])
  await new Promise((resolve) => setImmediate(resolve))
  expect(pulse.look()).toEqual([
    { name: 'Redis', ok: true, tookMs: expect.any(Number) },
    { name: 'PostgreSQL', ok: false, tookMs: null },
  ])
  expect(asked).toBe(1)
})
