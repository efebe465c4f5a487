import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { answerPin, live, phone, shot } from './phone.ts'

const house = houseOfFile({ viewOnly: true })
const browser = browserOfFile()

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
