import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import { voiceTo } from './feature-voice.fixture.ts'
import { STATUSES_MAX, statusFeature } from './status-feature.ts'

const status = (terminal: number, state: 'idle' | 'needs-you' = 'idle'): RunnerFeatureMessage => ({
  type: 'status',
  terminal,
  state,
  sinceMs: 5,
  lastLines: [],
})

function opened() {
  const feature = statusFeature()
  const said: AppMessage[] = []
  feature.offered(voiceTo(said))
  return { feature, said }
}

it('the newest status of each terminal is known, and stays while the link is away', () => {
  const { feature } = opened()
  feature.hear(status(1))
  feature.hear(status(2))
  feature.hear(status(1, 'needs-you'))
  feature.lost()
  expect([...feature.statuses.current.values()].map(({ terminal, state }) => [terminal, state])).toEqual([
    [2, 'idle'],
    [1, 'needs-you'],
  ])
})

it('a machine that tells of ever more terminals fills no memory', () => {
  const { feature } = opened()
  for (let terminal = 0; terminal < 3 * STATUSES_MAX; terminal++) feature.hear(status(terminal))
  expect(feature.statuses.current.size).toBe(STATUSES_MAX)
  expect(feature.statuses.current.has(3 * STATUSES_MAX - 1)).toBe(true)
})

it('the machine hears which terminal is in front, once each, and again on a new channel', () => {
  const { feature, said } = opened()
  feature.front(7)
  feature.front(7)
  feature.lost()
  feature.front(null)
  feature.front(8)
  expect(said).toEqual([{ type: 'front', terminal: 7 }])
  feature.offered(voiceTo(said))
  expect(said.at(-1)).toEqual({ type: 'front', terminal: 8 })
})

it('a machine without the feature is told nothing', () => {
  const feature = statusFeature()
  feature.front(1)
  expect(feature.isOffered.current).toBe(false)
})

it('a person lets shells tell of their commands while the machine is reached', () => {
  const { feature, said } = opened()
  feature.integrate(true)
  feature.lost()
  feature.integrate(false)
  expect(said).toEqual([{ type: 'integrate', on: true }])
})

it('the machine hears how the terminal in front is drawn, and when that changes', () => {
  const said: object[] = []
  const feature = statusFeature()
  feature.offered({
    say: (message) => void said.push(message),
    send: () => {},
    writable: true,
    bufferedBytes: 0,
  })
  feature.front(7, 'dark')
  feature.front(7, 'dark')
  feature.front(7, 'light')
  feature.front(null, 'light')
  feature.front(null, 'dark')
  expect(said).toEqual([
    { type: 'front', terminal: 7, theme: 'dark' },
    { type: 'front', terminal: 7, theme: 'light' },
    { type: 'front', terminal: null, theme: 'light' },
  ])
})
