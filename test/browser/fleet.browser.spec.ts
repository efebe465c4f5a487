import { expect, test } from 'vitest'
import { barriers } from './barriers.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { live, pairWith, phone, screenHas, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

test('a tablet that paired with one machine opens the other by one tap, once its owner has added it', async () => {
  const studio = await house.addRunner('studio')
  const pocket = await phone(browser)
  const owner = await pocket.newPage()
  await pairWith(owner, house.url, house.code())
  await pairWith(owner, house.url, studio)
  await owner.goto(house.url)
  await owner.getByRole('link', { name: 'My devices' }).tap()
  await owner.getByRole('button', { name: 'Add attic' }).waitFor()
  await shot(owner, 'phone.fleet.begin')
  expect(await barriers(owner)).toEqual([])
  for (const machine of ['attic', 'studio']) {
    await owner.getByRole('button', { name: `Add ${machine}` }).tap()
    await owner.getByRole('button', { name: `Add ${machine}` }).waitFor({ state: 'detached' })
  }

  const bag = await phone(browser)
  const tablet = await bag.newPage()
  await pairWith(tablet, house.url, house.code())
  await tablet.goto(`${house.url}/#/devices`)
  const number = await tablet
    .locator('main b.num')
    .filter({ hasText: /^\d{4} / })
    .textContent()
  const waiting = owner.locator('[data-waiting]')
  await waiting.getByText(number ?? '').waitFor()
  await shot(owner, 'phone.fleet.waiting')
  expect(await barriers(owner)).toEqual([])
  await waiting.getByRole('button', { name: /^Type/ }).tap()
  await waiting.waitFor({ state: 'detached' })
  await shot(owner, 'phone.fleet.owner')

  await tablet.getByText(/^List \d+, signed/).waitFor()
  await tablet.goto(house.url)
  const open = tablet.getByRole('button', { name: 'Open studio' })
  await open.waitFor()
  await shot(tablet, 'phone.fleet.list')
  expect(await barriers(tablet)).toEqual([])
  await open.tap()
  await live(tablet)
  await screenHas(tablet, '$')
  await shot(tablet, 'phone.fleet.opened')

  // Removed, it is out at once, there and everywhere that has heard of it.
  await owner.getByRole('button', { name: /^Remove/ }).tap()
  await tablet.locator('[data-refusal="revoked"], .pill:not([data-link="live"])').first().waitFor()
  for (const each of [pocket, bag]) await each.close()
})
