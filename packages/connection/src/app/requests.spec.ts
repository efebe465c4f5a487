import { expect, it } from 'vitest'
import { handPlatform } from '../hand-platform.fixture.ts'
import { Requests } from './requests.ts'

function requests() {
  const hand = handPlatform()
  const numbers: number[] = []
  const made = new Requests<string>(hand.platform)
  const ask = () => made.ask((request) => numbers.push(request) > 0)
  return { ...hand, made, numbers, ask }
}

it('each question has its own number, and gets the answer of that number, once', async () => {
  const { made, numbers, ask } = requests()
  const [first, second] = [ask(), ask()]
  expect(numbers).toEqual([1, 2])
  made.answer(2, 'two')
  made.answer(2, 'again')
  made.answer(99, 'of no question')
  made.answer(1, 'one')
  expect([await first, await second]).toEqual(['one', 'two'])
})

it('a question that cannot be sent, or is not answered in ten seconds, has no answer', async () => {
  const { made, ask, passes, timers } = requests()
  expect(await made.ask(() => false)).toBe(null)
  const late = ask()
  await passes(9_999)
  expect(timers.size).toBe(1)
  await passes(1)
  expect(await late).toBe(null)
})

it('when the connection ends all that are open have no answer, and no timer is left', async () => {
  const { made, ask, timers } = requests()
  const all = [ask(), ask()]
  made.abandon()
  expect(await Promise.all(all)).toEqual([null, null])
  expect(timers.size).toBe(0)
})

it('more than 64 at once are not sent', async () => {
  const { ask, numbers } = requests()
  for (let count = 0; count < 64; count++) void ask()
  expect(await ask()).toBe(null)
  expect(numbers).toHaveLength(64)
})
