import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { desk, live, openBrowserWithCamera, phone } from './phone.ts'
import { filmOf, photoOf } from './qr-pictures.ts'

const house = houseOfFile()
const film = () => join(house.dataDir, 'film.y4m')
// The camera opens the film anew each time that it is switched on.
const browser = browserOfFile(() => openBrowserWithCamera(film()))

const linkOfHouse = () => `${house.url}/p#${house.link()}`
const code = (page: Page) => page.getByLabel('Pairing code')
const scan = (page: Page) => page.getByRole('button', { name: 'Scan QR' })

/** Remembers every camera that the page was given, so that it can be asked which are on. */
const watchCameras = (page: Page) =>
  page.addInitScript(() => {
    const given: MediaStreamTrack[] = []
    Object.assign(globalThis, {
      camerasOn: () => given.filter(({ readyState }) => readyState === 'live').length,
    })
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted)
      given.push(...stream.getTracks())
      return stream
    }
  })
const camerasOn = async (page: Page, count: number) => {
  await expect.poll(() => page.evaluate('camerasOn()')).toBe(count)
}

const seen = (page: Page, hidden: boolean) =>
  page.evaluate((now) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => now })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)

/** The button has the focus once the sheet has given it back. */
async function pairByEnter(page: Page): Promise<void> {
  const pair = page.getByRole('button', { name: 'Pair', exact: true })
  await expect.poll(() => pair.evaluate((button) => button === document.activeElement)).toBe(true)
  await page.keyboard.press('Enter')
}

test('the live camera reads the link from the machine’s screen, asks before another broker, and stops', async () => {
  const context = await phone(browser)
  await context.grantPermissions(['camera'], { origin: house.url })
  const page = await context.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await watchCameras(page)
  await page.goto(house.url)
  await code(page).waitFor()
  writeFileSync(film(), filmOf('WIFI:T:WPA;S:Loft;P:K7M2PQX3B;;'))
  await scan(page).waitFor()
  await look(page, 'phone.enter-code.scan')
  expect(asked.filter((url) => /scan-sheet|decode/.test(url))).toEqual([])
  await scan(page).tap()
  await page.getByText('This QR code is not a pairing link.').waitFor()
  await camerasOn(page, 1)
  await look(page, 'phone.scan.other')
  await seen(page, true)
  await camerasOn(page, 0)
  await seen(page, false)
  await camerasOn(page, 1)
  await page.getByRole('button', { name: 'Close' }).tap()
  await camerasOn(page, 0)

  writeFileSync(film(), filmOf('https://other.example.org/p#1.K7M2PQX3B'))
  await scan(page).tap()
  await page.getByRole('dialog').getByText('https://other.example.org').waitFor()
  await camerasOn(page, 0)
  await look(page, 'phone.scan.elsewhere')
  writeFileSync(film(), filmOf(linkOfHouse()))
  await page.getByRole('button', { name: 'Cancel' }).tap()
  await expect.poll(() => code(page).inputValue()).toBe(house.code())
  await camerasOn(page, 0)
  expect(asked.filter((url) => url.includes('other.example.org'))).toEqual([])
  await page.getByText('The code came with the link.').waitFor()
  await pairByEnter(page)
  await live(page)
  expect(await page.locator('#pin').count(), 'the link brought the secret along').toBe(0)
  await context.close()
})

test('a refused camera is told, and a photo is read in its place', async () => {
  const context = await desk(browser, { theme: 'light' })
  const page = await context.newPage()
  await page.goto(house.url)
  await scan(page).click()
  await page.getByText('This page may not use the camera.').waitFor()
  await look(page, 'desk.scan.refused.light')
  const photo = page.locator('input[type="file"]')
  const choose = (buffer: Buffer, mimeType = 'image/png') =>
    photo.setInputFiles({ name: 'photo', mimeType, buffer })
  await choose(await photoOf(browser, null))
  await page.getByText('There is no readable QR code in this photo.').waitFor()
  await choose(Buffer.from('no picture'))
  await page.getByText('This file cannot be opened as a picture.').waitFor()
  await choose(await photoOf(browser, 'https://example.net/menu'))
  await page.getByText('This QR code is not a pairing link.').waitFor()
  await look(page, 'desk.scan.photo.light')
  await choose(await photoOf(browser, linkOfHouse()))
  await expect.poll(() => code(page).inputValue()).toBe(house.code())
  await pairByEnter(page)
  await live(page)
  expect(await page.locator('#pin').count()).toBe(0)
  await context.close()
})

test('a pasted link keeps its secret, and one of another broker is asked about', async () => {
  const context = await desk(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: house.url })
  const page = await context.newPage()
  await page.goto(house.url)
  const paste = page.getByRole('button', { name: 'Paste code' })
  const copied = (text: string) => page.evaluate((what) => navigator.clipboard.writeText(what), text)
  await copied('   ')
  await paste.click()
  await page.getByText('There is no code in the clipboard.').waitFor()
  await look(page, 'desk.paste.nothing')
  await copied('https://other.example.org/p#1.K7M2PQX3B')
  await code(page).focus()
  await page.keyboard.press('Control+V')
  await page.getByRole('dialog').getByText('https://other.example.org').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await copied(linkOfHouse())
  await paste.click()
  await expect.poll(() => code(page).inputValue()).toBe(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  expect(await page.locator('#pin').count()).toBe(0)
  await context.close()
})
