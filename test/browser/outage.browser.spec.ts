import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, live, pairWith, phone, readerText, screenHas, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

const LINES = 400
/** Longer than a radio needs after it woke, and far shorter than the wait between two retries. */
const WAKES_WITHIN_MS = 3_000

test('a broker that is killed and started again under an open terminal loses nothing and doubles nothing', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(
    page,
    `for i in $(seq 1 ${LINES}); do echo "line $i"; sleep 0.01; done; echo all-$((1+1))-there`,
  )
  await screenHas(page, 'line 30')
  await house.killBroker()
  await page.locator('.pill[data-link="reconnecting"]').waitFor()
  await page.getByText(/No link since \d\d:\d\d:\d\d/).waitFor()
  await page.getByLabel('Line to send').fill('echo typed-$((2+2))-meanwhile')
  await page.getByLabel('Line to send').press('Enter')
  await page.getByText(/characters wait here until the link is back/).waitFor()
  await shot(page, 'phone.terminal.reconnecting')
  await house.startBroker()
  await page
    .getByRole('button', { name: 'Reconnect now' })
    .tap({ timeout: 5_000 })
    .catch(() => {})
  await live(page)
  // Held for less than ten seconds it is sent by itself, for more it is asked.
  const ask = page.getByRole('button', { name: 'Send to attic' })
  if (await ask.isVisible()) await ask.tap()
  await screenHas(page, /^all-2-there$/)
  await screenHas(page, /^typed-4-meanwhile$/)
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Reader view' }).tap()
  const text = await readerText(page)
  const numbers = [...text.matchAll(/^line (\d+)$/gm)].map((match) => Number(match[1]))
  expect(numbers).toEqual(Array.from({ length: LINES }, (_, index) => index + 1))
  expect(text.match(/^typed-4-meanwhile$/gm)).toHaveLength(1)
  await context.close()
})

test('a machine whose runner was killed is said to be away, and its terminal goes on with the next runner', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  // The terminal is that of the tests before: their rows are on its screen, which a new app is shown.
  await compose(
    page,
    `clear; for i in $(seq 1 ${LINES}); do echo "line $i"; sleep 0.01; done; echo all-$((1+1))-there`,
  )
  await screenHas(page, 'line 30')
  await house.killRunner()
  const away = page.getByRole('status').filter({ hasText: 'attic is away.' })
  await away.getByText('its terminals are here again in a few seconds').waitFor()
  await look(page, 'phone.terminal.away')
  await house.addRunner('attic')
  await live(page)
  await away.waitFor({ state: 'detached' })
  await screenHas(page, /^all-2-there$/)
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Reader view' }).tap()
  const text = await readerText(page)
  const numbers = [...text.matchAll(/^line (\d+)$/gm)].map((match) => Number(match[1]))
  expect(numbers).toEqual(Array.from({ length: LINES }, (_, index) => index + 1))
  await context.close()
})

test('a page whose network is back reconnects at once, without waiting for its next retry', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.clock.install()
  await pairWith(page, house.url, house.code())
  await house.killBroker()
  await page.locator('.pill[data-link="reconnecting"]').waitFor()
  // By now its next retry is half a minute away, and no timer runs by itself.
  await page.clock.pauseAt(new Date(Date.now() + 60_000))
  await page.clock.runFor(120_000)
  await house.startBroker()
  const opened = page.waitForEvent('websocket')
  await page.evaluate(() => window.dispatchEvent(new Event('online')))
  await page.clock.runFor(WAKES_WITHIN_MS)
  await opened
  await page.clock.resume()
  await live(page)
  await context.close()
})

test('input older than ten seconds asks before it is sent, with the focus on Discard', async () => {
  const context = await phone(browser, { theme: 'light' })
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await house.killBroker()
  await page.locator('.pill[data-link="reconnecting"]').waitFor()
  await compose(page, 'echo held-$((3+3))')
  const typedAt = Date.now()
  await page.waitForFunction((since) => Date.now() - since > 10_500, typedAt, {
    polling: 500,
    timeout: 20_000,
  })
  await house.startBroker()
  await page
    .getByRole('button', { name: 'Reconnect now' })
    .tap({ timeout: 5_000 })
    .catch(() => {})
  const question = page.getByRole('alertdialog', { name: 'Send what you wrote while away?' })
  await question.waitFor({ timeout: 60_000 })
  expect(await question.innerText()).toContain('echo held-$((3+3)) ⏎')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Discard')
  await shot(page, 'phone.terminal.held.light')
  await question.getByRole('button', { name: 'Send to attic' }).tap()
  await screenHas(page, /^held-6$/)
  await context.close()
})

test('output that the machine could no longer keep is shown as a gap, and the screen is right after it', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'clear; echo ready; read -t 2; seq 1 3000000; echo flood-$((4+5))')
  await screenHas(page, /^ready$/)
  await house.killBroker()
  await page.locator('.pill[data-link="reconnecting"]').waitFor()
  const lostAt = Date.now()
  await page.waitForFunction((since) => Date.now() - since > 5_000, lostAt, { polling: 250 })
  await house.startBroker()
  await page
    .getByRole('button', { name: 'Reconnect now' })
    .tap({ timeout: 5_000 })
    .catch(() => {})
  await page
    .getByText(/\d MB passed while you were away/)
    .first()
    .waitFor({ timeout: 60_000 })
  await screenHas(page, /^flood-9$/)
  await shot(page, 'phone.terminal.gap')
  await page.getByRole('button', { name: 'Dismiss' }).tap()
  await compose(page, 'echo after-$((5+5))')
  await screenHas(page, /^after-10$/)
  await context.close()
})
