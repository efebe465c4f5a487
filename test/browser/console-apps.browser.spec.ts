import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { barriers } from './barriers.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { desk, live, pairWith, phone, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

async function openKnownApps(page: Page): Promise<void> {
  await page.goto(house.consoleUrl)
  await page.getByRole('link', { name: 'Runners', exact: true }).click()
  await page.getByRole('list', { name: 'Apps of attic' }).waitFor()
}

test('the console lists, names and revokes the apps of a machine, and locks it; the phone is told at once', async () => {
  const mobile = await phone(browser)
  const page = await mobile.newPage()
  await pairWith(page, house.url, house.code())

  const console = await (await desk(browser)).newPage()
  await console.goto(`${house.url}/p#${house.link()}`)
  await console.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(console)
  await openKnownApps(console)
  // The broker knows them, and the machine does: each is one app. Both have one name, so each has a mark.
  const apps = console.locator('.app-rows > li')
  await expect.poll(() => apps.filter({ hasText: 'May type' }).count()).toBe(2)
  expect(await apps.count()).toBe(2)
  const names = await apps.locator('.t').allTextContents()
  expect(new Set(names.map((name) => name.replace('This browser', ''))).size).toBe(2)
  const own = apps.filter({ hasText: 'This browser' })
  expect(await own.count()).toBe(1)
  await look(console, 'desk.console.apps')
  await console.emulateMedia({ colorScheme: 'light' })
  await console.setViewportSize({ width: 390, height: 844 })
  await look(console, 'phone.console.apps.light')
  await console.setViewportSize({ width: 1280, height: 800 })
  await apps.filter({ hasText: 'Here now' }).first().waitFor()
  await apps
    .filter({ hasNotText: 'This browser' })
    .getByRole('button', { name: /^More about/ })
    .click()
  await console.getByRole('button', { name: 'Rename', exact: true }).click()
  await console.getByRole('textbox', { name: 'Name' }).fill('Phone of Ada')
  await console.keyboard.press('Enter')
  await console.getByRole('button', { name: 'More about Phone of Ada' }).waitFor()
  await shot(console, 'desk.console.known-apps')
  expect(await barriers(console)).toEqual([])

  await console.getByRole('button', { name: 'More about Phone of Ada' }).click()
  await console.getByRole('button', { name: 'Revoke', exact: true }).click()
  await console.getByRole('heading', { name: 'Revoke Phone of Ada?' }).waitFor()
  await shot(console, 'desk.console.revoke')
  expect(await barriers(console)).toEqual([])
  // Another app comes: the list is asked for again, and the question that is open stays open.
  const other = await phone(browser)
  await pairWith(await other.newPage(), house.url, house.code())
  await expect.poll(() => apps.count()).toBe(3)
  await console.getByRole('heading', { name: 'Revoke Phone of Ada?' }).waitFor()
  await console.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
  await console.getByRole('button', { name: 'More about Phone of Ada' }).waitFor({ state: 'detached' })
  await page.getByText('attic no longer lets this browser in.').waitFor()

  await console.getByRole('button', { name: 'Lock pairing' }).click()
  await console.getByRole('heading', { name: 'Lock pairing at attic?' }).waitFor()
  await console.getByRole('dialog').getByRole('button', { name: 'Lock pairing' }).click()
  await console.getByText('attic lets no new app in.').waitFor()
  expect(await house.order({ command: 'status' })).toMatchObject({ locked: 'owner' })
  await Promise.all([mobile.close(), other.close()])
})
