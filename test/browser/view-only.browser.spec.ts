import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from './house.ts'
import { answerPin, live, openBrowser, phone, shot } from './phone.ts'

let house: House
let browser: Browser
beforeAll(async () => {
  house = await openHouse({ viewOnly: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await house?.stop()
})

test('who may only look is told so and finds nothing to type with', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.goto(`${house.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).tap()
  await answerPin(page, house)
  await live(page)
  await page.getByText('View only').waitFor()
  await page.getByText('The owner of attic lets this app watch, not type.').waitFor()
  expect(await page.getByRole('button', { name: 'New terminal' }).count()).toBe(0)
  await shot(page, 'phone.terminal.view-only')
  await context.close()
})
