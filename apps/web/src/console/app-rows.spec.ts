import type { RunnerView } from '@latchkey/protocol/console'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import { expect, test } from 'vitest'
import { appRows } from './app-rows.ts'

const idOf = (digit: string) => digit.repeat(32)
const paired = (appSessionId: string, over: Partial<RunnerView['apps'][number]> = {}) => ({
  appSessionId,
  label: 'Chrome on Android',
  address: '192.0.2.7',
  connected: false,
  pairedAt: 5_000,
  ...over,
})
const known = (digit: string, over: Partial<ListedApp> = {}): ListedApp => ({
  app: idOf(digit),
  label: 'Chrome on Android',
  mayType: true,
  standing: 'welcome',
  createdAt: 1_000,
  lastSeenAt: 9_000,
  sessions: [],
  ...over,
})

test('an app that both know is one row, with the name and rights of the machine and the address of the broker', () => {
  const phone = known('a', { label: 'Phone of Ada', sessions: ['s1'] })
  expect(appRows([paired('s1', { connected: true })], [phone], null)).toEqual([
    {
      key: idOf('a'),
      label: 'Phone of Ada',
      mark: null,
      known: phone,
      connected: true,
      address: '192.0.2.7',
      sinceMs: 1_000,
      lastSeenAtMs: 9_000,
      isOwn: false,
    },
  ])
})

test('an app that was paired twice is one row still, and here when one of its sessions is', () => {
  const rows = appRows(
    [paired('s1'), paired('s2', { connected: true, address: '192.0.2.8' })],
    [known('a', { sessions: ['s1', 's2'] })],
    null,
  )
  expect(rows).toMatchObject([{ key: idOf('a'), connected: true, address: '192.0.2.8' }])
})

test('an app that only one of the two knows stays visible', () => {
  const rows = appRows([paired('s1')], [known('a', { label: 'Kitchen tablet' })], null)
  expect(rows).toMatchObject([
    { label: 'Kitchen tablet', address: null, connected: false },
    { label: 'Chrome on Android', known: null, lastSeenAtMs: null },
  ])
})

test('until the machine has answered, the apps of the broker are the list', () => {
  expect(appRows([paired('s1'), paired('s2')], null, null)).toHaveLength(2)
})

test('apps of one name have a mark that tells them apart, others have none', () => {
  const rows = appRows(
    [],
    [known('a'), known('b', { lastSeenAt: 8_000 }), known('c', { label: 'Desk', lastSeenAt: 7_000 })],
    null,
  )
  expect(rows.map(({ mark }) => mark)).toEqual(['aaaa', 'bbbb', null])
})

test('this browser is marked by the id that the machine gave it, not by its name', () => {
  const rows = appRows([], [known('a'), known('b')], idOf('b'))
  expect(rows.map(({ isOwn }) => isOwn)).toEqual([false, true])
})

test('those who are here come first, then the one seen last', () => {
  const rows = appRows(
    [paired('s3', { connected: true })],
    [known('a', { lastSeenAt: 2_000 }), known('b', { lastSeenAt: 3_000 }), known('c', { sessions: ['s3'] })],
    null,
  )
  expect(rows.map(({ key }) => key[0])).toEqual(['c', 'b', 'a'])
})

test('a machine that does not say its sessions is joined by names that only one has', () => {
  const { sessions: _, ...old } = known('a')
  expect(appRows([paired('s1', { connected: true })], [old], null)).toMatchObject([{ connected: true }])
  expect(appRows([paired('s1'), paired('s2')], [old], null)).toHaveLength(3)
})
