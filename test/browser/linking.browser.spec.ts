import type { WebSocketRoute } from 'playwright-core'
import { expect, test } from 'vitest'
import { phoneNumber } from '../../packages/whatsapp/src/testing/companion.ts'
import { accountHouse } from './account-house.ts'
import { look } from './look.ts'
import {
  askForCode,
  confirmNumber,
  countIntervals,
  intervals,
  linked,
  shownCode,
  shownQr,
  tab,
  trouble,
} from './marketplace.ts'
import { desk, phone, shot } from './phone.ts'

/** The linking page, a real broker process, the real client and a WhatsApp on loopback. */
const PHONE = phoneNumber(0)

const house = accountHouse()
let shotCount = 0

test('consent comes before the first QR, is recorded, and the token leaves the address (sentences 19, 78)', async () => {
  const page = await house.open(phone, { agrees: false })
  await page.locator('.wa-risks').waitFor()
  expect(page.url()).not.toContain('#')
  const asked = house.market.wa.clients.length
  await shot(page, 'phone.linking.consent')
  expect(await page.locator('[data-qr]').count()).toBe(0)
  expect(house.market.wa.clients).toHaveLength(asked)
  await page.locator('.wa-risks + .btn').click()
  expect(await shownQr(page)).toContain(',')
  await page.reload()
  expect(await shownQr(page)).toContain(',')
})

test('by QR, drawn here from nothing foreign, to the end (sentences 31, 49)', async () => {
  const foreign: string[] = []
  const page = await house.open(phone, {
    prepare: async (made) =>
      made.on('request', (request) => {
        if (
          !request.url().startsWith(house.market.url.replace('http', '')) &&
          !request.url().includes(new URL(house.market.url).host)
        )
          foreign.push(request.url())
      }),
  })
  const qr = await shownQr(page)
  await shot(page, 'phone.linking.qr')
  expect(await page.locator('#wa-qr svg[role="img"] path').count()).toBe(1)
  await house.market.wa.phone(house.numberOf()).scanQr(qr)
  await linked(page)
  await shot(page, 'phone.linking.linked')
  expect(await page.getByText('+1 202 555').count()).toBe(1)
  expect(foreign).toEqual([])
  const response = await page.request.get(`${house.market.url}/link-whatsapp`)
  const policy = response.headers()['content-security-policy'] ?? ''
  expect(policy).toContain("script-src 'self'")
  // No source of any kind is another origin.
  expect(policy).not.toMatch(/https?:|\*/)
})

test('by code: the number is shown for confirmation, the code in two groups, letter by letter for the ear, whole when copied (sentences 36, 46, 48)', async () => {
  const page = await house.open(phone, {
    prepare: (made) => made.context().grantPermissions(['clipboard-read', 'clipboard-write']),
  })
  await askForCode(page, house.numberOf().slice(1))
  await page.getByText('United States').waitFor()
  expect(house.market.wa.codes.some(({ phoneNumber: asked }) => `+${asked}` === house.numberOf())).toBe(false)
  await shot(page, 'phone.linking.confirm')
  await confirmNumber(page)
  const code = await shownCode(page)
  await shot(page, 'phone.linking.code')
  expect(code).toMatch(/^[1-9A-HJ-NP-TV-Z]{8}$/)
  const said = `Code: ${[...code.slice(0, 4)].join(' ')}, ${[...code.slice(4)].join(' ')}`
  expect(await page.locator('[data-code] .vh').textContent()).toBe(said)
  const drawn = page.locator('[data-code] .mono')
  expect(await drawn.textContent()).toBe(`${code.slice(0, 4)}-${code.slice(4)}`)
  expect(await drawn.evaluate((element) => getComputedStyle(element).fontFamily)).toMatch(/mono/i)
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code)
  expect(await page.getByText('Often no notification appears').count()).toBe(1)
  expect(await page.getByText('Link with phone number instead').count()).toBe(1)
  await house.market.wa.phone(house.numberOf()).enterCode(code)
  await linked(page)
})

test('each wrong number has its own message, and asks WhatsApp for nothing (sentences 35, 37)', async () => {
  const page = await house.open()
  await shownQr(page)
  const asked = house.market.wa.codeRequestCount()
  const facts = new Set<string | null>()
  for (const [typed, reason] of [
    ['8900', 'PHONE_TOO_SHORT'],
    ['abc123', 'PHONE_INVALID'],
    ['+1234567890123456', 'PHONE_TOO_LONG'],
    ['+999123456789', 'COUNTRY_UNKNOWN'],
    ['', 'PHONE_REQUIRED'],
  ] as const) {
    await askForCode(page, typed)
    await trouble(page, reason)
    facts.add(await page.locator(`[data-reason="${reason}"]`).textContent())
  }
  expect(facts.size).toBe(5)
  expect(house.market.wa.codeRequestCount()).toBe(asked)
})

test('WhatsApp’s refusal, limit and silence are said in words, the button works again, and the QR is offered (sentences 12, 17, 18)', async () => {
  // Every code that was ever drawn, however shortly.
  const codes: string[] = []
  const page = await house.open(phone, {
    prepare: async (made) => {
      await made.exposeFunction('codeDrawn', (code: string) => void codes.push(code))
      await made.addInitScript(() => {
        new MutationObserver(() => {
          const code = document.querySelector('[data-code]')?.getAttribute('data-code')
          if (code != null) Reflect.get(window, 'codeDrawn')(code)
        }).observe(document, { childList: true, subtree: true, attributes: true })
      })
    },
  })
  for (const [answer, reason] of [
    [{ error: 400, text: 'bad-request' }, 'WA_REFUSED'],
    ['silent', 'WA_NO_ANSWER'],
    [{ error: 429, text: 'rate-overlimit' }, 'WA_RATE_LIMITED'],
  ] as const) {
    house.market.wa.behaviour.onCodeRequest = () => answer
    await askForCode(page, house.numberOf())
    await confirmNumber(page)
    await page.locator(`[data-reason="${reason}"]`).waitFor({ timeout: 30_000 })
    expect(codes).toEqual([])
    if (reason === 'WA_REFUSED') await shot(page, 'phone.linking.refused')
    expect(await page.locator('body').innerText()).not.toMatch(
      /bad-request|rate-overlimit|s\.whatsapp\.net|Error|\.[jt]s:/,
    )
    expect(await page.locator('#wa-tab-code').getAttribute('aria-selected')).toBe('true')
    await page.getByRole('button', { name: 'Change it' }).click()
    expect(await page.locator('#wa-code .wa-ask').isEnabled()).toBe(true)
    if (reason !== 'WA_NO_ANSWER') continue
    house.market.wa.behaviour.onCodeRequest = () => 'accept'
    await askForCode(page, house.numberOf())
    await confirmNumber(page)
    const code = await shownCode(page)
    await expect.poll(() => codes).toContain(code)
    codes.splice(0)
    await page.locator('#wa-code').getByRole('button', { name: 'Cancel' }).click()
    await page.locator('[data-code]').waitFor({ state: 'detached' })
    if (await page.getByRole('button', { name: 'Change it' }).isVisible())
      await page.getByRole('button', { name: 'Change it' }).click()
    codes.splice(0)
  }
  await page.getByRole('button', { name: 'Use the QR instead' }).click()
  expect(await shownQr(page)).toContain(',')
})

test('two tabs show the same code and the same end; the one that asked may go, and comes back to the truth (sentences 4, 15, 56)', async () => {
  const page = await house.open()
  const other = await house.contexts[0]?.newPage()
  if (other === undefined) throw new Error('no second tab')
  await other.goto(await house.market.mint(house.salon, 'Salon Aurora'))
  await askForCode(page, house.numberOf())
  await confirmNumber(page)
  const code = await shownCode(page)
  expect(await shownCode(other)).toBe(code)
  await page.close()
  await house.market.wa.phone(house.numberOf()).enterCode(code)
  await linked(other)
  const back = await house.contexts[0]?.newPage()
  await back?.goto(await house.market.mint(house.salon, 'Salon Aurora'))
  if (back !== undefined) await linked(back)
})

test('one countdown for each shown thing, by the broker’s time, and none after it (sentences 25, 26)', async () => {
  const page = await house.open(phone, { prepare: countIntervals })
  await shownQr(page)
  expect(await intervals(page)).toBe(1)
  await askForCode(page, house.numberOf())
  await confirmNumber(page)
  await shownCode(page)
  await tab(page, 'qr')
  await tab(page, 'code')
  // The QR that still links, and the code: one each.
  expect(await intervals(page)).toBe(2)
  const ring = page.locator('#wa-code .ring')
  expect(await ring.textContent()).toMatch(/Good for (3:00|2:5\d)/)
  await page.locator('#wa-code').getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(() => intervals(page)).toBe(0)
  await page.locator('#wa-code .btn.primary').or(page.locator('#wa-code .wa-ask')).first().waitFor()
  if (await page.locator('#wa-code .wa-ask').isVisible()) await askForCode(page, house.numberOf())
  await confirmNumber(page)
  await shownCode(page)
  expect(await intervals(page)).toBe(2)
  await house.market.wa.phone(house.numberOf()).enterCode(await shownCode(page))
  await linked(page)
  expect(await intervals(page)).toBe(0)
})

test('a page whose connection is lost ten times comes back by itself and draws each thing once (sentences 15, 43)', async () => {
  const routed: WebSocketRoute[] = []
  const told: string[] = []
  const page = await house.open(phone, {
    prepare: (made) =>
      made.routeWebSocket(/socket\.io/, (route) => {
        routed.push(route)
        route.connectToServer().onMessage((message) => {
          if (String(message).includes('"link-state"')) told.push(String(message))
          route.send(message)
        })
      }),
  })
  const qr = await shownQr(page)
  for (let n = 1; n <= 10; n++) {
    const before = told.length
    await routed.at(-1)?.close()
    // One picture for each time that it comes back, and the page draws what that says.
    await expect.poll(() => told.length).toBe(before + 1)
    expect(routed).toHaveLength(n + 1)
  }
  expect(await page.locator('[data-qr]').count()).toBe(1)
  expect(await shownQr(page)).toBe(qr)
  await house.market.wa.phone(house.numberOf()).scanQr(qr)
  await linked(page)
  expect(await page.locator('.done-mark').count()).toBe(1)
})

test('unlinking removes the device on the phone, after being asked twice', async () => {
  const page = await house.open()
  await house.market.wa.phone(house.numberOf()).scanQr(await shownQr(page))
  await linked(page)
  await page.getByRole('button', { name: 'Unlink' }).click()
  await page.locator('.btn.danger').click()
  await expect.poll(() => house.market.wa.phone(house.numberOf()).devices.length).toBe(0)
  await page.locator('.wa-tabs').waitFor()
})

test('a link that is too old or foreign says so, and what to do', async () => {
  const context = await phone(house.browser)
  house.contexts.push(context)
  const page = await context.newPage()
  await page.goto(`${house.market.url}/link-whatsapp#not-a-token`)
  await page.getByText('This link is not valid.').waitFor()
  const language = page.locator('header select')
  for (const [chosen, said] of [
    ['zh', '关联 WhatsApp'],
    ['ru', 'Привязать WhatsApp'],
    ['en', 'Link WhatsApp'],
  ] as const) {
    await language.selectOption(chosen)
    await page.getByRole('heading', { name: said }).waitFor()
  }
})

test('a phone shows the code first, and asks WhatsApp for nothing before a person does', async () => {
  const asked = house.market.wa.clients.length
  const page = await house.open()
  await page.locator('#wa-code input').waitFor()
  expect(await page.locator('[role="tab"]').first().getAttribute('id')).toBe('wa-tab-code')
  expect(await page.locator('#wa-qr').isVisible()).toBe(false)
  expect(house.market.wa.clients).toHaveLength(asked)
})

test('a page that was left and is shown again counts nothing meanwhile, and is told anew what is so (sentences 15, 25)', async () => {
  const page = await house.open(phone, { prepare: countIntervals })
  await shownQr(page)
  // As a browser does with a page that it keeps for the way back; the one under test keeps none.
  const turn = (name: string) =>
    page.evaluate((type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })), name)
  await turn('pagehide')
  await expect.poll(() => intervals(page)).toBe(0)
  await turn('pageshow')
  await house.market.wa.phone(house.numberOf()).scanQr(await shownQr(page))
  await linked(page)
})

test('a link that ends while its page is open is said to be no longer valid (sentence 19)', async () => {
  const context = await phone(house.browser)
  house.contexts.push(context)
  const page = await context.newPage()
  const over = page.getByText('This link is not valid.')
  const risks = page.locator('.wa-risks')
  // A page that comes too late on a slow machine gets a link that is good for longer.
  for (let seconds = 2; !(await risks.isVisible()); seconds *= 2) {
    await page.goto('about:blank')
    await page.goto(`${house.market.url}/link-whatsapp#${house.market.token(house.salon, seconds)}`)
    await risks.or(over).first().waitFor()
  }
  await over.waitFor({ timeout: 60_000 })
})

test.each([
  ['phone', 'en', 'light', phone],
  ['phone', 'ru', 'dark', phone],
  ['desk', 'en', 'dark', desk],
  ['desk', 'ru', 'light', desk],
] as const)('is usable by everybody, on a %s in %s, by %s', async (size, locale, theme, make) => {
  house.salon = `${size}-${locale}-${theme}`
  const page = await house.open(make, { look: { locale, theme }, agrees: false })
  await page.locator('.wa-risks').waitFor()
  await look(page, `${size}.linking.consent.${locale}.${theme}`)
  await page.keyboard.press('Tab')
  await page.locator('.wa-risks + .btn').focus()
  await page.keyboard.press('Enter')
  await shownQr(page)
  await look(page, `${size}.linking.qr.${locale}.${theme}`)
  // One number may be asked for five times an hour.
  await askForCode(page, phoneNumber(60 + shotCount++))
  await confirmNumber(page)
  await shownCode(page)
  await look(page, `${size}.linking.code.${locale}.${theme}`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(wide).toBeLessThanOrEqual(0)
  await page.getByRole('button', { name: locale === 'ru' ? 'Отмена' : 'Cancel' }).click()
})

test('a link is made in the console, and opens the page of that company (sentence 19)', async () => {
  const context = await desk(house.browser, { theme: 'light' })
  house.contexts.push(context)
  const page = await context.newPage()
  await page.goto(house.market.consoleUrl)
  await page.locator('.cnav a').nth(3).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  await page.getByLabel('Its name, for the page').fill('Salon Aurora')
  await page.getByLabel('Its id').fill('../17')
  await page.getByRole('button', { name: 'Make the link' }).click()
  await page.locator('[role="alert"]').waitFor()
  await page.getByLabel('Its id').fill(house.salon)
  await page.getByRole('button', { name: 'Make the link' }).click()
  const minted = new URL(await page.locator('[data-link]').inputValue())
  await look(page, 'desk.linking.console')
  expect(minted.pathname + minted.search).toBe('/link-whatsapp')
  const opened = await context.newPage()
  await opened.goto(`${house.market.url}${minted.pathname}${minted.hash}`)
  await opened.getByText('Salon Aurora').waitFor()

  // The same company in the list: linked, stopped, tried again, unlinked.
  await opened.locator('.wa-risks + .btn').click()
  await house.market.wa.phone(house.numberOf()).scanQr(await shownQr(opened))
  await linked(opened)
  const row = page
    .locator('.accounts > li')
    .filter({ hasText: house.numberOf().slice(-4) })
    .filter({ hasText: 'Salon Aurora' })
  await row.getByText('Connected', { exact: true }).waitFor()
  await row.getByText(/since \d\d:\d\d/).waitFor()
  // A proxy and another name; the list never shows the proxy's password.
  const sheet = page.getByRole('dialog')
  await row.getByRole('button', { name: 'Change' }).click()
  await sheet.getByLabel('Proxy').fill('proxy.example:1080')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.getByText('The broker did not take this.').waitFor()
  await sheet.getByLabel('Company’s name').fill('Salon Aurora Nord')
  await sheet.getByLabel('Proxy').fill('socks5://aurora:secret@127.0.0.1:1080')
  await look(page, 'desk.console.account-sheet')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await row.filter({ hasText: 'Salon Aurora Nord' }).getByText('socks5://127.0.0.1:1080').waitFor()
  expect(await row.innerText()).not.toContain('secret')
  await row.getByRole('button', { name: 'Change' }).click()
  await sheet.getByText('Now through socks5://127.0.0.1:1080.').waitFor()
  await page.setViewportSize({ width: 390, height: 844 })
  await shot(page, 'phone.console.account-sheet')
  await page.setViewportSize({ width: 1280, height: 800 })
  await sheet.getByRole('button', { name: 'Connect without a proxy' }).click()
  await row.filter({ hasText: 'socks5://' }).waitFor({ state: 'detached' })
  house.market.wa.behaviour.refuse = () => 405
  for (const client of house.market.wa.live()) client.drop()
  await row.getByText('WhatsApp wants a newer client.').waitFor()
  for (const language of ['en', 'ru', 'zh']) {
    await page.evaluate((chosen) => localStorage.setItem('latchkey.language', chosen), language)
    await page.reload()
    await row.waitFor()
    for (const [size, width, height] of [
      ['desk', 1280, 800],
      ['phone', 390, 844],
    ] as const) {
      await page.setViewportSize({ width, height })
      await look(page, `${size}.console.accounts.${language}`)
    }
  }
  await page.evaluate(() => localStorage.removeItem('latchkey.language'))
  await page.reload()
  house.market.wa.behaviour.refuse = () => null
  await row.getByRole('button', { name: 'Try now' }).click()
  await row.getByText('Connected', { exact: true }).waitFor()
  await row.getByRole('button', { name: 'Unlink' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click()
  await row.waitFor({ state: 'detached' })
  await expect.poll(() => house.market.wa.phone(house.numberOf()).devices).toEqual([])
})

test('nothing of it is in the broker’s log (sentence 22)', () => {
  const log = house.market.log()
  expect(log).toContain('linking.linked')
  expect(log).not.toContain(PHONE.slice(1))
  expect(log).not.toMatch(/eyJ[A-Za-z0-9_-]{20}/)
  expect(log).not.toContain('wa.me')
})
