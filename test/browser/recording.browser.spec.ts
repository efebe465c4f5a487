import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { answerPin, live, phone } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

test('a person begins a recording in the menu, sees the mark, and ends it', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.goto(`${house.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).tap()
  await answerPin(page, house)
  await live(page)
  const pick = async (item: string) => {
    await page.locator('#terminal-menu').tap()
    await page.getByRole('button', { name: item }).tap()
  }
  expect(await page.getByText('Recording', { exact: true }).count()).toBe(0)
  await pick('Record on the machine')
  await page.getByText('Recording', { exact: true }).waitFor()
  await look(page, 'phone.terminal.recorded')
  // Lying, with a keyboard: the bars are hidden, the mark is not.
  const upright = page.viewportSize() ?? { width: 390, height: 844 }
  await page.setViewportSize({ width: 844, height: 190 })
  await page.locator('#show-bars').waitFor()
  await page.getByText('Recording', { exact: true }).waitFor()
  await look(page, 'phone.terminal.recorded-lying')
  await page.setViewportSize(upright)
  await pick('End the recording')
  await page.getByText('Recording', { exact: true }).waitFor({ state: 'detached' })
  await context.close()
})
