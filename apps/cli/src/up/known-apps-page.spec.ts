import type { ListedApp } from '@latchkey/protocol/runner-apps'
import { expect, it } from 'vitest'
import { BEGINNING, evolve } from './facts.ts'
import { EMPTY_PAGE, type KnownAppsPage, knownAppsScreen, pressedOn, withApps } from './known-apps-page.ts'
import { paintWith } from './paint.ts'
import { rowsOf } from './screen.ts'
import { columnsOf } from './text-width.ts'
import type { View } from './view.ts'

const HOUR_MS = 3_600_000
const app = (digit: number, label: string, more: Partial<ListedApp> = {}): ListedApp => ({
  app: String(digit).repeat(32),
  label,
  mayType: true,
  standing: 'welcome',
  createdAt: 0,
  lastSeenAt: digit * HOUR_MS,
  ...more,
})
const view = (more: Partial<View> = {}): View => ({
  state: BEGINNING,
  machine: {
    ...{ name: 'forge', version: '1.0.0', shell: 'zsh', folder: '~', user: 'ada' },
    ...{ viewOnly: false, allowUnsealed: false, ownBroker: true, endTerminals: false },
  },
  nowMs: 10 * HOUR_MS,
  offlineSinceMs: null,
  columns: 80,
  rows: 24,
  paint: paintWith(false),
  qr: true,
  keys: 'keys',
  ...more,
})
const two = withApps(EMPTY_PAGE, [app(1, 'Tablet', { mayType: false }), app(9, 'Pixel 8')])
const keys = (page: KnownAppsPage, typed: string): ReturnType<typeof pressedOn> =>
  [...typed].reduce<ReturnType<typeof pressedOn>>((done, key) => pressedOn(done?.page ?? page, key), null)

it('the apps are listed, the one that was here last in front, with rights and time', () => {
  const text = knownAppsScreen(view(), two).join('\n')
  expect(text).toMatch(/1 {2}Pixel 8 +types, last here 1 h ago/)
  expect(text).toMatch(/2 {2}Tablet +watches, last here 9 h ago/)
  expect(text).toContain('1-2 choose')
  const here = evolve(BEGINNING, {
    ...{ kind: 'app', action: 'connected' },
    app: { appSessionId: 's', label: 'Pixel 8', address: '' },
  })
  const live = withApps(EMPTY_PAGE, [app(9, 'Pixel 8', { sessions: ['s'] })])
  expect(knownAppsScreen(view({ state: here }), live).join('\n')).toContain('here now')
})

it('an app is revoked by its number and x twice, and by nothing less', () => {
  expect(keys(two, '2xx')).toMatchObject({ revoke: '1'.repeat(32) })
  expect(keys(two, '2x')).toMatchObject({ revoke: null })
  expect(knownAppsScreen(view(), keys(two, '2x')?.page ?? two).join('\n')).toContain('Revoke Tablet?')
  // Another number in between begins anew.
  expect(keys(two, '2x1x')).toMatchObject({ revoke: null })
  expect(keys(two, 'xx')).toMatchObject({ revoke: null })
  expect(keys(two, '7xx')).toMatchObject({ revoke: null })
  expect(pressedOn(two, 'q')).toBeNull()
})

it('an app that is gone meanwhile is not revoked in the place of another', () => {
  const sure = keys(two, '2x')?.page ?? two
  expect(pressedOn(withApps(sure, [app(9, 'Pixel 8')]), 'x')).toMatchObject({ revoke: null })
})

it('the page fits small windows, and says how to see the rest', () => {
  const many = withApps(
    EMPTY_PAGE,
    Array.from({ length: 14 }, (_, at) => app(at % 10, `Phone with a long name number ${at}`)),
  )
  for (const columns of [40, 60, 80])
    for (const rows of [14, 24]) {
      const lines = knownAppsScreen(view({ columns, rows }), many)
      expect(rowsOf(lines, columns)).toBeLessThan(rows)
      expect(lines.every((line) => columnsOf(line) <= columns)).toBe(true)
    }
  expect(knownAppsScreen(view(), many).join('\n')).toContain('5 more: latchkey apps')
  expect(knownAppsScreen(view(), EMPTY_PAGE).join('\n')).toContain('Asking the runner')
  expect(knownAppsScreen(view(), withApps(EMPTY_PAGE, [])).join('\n')).toContain('No app is known')
})
