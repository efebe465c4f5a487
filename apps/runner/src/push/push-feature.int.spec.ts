import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PushRequest } from '@latchkey/connection/runner/runner-link'
import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import type { PushRules } from '@latchkey/protocol/terminal/push'
import { expect, it, onTestFinished } from 'vitest'
import type { FeatureApp } from '../channel/feature.ts'
import { pushedBrowser } from '../testing/pushed-browser.ts'
import type { PushNews } from './notify.ts'
import { type PushOptions, pushFeature } from './push-feature.ts'

const PHONE = 'ab'.repeat(16)
const RULES: PushRules = { needsYou: true, failed: true, done: true, quiet: null, muted: [] }
type Answer = Awaited<ReturnType<NonNullable<ReturnType<PushOptions['link']>>['push']>>
const TAKEN: Answer = { success: true, outcome: 'taken', status: 201, tookMs: 3 }

/** A machine's push with a broker that the test plays, and its folder. */
function machine({ folder = temporary(), answers = [] as Answer[] } = {}) {
  const sent: PushRequest[] = []
  const known = new Set([PHONE])
  const front = new Set<number>()
  const pushed: string[] = []
  const push = pushFeature({
    sender: { runnerId: 'attic-id', machine: 'attic' },
    folder,
    isKnown: (app) => known.has(app),
    isLookedAt: (terminal) => front.has(terminal),
    link: () => ({
      push: async (request) => {
        sent.push(request)
        return answers.shift() ?? TAKEN
      },
    }),
    onPushed: (question) => pushed.push(question),
    onTrouble: (message) => expect.unreachable(message),
  })
  onTestFinished(() => push.stop())
  const joined = (who: Partial<FeatureApp> = {}) => {
    const heard: RunnerMessage[] = []
    const app = push.feature.joined({
      app: 'handle',
      appId: PHONE,
      label: 'phone',
      sealed: true,
      mayType: false,
      mayApprove: false,
      maySend: false,
      folder: () => '/',
      paused: false,
      tell: (message) => heard.push(message),
      send: () => {},
      terminal: () => null,
      ...who,
    })
    return { heard, hear: (message: AppFeatureMessage) => app.hear(message), left: () => app.left() }
  }
  return { push, sent, known, front, pushed, joined, folder }
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-push-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const browser = pushedBrowser('https://push.test/phone')
const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const STANDING = { type: 'pushStanding', endpoint: digest('https://push.test/phone') }
const NONE = { type: 'pushStanding', endpoint: null }
const wanted = (more: object = {}) => ({
  type: 'pushWanted' as const,
  subscription: browser.subscription,
  rules: RULES,
  language: 'en' as const,
  page: 'https://house.test',
  ...more,
})
const bodyOf = (request: PushRequest | undefined) => Buffer.from(request?.body ?? '', 'base64url')
const question = (terminal: number): PushNews => ({
  terminal,
  kind: 'question',
  title: 'codex',
  body: 'rm -rf\u001b[31m build',
  question: 'cd'.repeat(16),
})

it('an app that wants to be called is called with what happened, and a tap leads to that terminal', async () => {
  const { push, sent, joined, pushed } = machine()
  const phone = joined()
  expect(phone.heard).toEqual([NONE])
  phone.hear(wanted())
  await expect.poll(() => phone.heard.at(-1)).toEqual(STANDING)
  phone.left()
  push.notify(question(7))
  await expect.poll(() => pushed).toEqual(['cd'.repeat(16)])
  expect(sent[0]).toMatchObject({ endpoint: browser.subscription.endpoint, urgency: 'high' })
  expect(browser.read(bodyOf(sent[0]))).toEqual({
    title: 'codex asks you',
    body: 'rm -rf[31m build\nattic',
    lang: 'en',
    navigate: `https://house.test/#/m/attic-id/7/q/${'cd'.repeat(16)}`,
    tag: 'attic-id/7',
  })
})

it('the subscription outlives the process, for its owner alone, and ends with the app', async () => {
  const first = machine()
  const phone = first.joined()
  phone.hear(wanted())
  await expect.poll(() => phone.heard.at(-1)).toEqual(STANDING)
  await first.push.stop()
  const file = join(first.folder, 'push.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)

  const second = machine({ folder: first.folder })
  second.push.notify(question(1))
  await expect.poll(() => second.sent).toHaveLength(1)
  second.push.forget(PHONE)
  await second.push.stop()
  expect(readFileSync(file, 'utf8')).not.toContain('push.test')
})

it('an app that the machine no longer knows is not called, also where its subscription is still in the file', async () => {
  const { push, sent, known, joined } = machine()
  const phone = joined()
  phone.hear(wanted())
  await expect.poll(() => phone.heard.at(-1)).toEqual(STANDING)
  known.delete(PHONE)
  push.notify(question(1))
  known.add(PHONE)
  push.notify(question(2))
  await expect.poll(() => sent).toHaveLength(1)
  expect(browser.read(bodyOf(sent[0])).tag).toBe('attic-id/2')
})

it('an app that does not seal, or brings bad keys, is told that nothing was kept', async () => {
  const { joined } = machine()
  const plain = joined({ sealed: false })
  plain.hear(wanted())
  expect(plain.heard).toEqual([NONE, { ...NONE, dropped: 'not-kept' }])
  const odd = joined()
  const p256dh = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 9)]).toString('base64url')
  odd.hear(wanted({ subscription: { ...browser.subscription, p256dh } }))
  await expect.poll(() => odd.heard.at(-1)).toEqual({ ...NONE, dropped: 'bad-keys' })
})

it('a subscription that has ended is forgotten, and every window of its app is told', async () => {
  const { push, joined, sent } = machine({ answers: [{ ...TAKEN, outcome: 'gone', status: 410 }] })
  const [phone, other] = [joined(), joined()]
  phone.hear(wanted())
  await expect.poll(() => other.heard.at(-1)).toEqual(STANDING)
  push.notify(question(1))
  for (const each of [phone, other])
    await expect.poll(() => each.heard.at(-1)).toEqual({ ...NONE, dropped: 'gone' })
  push.notify(question(2))
  expect(sent).toHaveLength(1)
  const late = joined()
  late.hear(wanted())
  await expect.poll(() => late.heard.at(-1)).toEqual({ ...NONE, dropped: 'gone' })
})

it('a browser that was paired anew is called once', async () => {
  const { push, known, joined, sent } = machine()
  const again = 'ef'.repeat(16)
  known.add(again)
  for (const appId of [PHONE, again]) {
    const phone = joined({ appId })
    phone.hear(wanted())
    await expect.poll(() => phone.heard.at(-1)).toEqual(STANDING)
  }
  push.notify(question(1))
  await expect.poll(() => sent).toHaveLength(1)
})

it('nothing is sent about a terminal that an app has in front, or that is muted', async () => {
  const { push, front, joined, sent } = machine()
  const phone = joined()
  phone.hear(wanted({ rules: { ...RULES, muted: [3] } }))
  await expect.poll(() => phone.heard.at(-1)).toEqual(STANDING)
  front.add(2)
  for (const terminal of [2, 3, 4]) push.notify(question(terminal))
  await expect.poll(() => sent).toHaveLength(1)
  expect(browser.read(bodyOf(sent[0])).tag).toBe('attic-id/4')
})

it('the steps of a test are told as they become true, with what was answered', async () => {
  const slow: Answer = { success: true, outcome: 'slow-down', status: 429, tookMs: 9, retryAfterSeconds: 30 }
  const old: Answer = { success: false, error: 'INVALID_FORMAT', code: 'INVALID_FORMAT', message: '' }
  const { joined, sent } = machine({ answers: [TAKEN, slow, old] })
  const phone = joined()
  const test = async (request: number) => {
    phone.hear({ type: 'pushTest', request, id: '12'.repeat(16) })
    const steps = () => phone.heard.filter((each) => each.type === 'pushTested' && each.request === request)
    await expect.poll(() => steps().at(-1)).toMatchObject({ step: 'sent' })
    return steps()
  }
  const told = (request: number, said: object) => ({ type: 'pushTested', request, ...said })
  expect(await test(1)).toEqual([told(1, { step: 'sent', outcome: 'not-subscribed' })])
  phone.hear(wanted({ language: 'ru' }))
  await expect.poll(() => phone.heard.at(-1)).toEqual(STANDING)
  expect(await test(2)).toEqual([
    told(2, { step: 'sealed' }),
    told(2, { step: 'sent', outcome: 'taken', status: 201, tookMs: 3 }),
  ])
  expect(browser.read(bodyOf(sent[0]))).toMatchObject({ title: 'Проверка', data: { id: '12'.repeat(16) } })
  expect((await test(3)).at(-1)).toMatchObject({ outcome: 'slow-down', retryAfterSeconds: 30 })
  expect((await test(4)).at(-1)).toEqual(told(4, { step: 'sent', outcome: 'broker-too-old' }))
})

it('the longest text of the widest characters still fits', async () => {
  const { push, joined, sent } = machine()
  const phone = joined()
  phone.hear(wanted({ language: 'zh', page: `https://${'h'.repeat(200)}.test` }))
  await expect.poll(() => phone.heard.at(-1)).toEqual(STANDING)
  push.notify({ terminal: 1, kind: 'question', title: '需'.repeat(500), body: '𝔸"\\'.repeat(900) })
  await expect.poll(() => sent).toHaveLength(1)
  expect(browser.read(bodyOf(sent[0])).body).toContain('𝔸"\\')
})
