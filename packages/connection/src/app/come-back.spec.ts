import { expect, it } from 'vitest'
import { handPlatform, refused } from '../hand-platform.fixture.ts'
import { type CameBack, ComeBack } from './come-back.ts'
import type { Paired, Refusal } from './link.ts'

const paired: Paired = {
  success: true,
  runnerId: 'forge',
  pairedAt: 1,
  message: '',
  runnerLabel: 'Forge',
  pid: 'ab'.repeat(16),
  terminal: { ticket: 't', expiresAt: 1 },
}

/** A come-back whose broker gives `answers`, the last of them for ever. */
function comingBack(answers: (Paired | Refusal)[], ticket: string | null = 'ticket') {
  const hand = handPlatform()
  const asked: object[] = []
  const outcomes: CameBack[] = []
  const broker = { isReached: true }
  const made = new ComeBack({
    platform: hand.platform,
    ticket: async () => ticket,
    pair: async (wanted) => {
      asked.push(wanted)
      const [next = paired] = answers.length > 1 ? answers.splice(0, 1) : answers
      return next
    },
    isReached: () => broker.isReached,
  })
  void made.start('forge', (outcome) => outcomes.push(outcome))
  return { ...hand, made, asked, outcomes, broker }
}

it('pairs by the ticket that the key gives', async () => {
  const { asked, outcomes, passes, made } = comingBack([paired])
  expect(made.isRunning).toBe(true)
  await passes(0)
  expect(asked).toEqual([{ runnerId: 'forge', routeTicket: 'ticket' }])
  expect(outcomes).toEqual([{ status: 'paired', paired }])
  expect(made.isRunning).toBe(false)
})

it('waits for a machine that is on its way, five times, and then knows no way', async () => {
  const { asked, outcomes, passes } = comingBack([refused('RUNNER_OFFLINE')])
  await passes(4 * 1_500)
  expect([asked.length, outcomes]).toEqual([5, []])
  await passes(1_500)
  expect([asked.length, outcomes]).toEqual([5, [{ status: 'no-way' }]])
})

it('a ticket that is unknown twice is not tried a third time, since it counts as a guess', async () => {
  const { asked, outcomes, passes } = comingBack([refused('CODE_NOT_FOUND')])
  await passes(60_000)
  expect([asked.length, outcomes]).toEqual([2, [{ status: 'not-wanted' }]])
})

it('a refusal that waiting does not change ends it at once', async () => {
  const { asked, outcomes, passes } = comingBack([refused('RATE_LIMITED')])
  await passes(60_000)
  expect([asked.length, outcomes]).toEqual([1, [{ status: 'no-way' }]])
})

it('without a key, or without the broker, nothing is asked', async () => {
  const keyless = comingBack([paired], null)
  await keyless.passes(60_000)
  expect([keyless.asked, keyless.outcomes]).toEqual([[], [{ status: 'no-way' }]])
  const lost = comingBack([refused('RUNNER_OFFLINE')])
  await lost.passes(0)
  lost.broker.isReached = false
  await lost.passes(60_000)
  expect([lost.asked.length, lost.outcomes]).toEqual([1, [{ status: 'no-way' }]])
})

it('one that was stopped asks no more, and its outcome is not told', async () => {
  const { made, asked, outcomes, passes } = comingBack([refused('RUNNER_OFFLINE'), paired])
  await passes(0)
  made.stop()
  await passes(60_000)
  expect([asked.length, outcomes]).toEqual([1, []])
})
