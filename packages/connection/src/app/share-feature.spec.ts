import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import { shareFeature } from './share-feature.ts'

const wish = { terminal: 7, mayType: false, history: false, forMs: 60_000, guestsMax: 1 }

it('each wish gets its own answer, and one that the channel lost is refused', async () => {
  const said: AppMessage[] = []
  const feature = shareFeature()
  expect(await feature.make(wish)).toEqual({ ok: false, message: '' })
  feature.offered({ say: (message) => said.push(message), send: () => {}, writable: true, bufferedBytes: 0 })
  const made = [feature.make(wish), feature.make(wish), feature.make(wish)]
  feature.hear({ type: 'shareRefused', request: 2, message: 'Sixteen links are open.' })
  feature.hear({ type: 'shared', request: 1, share: '0102030405060708', fragment: '1.a' })
  feature.hear({ type: 'shares', shares: [] })
  expect(feature.shares.current).toEqual([])
  feature.end('0102030405060708')
  feature.lost()
  expect(feature.shares.current).toBeNull()
  expect(await Promise.all(made)).toEqual([
    { ok: true, share: '0102030405060708', fragment: '1.a' },
    { ok: false, message: 'Sixteen links are open.' },
    { ok: false, message: '' },
  ])
  expect(said.map(({ type }) => type)).toEqual([...Array(3).fill('shareTerminal'), 'shareEnd'])
})
