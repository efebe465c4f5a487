import { handPlatform } from '@latchkey/connection/hand-platform.fixture'
import { expect, it } from 'vitest'
import type { TerminalStatus } from '../attention/terminal-status.ts'
import { pushedBrowser } from '../testing/pushed-browser.ts'
import { Notifier } from './notifier.ts'
import type { PushNews } from './notify.ts'
import { PushBook } from './push-book.ts'
import { StatusFeed } from './status-feed.ts'

const NOON = Date.UTC(2026, 10, 30, 12)

async function notifier() {
  const { platform, passes, timers } = handPlatform()
  const book = new PushBook(
    null,
    () => true,
    () => {},
  )
  await book.put({
    app: 'ab'.repeat(16),
    subscription: pushedBrowser('https://push.test/x').subscription,
    rules: { needsYou: true, failed: true, done: true, quiet: null, muted: [] },
    language: 'en',
    page: 'https://house.test',
  })
  const sent: PushNews[][] = []
  const front = new Set<number>()
  const made = new Notifier({
    clock: platform,
    timeMs: () => NOON,
    book,
    sender: {
      send: async (_app, news) => {
        sent.push([...news])
        return null
      },
    },
    isLookedAt: (terminal) => front.has(terminal),
  })
  const status = new StatusFeed(
    { notify: (news) => made.notify(news), settle: (terminal) => made.settle(terminal) },
    (terminal) => `Terminal ${terminal}`,
    0,
  )
  const changed = (state: TerminalStatus['state'], sinceMs: number, more: Partial<TerminalStatus> = {}) =>
    status.changed({ terminal: 1, state, sinceMs, lastLines: [], ...more })
  const told = () => sent.map((each) => each.map(({ kind, title }) => `${kind} ${title}`).join())
  return { made, sent, told, front, passes, timers, changed, status }
}

it('what needs a person is told at once; the outcome of a command when nobody looked for eight seconds', async () => {
  const { changed, told, passes } = await notifier()
  changed('needs-you', 1, { program: 'codex', message: 'Approve?' })
  await passes(500)
  expect(told()).toEqual(['needs-you codex'])
  changed('working', 2)
  changed('failed', 3, { title: 'make' })
  await passes(7_900)
  expect(told()).toHaveLength(1)
  await passes(200)
  expect(told()).toEqual(['needs-you codex', 'failed make'])
})

it('a terminal that is looked at meanwhile, or goes on, is not told about', async () => {
  const { changed, told, passes, front } = await notifier()
  changed('failed', 1)
  await passes(4_000)
  front.add(1)
  await passes(10_000)
  front.clear()
  changed('failed', 2)
  await passes(4_000)
  changed('working', 3)
  await passes(10_000)
  changed('needs-you', 4)
  changed('idle', 5)
  await passes(10_000)
  expect(told()).toEqual([])
})

it('a command is told as done only if it was a long one, also when its shell is idle right after', async () => {
  const { changed, told, passes } = await notifier()
  changed('working', 1_000)
  changed('done', 10_999)
  await passes(9_000)
  expect(told()).toEqual([])
  changed('working', 20_000)
  changed('done', 30_000)
  changed('idle', 30_001)
  await passes(9_000)
  expect(told()).toEqual(['done Terminal 1'])
})

it('a status that is told again is no news, and neither is one from before this process', async () => {
  const { status, told, passes, made } = await notifier()
  for (const lastLines of [['one'], ['two'], ['three']])
    status.changed({ terminal: 1, state: 'needs-you', sinceMs: 5, lastLines })
  await passes(1_000)
  expect(told()).toEqual(['needs-you Terminal 1'])
  const later = new StatusFeed({ notify: made.notify.bind(made), settle: () => {} }, () => '', 1_000)
  later.changed({ terminal: 2, state: 'needs-you', sinceMs: 999, lastLines: [] })
  await passes(1_000)
  expect(told()).toHaveLength(1)
})

it('a question and the status that it causes call a person once, whichever comes first', async () => {
  const { made, changed, told, passes } = await notifier()
  const question: PushNews = { terminal: 1, kind: 'question', title: 'codex', body: '', question: 'q' }
  changed('needs-you', 1)
  made.notify(question)
  await passes(6_000)
  made.notify(question)
  changed('needs-you', 2)
  await passes(6_000)
  expect(told()).toEqual(['question codex', 'question codex'])
})

it('twenty terminals that need a person within a second make three notifications', async () => {
  const { status, sent, passes } = await notifier()
  for (let terminal = 0; terminal < 20; terminal++) {
    status.changed({ terminal, state: 'needs-you', sinceMs: 1, lastLines: [] })
    await passes(50)
  }
  await passes(60_000)
  expect(sent.map((each) => each.length)).toEqual([1, 1, 18])
})

it('a terminal that is gone is not told about, and stopping leaves no timer', async () => {
  const { made, status, changed, told, passes, timers } = await notifier()
  changed('needs-you', 1)
  status.gone(1)
  await passes(1_000)
  expect(told()).toEqual([])
  changed('needs-you', 2)
  made.stop()
  changed('needs-you', 3)
  expect(timers.size).toBe(0)
})
