import { handPlatform } from '@latchkey/connection/hand-platform.fixture'
import { expect, it } from 'vitest'
import { Burst } from './burst.ts'
import type { PushNews } from './notify.ts'

const news = (terminal: number): PushNews => ({ terminal, kind: 'needs-you', title: 't', body: '' })

function burst(answers: (readonly [number] | null)[] = []) {
  const { platform, passes, timers } = handPlatform()
  const sent: number[][] = []
  const made = new Burst(platform, async (all) => {
    sent.push(all.map(({ terminal }) => terminal))
    const answer = answers.shift() ?? null
    return answer === null ? null : { againAfterMs: answer[0] }
  })
  return { made, sent, passes, timers }
}

it('twenty events in a second make three notifications, and nothing is lost', async () => {
  const { made, sent, passes } = burst()
  for (let terminal = 0; terminal < 20; terminal++) {
    made.take(news(terminal))
    await passes(50)
  }
  expect(sent).toEqual([[0], [1]])
  await passes(10 * 60_000)
  expect(sent).toEqual([[0], [1], Array.from({ length: 18 }, (_, index) => index + 2)])
})

it('ten thousand events a minute make a handful of notifications, fewer each minute', async () => {
  const { made, sent, passes } = burst()
  const perMinute: number[] = []
  for (let minute = 0; minute < 3; minute++) {
    const before = sent.length
    for (let tick = 0; tick < 600; tick++) {
      for (let one = 0; one < 17; one++) made.take(news(one))
      await passes(100)
    }
    perMinute.push(sent.length - before)
  }
  expect(perMinute[0]).toBeLessThanOrEqual(6)
  expect(perMinute[2]).toBeLessThanOrEqual(1)
})

it('of one terminal the newest waits, and a terminal that is looked at is not told about', async () => {
  const { made, sent, passes } = burst()
  for (const terminal of [1, 2, 3, 4, 3]) made.take(news(terminal))
  made.settle(4)
  await passes(5_000)
  expect(sent).toEqual([[1], [2], [3]])
})

it('after a calm window the next one goes at once', async () => {
  const { made, sent, passes } = burst()
  made.take(news(1))
  await passes(5_000)
  for (const terminal of [2, 3]) made.take(news(terminal))
  expect(sent).toEqual([[1], [2], [3]])
})

it('what was not taken is tried again after the time that was asked for, together with what came since', async () => {
  const { made, sent, passes } = burst([[60_000], null])
  made.take(news(1))
  await passes(1_000)
  made.take(news(2))
  await passes(58_000)
  expect(sent).toEqual([[1]])
  await passes(2_000)
  expect(sent).toEqual([[1], [1, 2]])
})

it('what could not be sent for a quarter of an hour is forgotten', async () => {
  const { made, sent, passes, timers } = burst(Array.from({ length: 40 }, () => [60_000] as const))
  made.take(news(1))
  await passes(60 * 60_000)
  expect(sent.length).toBeLessThanOrEqual(16)
  expect(timers.size).toBe(0)
})

it('a burst that was stopped has no timer left', () => {
  const { made, sent, timers } = burst()
  for (const terminal of [1, 2, 3]) made.take(news(terminal))
  made.stop()
  made.take(news(4))
  expect([sent.length, timers.size]).toEqual([2, 0])
})
