import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Instant, instant, later } from '../kernel.ts'
import type { PairingEvent } from './events.ts'
import { type ExampleCommand, exampleCommands, exampleStates, T0 } from './examples.fixture.ts'
import { isExpired, isOpen, type PairingState } from './pairing-state.ts'
import { defaultDeviceRules } from './rules.ts'

const command = fc.record({
  name: fc.constantFrom(...Object.keys(exampleCommands)),
  waitMs: fc.constantFrom(0, 0, 0, 1, 59_999, 60_000, 239_999, 300_000),
})

/** What states are for people: a pairing goes this way and no other, and never back. */
const RANK = { TokenCreated: 0, DeviceConnected: 1, PinVerified: 2, DeviceRegistered: 3, Failed: 3 } as const

it('whatever is asked of a pairing, in any order and at any time, it goes forward or stays as it is', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25, size: 'max' }), (script) => {
      let state: PairingState = exampleStates.TokenCreated
      let now = T0
      const events: PairingEvent[] = []
      for (const { name, waitMs } of script) {
        now = later(now, waitMs)
        const before: PairingState = state
        const step: ReturnType<ExampleCommand> | undefined = exampleCommands[name]?.(before, now)
        if (step?.ok !== true) continue
        state = step.value.state
        events.push(...step.value.events)
        reached.add(`${before.status} ${state.status}`)

        expect(isOpen(before), 'what has ended stays as it ended').toBe(true)
        expect(RANK[state.status], `${before.status} to ${state.status}`).toBeGreaterThanOrEqual(
          RANK[before.status],
        )
        expect([state.version, state.token]).toEqual([before.version + 1, before.token])
        expect(brokenBy(before, state, now)).toEqual([])
      }
      const told = (type: PairingEvent['type']) => events.filter((event) => event.type === type).length
      expect(told('DeviceRegistered')).toBe(state.status === 'DeviceRegistered' ? 1 : 0)
      expect(told('PairingFailed')).toBe(state.status === 'Failed' ? 1 : 0)
      expect(told('DeviceScanned')).toBeLessThanOrEqual(1)
      expect(events.every(({ at }) => at >= T0 && at <= instant(now))).toBe(true)
    }),
    { numRuns: 5_000 },
  )
  expect([...reached].toSorted(), 'every way was gone').toEqual([
    'DeviceConnected DeviceConnected',
    'DeviceConnected Failed',
    'DeviceConnected PinVerified',
    'PinVerified DeviceRegistered',
    'PinVerified Failed',
    'TokenCreated DeviceConnected',
    'TokenCreated Failed',
  ])
})

/** What a step must never do, and this one did. */
function brokenBy(before: PairingState, after: PairingState, now: Instant): readonly string[] {
  const isConnected = after.status === 'DeviceConnected'
  return Object.entries({
    'it registered a device whose PIN was not verified':
      after.status === 'DeviceRegistered' && before.status !== 'PinVerified',
    'it went on after its time': after.status !== 'Failed' && isExpired(before, now),
    'it allowed one more attempt than there are':
      isConnected && after.claim.method === 'pin' && after.claim.attempts >= defaultDeviceRules.attemptsMax,
    'it prolonged a token': isConnected && after.expiresAt !== exampleStates.TokenCreated.expiresAt,
  }).flatMap(([what, isBroken]) => (isBroken ? [what] : []))
}
