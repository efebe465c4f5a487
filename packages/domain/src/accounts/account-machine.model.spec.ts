import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CODE, OTHER_PHONE, PHONE, Story } from './account.fixture.ts'
import { linkedPhone, requestOf, wakeAt } from './account.ts'
import { judgeStart } from './account-machine.ts'
import type { CloseCause } from './close-cause.ts'
import type { SocketEvent } from './effects.ts'
import { defaultAccountRules } from './rules.ts'

const causes: readonly CloseCause[] = [
  'restart-required',
  'logged-out',
  'forbidden',
  'banned-for-a-while',
  'client-outdated',
  'replaced',
  'phone-outdated',
  'bad-session',
  'qr-ended',
  'undecodable-frame',
  'rate-limited',
  'unreachable',
]
const said: fc.Arbitrary<SocketEvent> = fc.oneof(
  fc.record({ event: fc.constant('qr' as const), text: fc.constantFrom('a#1,x', 'a#2,x', 'a#3,x') }),
  fc.constant<SocketEvent>({ event: 'code', code: CODE }),
  fc.record({
    event: fc.constant('code-refused' as const),
    why: fc.constantFrom(
      'refused' as const,
      'rate-limited' as const,
      'no-answer' as const,
      'malformed' as const,
    ),
  }),
  fc.constantFrom<SocketEvent>(
    { event: 'code-typed' },
    { event: 'fresh-code-wanted' },
    { event: 'passkey-required' },
  ),
  fc.record({
    event: fc.constantFrom('paired' as const, 'open' as const),
    phone: fc.constantFrom(PHONE, OTHER_PHONE),
  }),
  fc.record({
    event: fc.constant('closed' as const),
    closing: fc.record({
      cause: fc.constantFrom(...causes),
      statusCode: fc.constant(428),
      bannedMs: fc.constantFrom(null, 5_000),
    }),
  }),
)
const command = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('ask' as const),
      method: fc.constantFrom('qr' as const, 'code' as const),
    }),
  },
  { weight: 12, arbitrary: fc.record({ type: fc.constant('say' as const), said, isLate: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('wake' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('saved' as const, 'not-saved' as const, 'write-failed' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('cancel' as const, 'unlink' as const, 'leave' as const, 'retry' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('watched' as const), isWatched: fc.boolean() }) },
)

/** How far the counts are from adding up: attempts begun, less those that ended, less the one that runs. */
function unaccounted(story: Story): number {
  const ended = story.counted('succeeded') + story.counted('failed') + story.counted('abandoned')
  return story.counted('started') - ended - (requestOf(story.machine.account) === null ? 0 : 1)
}

/** A second end before the credentials were saved: the wait for another try came round at once, again and again. */
const closed = {
  type: 'say' as const,
  said: {
    event: 'closed' as const,
    closing: { cause: 'restart-required' as const, statusCode: 515, bannedMs: null },
  },
  isLate: false,
}
const SEEN_TO_SPIN: (typeof command extends fc.Arbitrary<infer Each> ? Each : never)[] = [
  { type: 'ask', method: 'qr' },
  { type: 'say', said: { event: 'paired', phone: PHONE }, isLate: false },
  closed,
  closed,
  { type: 'wake' },
]

it('whatever happens: attempts add up, one connection at a time may speak, and every wait has an end (sentences 13, 30, 51)', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const story = new Story()
      for (const each of commands) {
        const before = story.machine
        const [toldBefore, failedBefore] = [story.done('tell-error'), story.counted('failed')]
        const wasLinked = linkedPhone(before.account)
        switch (each.type) {
          case 'ask': {
            const phone = each.method === 'code' ? PHONE : null
            const judged = judgeStart(before, { method: each.method, phone }, story.at)
            if (judged.ok && judged.value === 'begin')
              story.input({ type: 'start', method: each.method, phone })
            break
          }
          case 'say':
            if (each.isLate) {
              story.says(each.said, before.generation - 1)
              expect(story.machine).toEqual(before)
            } else story.says(each.said)
            break
          case 'wake': {
            const at = wakeAt(before, defaultAccountRules)
            if (at === null) break
            story.nowMs = Math.max(story.nowMs, at)
            story.input({ type: 'due' })
            // A machine that is woken at its own time and goes on wanting the same would spin.
            const next = wakeAt(story.machine, defaultAccountRules)
            expect(next === null || next > story.nowMs).toBe(true)
            break
          }
          case 'wait':
            story.nowMs += each.ms
            break
          case 'saved':
          case 'write-failed':
            story.input({ type: each.type, generation: before.generation })
            break
          case 'not-saved':
            story.input({ type: each.type, generation: before.generation, reason: 'NOT_SAVED' })
            break
          case 'leave':
            story.input({ type: 'leave', reason: 'RESTART' })
            break
          case 'watched':
            story.input({ type: 'watched', isWatched: each.isWatched })
            break
          case 'cancel':
          case 'unlink':
          case 'retry':
            story.input({ type: each.type })
            break
        }
        expect(unaccounted(story)).toBe(0)
        expect(story.machine.generation).toBeGreaterThanOrEqual(before.generation)
        // Only a success links.
        if (wasLinked === null && linkedPhone(story.machine.account) !== null)
          expect(['connected', 'reconnecting']).toContain(story.status)
        // A request that fails is told once; one that goes on, succeeds or is called off, never.
        if (requestOf(before.account) !== null)
          expect(story.done('tell-error') - toldBefore).toBe(story.counted('failed') - failedBefore)
        if (each.type === 'leave') expect(wakeAt(story.machine, defaultAccountRules)).toBeNull()
        // Every attempt has an end that comes by itself, and what it was asked for comes or fails within fourteen seconds.
        const running = requestOf(story.machine.account)
        if (running === null) continue
        const wakes = wakeAt(story.machine, defaultAccountRules)
        expect(wakes).not.toBeNull()
        if (story.status === 'starting' || story.status === 'code_wanted')
          expect(wakes).toBeLessThanOrEqual(running.askedAt + defaultAccountRules.requestMs)
      }
    }),
    { numRuns: 2_000, examples: [[SEEN_TO_SPIN]] },
  )
})
