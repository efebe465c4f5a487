import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { pushService } from '../../apps/broker/src/testing/push-service.ts'
import { pushedBrowser } from '../../apps/runner/src/testing/pushed-browser.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { desk, openFullBrowser, pairWith, phone } from './phone.ts'
import { delivery, shownBy, withPushService } from './pushed-phone.ts'

const service = await pushService()
afterAll(cleanUp)
const house = houseOfFile({
  env: { LATCHKEY_PUSH_SUBJECT: 'mailto:push@house.net', LATCHKEY_PUSH_SERVERS: service.origin },
})
const browser = browserOfFile(openFullBrowser)
const receiver = pushedBrowser(service.origin)

async function calledPhone(locale = 'en') {
  const context = await phone(browser, { locale })
  await context.grantPermissions(['notifications'], { origin: new URL(house.url).origin })
  await withPushService(context, service.origin, receiver)
  const page = await context.newPage()
  return { context, page }
}

const kept = z.object({
  apps: z.array(
    z.object({
      subscription: z.object({ endpoint: z.string() }),
      rules: z.object({ done: z.boolean(), muted: z.array(z.number()), quiet: z.unknown() }),
    }),
  ),
})
/** What the machine wrote down. */
const keptByMachine = () => {
  const file = join(house.dataDir, 'machine-attic', 'runner', 'push.json')
  return kept.parse(JSON.parse(readFileSync(file, 'utf8'))).apps.at(-1)
}
const steps = (page: Page) =>
  page.locator('.push-test li').evaluateAll((all) => all.map((each) => each.className))

test('a phone is called: it subscribes, tests each step, and hears what it chose', async () => {
  const { context, page } = await calledPhone()
  await pairWith(page, house.url, house.code())
  await page.goto(`${house.url}/#/notifications`)
  await page.getByRole('switch', { name: 'Call this phone' }).click()
  await page.getByText('From 1 machine').waitFor()
  await look(page, 'phone.push-settings')

  const deliver = await delivery(page)
  const sent = () => service.heard.at(-1)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByText('Waiting for this device').waitFor()
  expect(await steps(page)).toEqual(['done', 'done', 'done', 'now'])
  const text = receiver.textOf(sent()?.body ?? Buffer.alloc(0))
  await deliver(text)
  await page.getByText('Shown on this device').waitFor()
  expect(await steps(page)).toEqual(['done', 'done', 'done', 'done'])
  expect(await shownBy(page)).toEqual([
    { title: 'Test', body: 'Notifications from attic arrive here.', tag: 'test' },
  ])
  await page.getByText('Shown on this device').scrollIntoViewIfNeeded()
  await look(page, 'phone.push-test')

  // The push service ends the subscription: the page says so, subscribes anew, and tests once more.
  service.answers((path) => (path.endsWith('-1') ? 410 : 201))
  await page.getByRole('button', { name: 'Test again' }).click()
  await page.getByText('Waiting for this device').waitFor()
  expect(sent()?.path).toBe('/phone-2')
  await expect.poll(() => keptByMachine()?.subscription.endpoint).toBe(`${service.origin}/phone-2`)
  service.answers(429, { 'retry-after': '30' })
  await page.reload()
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByText(/answered 429: too many messages. It asks to wait 30 s/).waitFor()
  expect(await steps(page)).toEqual(['done', 'done', 'bad'])
  await page.getByText('The push service refused it').scrollIntoViewIfNeeded()
  await look(page, 'phone.push-test-refused')

  await page.getByRole('switch', { name: 'A long command is done' }).click()
  await page.getByRole('button', { name: 'Change' }).click()
  await page.getByRole('textbox', { name: 'From' }).fill('23:00')
  await look(page, 'phone.push-quiet')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('23:00 to 07:30').waitFor()
  await page
    .getByRole('switch', { name: /^Terminal|^bash|attic/ })
    .last()
    .click()
  await expect
    .poll(() => keptByMachine()?.rules)
    .toMatchObject({ done: true, muted: [expect.any(Number)], quiet: { from: 1_380, to: 450 } })
  await page.getByRole('switch', { name: 'Call this phone' }).click()
  await expect.poll(() => keptByMachine()).toBeUndefined()
  await context.close()
})

test('a message is shown by the worker whatever it says, and a tap leads to its terminal', async () => {
  const { context, page } = await calledPhone()
  await pairWith(page, house.url, house.code())
  await page.goto(`${house.url}/#/notifications`)
  await page.getByRole('switch', { name: 'Call this phone' }).click()
  await page.getByText('From 1 machine').waitFor()
  const deliver = await delivery(page)
  await deliver('no JSON at all')
  await expect.poll(() => shownBy(page)).toEqual([{ title: 'Latchkey', body: '', tag: '' }])
  const navigate = `${house.url}/#/m/attic/7`
  await deliver(
    JSON.stringify({
      web_push: 8030,
      notification: { title: 'codex needs you', body: 'b', tag: 't', navigate },
    }),
  )
  await expect.poll(async () => (await shownBy(page)).length).toBe(2)
  const [worker] = context.serviceWorkers()
  await worker?.evaluate(async () => {
    const scope = globalThis as unknown as {
      registration: ServiceWorkerRegistration
      dispatchEvent(event: Event): void
      NotificationEvent: new (type: string, init: { notification: Notification | undefined }) => Event
    }
    const [notification] = await scope.registration.getNotifications({ tag: 't' })
    scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification }))
  })
  // No such machine is known here, so the page goes on to the list of machines.
  await page.waitForURL((url) => !url.hash.includes('notifications'))
  expect((await shownBy(page)).map(({ title }) => title)).toEqual(['Latchkey'])
  await context.close()
})

const HINDRANCES = [
  [
    'denied',
    'This phone blocks them',
    `Object.defineProperty(Notification, 'permission', { value: 'denied' })`,
  ],
  [
    'ios',
    'First, to the home screen',
    `delete window.PushManager; Object.defineProperty(navigator, 'userAgent', { value: 'iPhone' })`,
  ],
  [
    'insecure',
    'This address is plain HTTP.',
    `Object.defineProperty(window, 'isSecureContext', { value: false })`,
  ],
  ['unsupported', 'This browser has no notifications.', `delete window.PushManager`],
] as const

test('what is in the way of notifications is said before anything is asked', async () => {
  const context = await phone(browser)
  for (const [name, says, script] of HINDRANCES) {
    const page = await context.newPage()
    await page.addInitScript(script)
    await page.goto(`${house.url}/#/notifications`)
    await page.getByText(says).waitFor()
    expect(await page.getByRole('switch').count()).toBe(0)
    await look(page, `phone.push-${name}`)
    await page.close()
  }
  await context.close()
})

test('the page speaks Russian and Chinese, and fits on a desk', async () => {
  for (const locale of ['ru', 'zh']) {
    const context = await desk(browser, { locale, theme: 'light' })
    await context.grantPermissions(['notifications'], { origin: new URL(house.url).origin })
    await withPushService(context, service.origin, receiver)
    const page = await context.newPage()
    await page.goto(`${house.url}/#/notifications`)
    await page.getByRole('switch').first().click()
    await page.getByRole('switch').nth(3).waitFor()
    await look(page, `desk.push-settings.${locale}`)
    await context.close()
  }
})
