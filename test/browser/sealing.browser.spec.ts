import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriers } from './barriers.ts'
import { type House, openHouse } from './house.ts'
import { desk, live, openBrowser, pairWith, phone, screenHas, shot } from './phone.ts'

let house: House
let browser: Browser
beforeAll(async () => {
  house = await openHouse()
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await house?.stop()
})

async function typeCode(page: Page): Promise<void> {
  await page.goto(`${house.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await page.getByLabel('PIN', { exact: true }).waitFor()
}

const sealed = (page: Page) => page.locator('[data-sealed="true"]').first().waitFor()
const other = (pin: string) => String((Number(pin) + 1) % 1_000_000).padStart(6, '0')

/** No browser key: what a page gets from plain HTTP in the own network. */
const withoutSubtle = (context: BrowserContext) =>
  context.addInitScript(() => {
    Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })
    Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })
  })

test('a typed code asks for the PIN, and a reload comes back sealed without it', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await typeCode(page)
  await shot(page, 'phone.pin.dark')
  expect(await barriers(page)).toEqual([])
  const field = page.getByLabel('PIN', { exact: true })
  expect(await field.getAttribute('inputmode')).toBe('numeric')
  expect(await field.getAttribute('autocomplete')).toBe('one-time-code')
  await field.pressSequentially(await house.pin())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  await sealed(page)
  await screenHas(page, '$')
  await shot(page, 'phone.terminal.sealed')
  await page.locator('.pill').click()
  await page.getByText('Fingerprint of attic').waitFor()
  await shot(page, 'phone.connection.sealed')
  await page.keyboard.press('Escape')
  await page.reload()
  await live(page)
  await sealed(page)
  // The key itself is where no script reads it.
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => /seal/.test(key)))).toEqual([])
  await context.close()
})

test('who leaves before the PIN is not let in without it', async () => {
  const context = await phone(browser, { theme: 'light' })
  const page = await context.newPage()
  await typeCode(page)
  await page.reload()
  await page.locator('[data-refusal="no-key"]').waitFor()
  await shot(page, 'phone.no-key.light')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Pair again' }).click()
  await page.getByLabel('Pairing code').fill(house.code())
  await page.keyboard.press('Enter')
  await page.getByLabel('PIN', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Back, and give up pairing' }).click()
  await page.getByLabel('Pairing code').waitFor()
  await context.close()
})

test('a wrong PIN stays selected, and the fresh one lets in', async () => {
  const context = await desk(browser, { theme: 'light' })
  const page = await context.newPage()
  await typeCode(page)
  await shot(page, 'desk.pin.light')
  expect(await barriers(page)).toEqual([])
  const field = page.getByLabel('PIN', { exact: true })
  const wrong = other(await house.pin())
  await field.fill(wrong)
  await field.press('Enter')
  await page.getByText('That PIN does not match.').waitFor()
  await page.getByText('is showing a new one now').waitFor()
  expect(await field.inputValue()).toBe(wrong)
  await expect
    .poll(() => field.evaluate((e: HTMLInputElement) => `${e.selectionStart}-${e.selectionEnd}`))
    .toBe('0-6')
  await shot(page, 'desk.pin-wrong.light')
  expect(await barriers(page)).toEqual([])
  // One PIN is one guess: the page never sends the same digits again.
  await field.press('Enter')
  await page.getByText('You have tried these digits already.').waitFor()
  expect(await barriers(page)).toEqual([])
  await page.keyboard.type(await house.pin())
  await page.keyboard.press('Enter')
  await live(page)
  await sealed(page)
  await shot(page, 'desk.terminal.sealed.light')
  await context.close()
})

test('a whole link lets in without a PIN', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  expect(house.link().split('.')).toHaveLength(5)
  await pairWith(page, house.url, house.code())
  await sealed(page)
  await context.close()
})

test('without the browser’s own keys it seals all the same, and the settings say where the keys lie', async () => {
  const context = await phone(browser)
  await withoutSubtle(context)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await sealed(page)
  await page.reload()
  await live(page)
  await sealed(page)
  await page.goto(house.url)
  await page.getByRole('button', { name: 'Menu', exact: true }).click()
  await page.getByText('lie in its ordinary storage').waitFor()
  await shot(page, 'phone.settings.raw-keys')
  await page.keyboard.press('Escape')
  await page.locator('.badge[data-sealed="true"]').waitFor()
  await shot(page, 'phone.machines.sealed')
  await context.close()
})

test('an app whose access was taken back is told so, and what to do', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await sealed(page)
  const answer = await house.order({ command: 'revoke-all' })
  expect(answer).toMatchObject({ ok: true })
  await page.getByText('attic no longer lets this browser in.').waitFor()
  await shot(page, 'phone.terminal.revoked')
  await page.reload()
  await page.locator('[data-refusal="revoked"]').waitFor()
  await shot(page, 'phone.revoked')
  expect(await barriers(page)).toEqual([])
  // Its key is refused for ever, itself it is not: with the PIN it comes as somebody new.
  await page.getByRole('button', { name: 'Pair again' }).click()
  await page.getByLabel('Pairing code').fill(house.code())
  await page.keyboard.press('Enter')
  await page.getByLabel('PIN', { exact: true }).fill(await house.pin())
  await page.keyboard.press('Enter')
  await live(page)
  await sealed(page)
  await page.reload()
  await live(page)
  await context.close()
})

test('a machine that is locked lets nobody new in, and says how it is unlocked', async () => {
  await house.order({ command: 'lock' })
  const context = await phone(browser, { theme: 'light' })
  const page = await context.newPage()
  await page.goto(`${house.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await page.locator('[data-refusal="locked"]').waitFor()
  await shot(page, 'phone.locked.light')
  expect(await barriers(page)).toEqual([])
  await house.order({ command: 'unlock' })
  await context.close()
})
