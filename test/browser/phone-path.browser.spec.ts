import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from './house.ts'
import {
  answerPin,
  compose,
  live,
  openBrowser,
  pairWith,
  phone,
  screenHas,
  screenText,
  shot,
} from './phone.ts'

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

test('a phone types the code, presses Pair, and drives a live shell', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.goto(house.url)
  await page.getByLabel('Pairing code').pressSequentially(house.code().replaceAll('-', '').toLowerCase())
  expect(await page.getByLabel('Pairing code').inputValue()).toBe(house.code())
  await shot(page, 'phone.enter-code.typed')
  await page.getByRole('button', { name: 'Pair', exact: true }).tap()
  await answerPin(page, house)
  await screenHas(page, /^\$/)
  await page.locator('.room').tap()
  await page.keyboard.type('echo $((6*7))')
  await page.keyboard.press('Enter')
  await screenHas(page, /^42$/)
  await live(page)
  await shot(page, 'phone.terminal')
  await context.close()
})

test('taps select nothing on the screen', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  const { x, y } = (await page.locator('.room').boundingBox()) ?? { x: 0, y: 0 }
  for (let tap = 0; tap < 3; tap++) await page.touchscreen.tap(x + 120, y + 300)
  await compose(page, 'echo drawn-$((40+2))')
  await screenHas(page, /^drawn-42$/)
  expect(await page.locator('.xterm-selection > div').count()).toBe(0)
  await context.close()
})

test('a reload resumes the same screen', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'echo before-$((40+2))-reload')
  await screenHas(page, /^before-42-reload$/)
  await page.reload()
  await live(page)
  await screenHas(page, /^before-42-reload$/)
  await compose(page, 'echo after-$((40+2))')
  await screenHas(page, /^after-42$/)
  const text = await screenText(page)
  expect(text.match(/^before-42-reload$/gm)).toHaveLength(1)
  await context.close()
})

test('the link of a QR fills the code, leaves the address bar, and still asks', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.goto(`${house.url}/p#1.${house.code().replaceAll('-', '')}.more.parts`)
  const field = page.getByLabel('Pairing code')
  await field.waitFor()
  expect(await field.inputValue()).toBe(house.code())
  expect(page.url()).toBe(`${house.url}/p`)
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2)
  await shot(page, 'phone.enter-code.link')
  await page.getByRole('button', { name: 'Pair', exact: true }).tap()
  await answerPin(page, house)
  await live(page)
  await context.close()
})

test('Control C of the key bar interrupts, sticky Control too', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'sleep 1000')
  await screenHas(page, 'sleep 1000')
  await page.getByRole('button', { name: 'Interrupt, Control C' }).tap()
  await screenHas(page, '^C')
  await compose(page, 'echo free-$((1+1))')
  await screenHas(page, /^free-2$/)
  await compose(page, 'sleep 2000')
  await screenHas(page, 'sleep 2000')
  const control = page.getByRole('button', { name: 'Ctrl', exact: true })
  await control.tap()
  await page.locator('.key[aria-pressed="true"]').waitFor()
  await shot(page, 'phone.terminal.control-held')
  await page.locator('.room').tap()
  await page.keyboard.type('c')
  expect(await page.locator('.key[aria-pressed="true"]').count()).toBe(0)
  await compose(page, 'echo again-$((1+2))')
  await screenHas(page, /^again-3$/)
  await context.close()
})

test('a key of the bar never takes the focus', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await page.locator('.room').tap()
  const focused = () => page.evaluate(() => document.activeElement?.className)
  expect(await focused()).toBe('raw-field')
  await page.getByRole('button', { name: 'Up', exact: true }).tap()
  expect(await focused()).toBe('raw-field')
  await page.getByRole('button', { name: 'Interrupt, Control C' }).tap()
  await context.close()
})

test('several lines of the compose field arrive as one paste, and the draft survives a reload', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  const field = page.getByLabel('Line to send')
  await field.fill('echo one-$((1+0))')
  await page.reload()
  await live(page)
  expect(await field.inputValue()).toBe('echo one-$((1+0))')
  await field.focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('echo two-$((1+1))')
  await shot(page, 'phone.terminal.compose')
  await page.keyboard.press('Enter')
  await screenHas(page, /^one-1\ntwo-2$/)
  expect(await field.inputValue()).toBe('')
  await context.close()
})

test('several terminals have tabs with names, new output is marked, closing ends one', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  const before = await page.getByRole('tab').count()
  await page.getByRole('button', { name: 'New terminal' }).tap()
  await expect.poll(() => page.getByRole('tab').count()).toBe(before + 1)
  await screenHas(page, /^\$/)
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await shot(page, 'phone.terminal.menu')
  await page.getByRole('button', { name: 'Rename' }).tap()
  await page.getByLabel('Name', { exact: true }).fill('logs')
  await page.getByRole('button', { name: 'Save' }).tap()
  await page.getByRole('tab', { name: 'logs' }).waitFor()
  await compose(page, 'sleep 0.4; echo behind')
  await page.getByRole('tab').first().tap()
  await page.getByRole('tab', { name: /logs\s+new output/ }).waitFor()
  await shot(page, 'phone.terminal.tabs')
  await page.getByRole('tab', { name: /logs/ }).tap()
  await screenHas(page, /^behind$/)
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Close terminal' }).tap()
  await shot(page, 'phone.terminal.close')
  await page.getByRole('dialog').getByRole('button', { name: 'Close terminal' }).tap()
  await expect.poll(() => page.getByRole('tab').count()).toBe(before)
  await context.close()
})
