import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import { fleetFeature } from './fleet-feature.ts'

it('says an owner and a list to the open channel alone, and forgets with it what the machine said', () => {
  const said: AppMessage[] = []
  const feature = fleetFeature()
  const type = { type: true, approve: false, send: false }
  feature.give('AAAA')
  feature.offered({ say: (message) => said.push(message), send: () => {}, writable: true, bufferedBytes: 0 })
  feature.hear({ type: 'fleet', owner: null, allowed: null, number: 0, list: null, apps: [] })
  expect(feature.fact.current).toEqual({ owner: null, allowed: null, number: 0, list: null, apps: [] })
  feature.hear({ type: 'fleetRefused', message: 'This machine belongs to another owner.' })
  expect(feature.refused.current).toContain('another owner')
  feature.adopt('a', type)
  expect(feature.refused.current).toBeNull()
  feature.give('BBBB')
  feature.lost()
  feature.give('CCCC')
  expect(feature.fact.current).toBeNull()
  expect(said).toEqual([
    { type: 'fleetAdopt', owner: 'a', allowed: type },
    { type: 'fleetList', list: 'BBBB' },
  ])
})
