import { expect, test } from 'vitest'
import { linkingHouse } from './linking-house.ts'
import { askForCode, askForQr, confirmNumber, linked, shownCode, shownQr, trouble } from './marketplace.ts'
import { desk, phone } from './phone.ts'

/** The linking page while its broker says nothing, or WhatsApp will not have the account just now. */
const house = linkingHouse()

test('a tab that slept for a minute shows what is really left, and success wins over an expiry (sentences 26, 28)', async () => {
  const page = await house.open(phone, { prepare: (made) => made.clock.install() })
  await askForCode(page, house.numberOf())
  await confirmNumber(page)
  const code = await shownCode(page)
  // The broker says nothing meanwhile: what this tab shows is what it was told.
  house.market.freeze()
  await page.clock.fastForward(60_000)
  await page.clock.runFor(1_100)
  expect(await page.locator('#wa-code .ring').textContent()).toMatch(/Good for (2:00|1:5\d)/)
  await page.clock.fastForward(125_000)
  await page.clock.runFor(1_100)
  expect(await page.locator('#wa-code .ring').textContent()).toContain('Good for 0:00')
  house.market.thaw()
  await page.clock.resume()
  await house.market.wa.phone(house.numberOf()).enterCode(code)
  await linked(page)
  expect(await page.locator('[role="alert"]').count()).toBe(0)
})

test('a broker that froze before it was asked leaves nobody at "getting the code": the page has an end of its own (sentence 13)', async () => {
  const page = await house.open(phone, { prepare: (made) => made.clock.install() })
  await shownQr(page)
  await askForCode(page, house.numberOf())
  house.market.freeze()
  await confirmNumber(page)
  await page.getByText('Getting the code…').waitFor()
  await page.clock.runFor(15_100)
  await trouble(page, 'NO_BROKER')
  expect(await page.getByText('Getting the code…').count()).toBe(0)
})

test('a broker that froze while WhatsApp was asked for a code is said, on every page of the company, and the button lives (sentence 13)', async () => {
  house.market.wa.behaviour.onCodeRequest = () => 'silent'
  const page = await house.open(phone, { prepare: (made) => made.clock.install() })
  const other = await page.context().newPage()
  await other.goto(await house.market.mint(house.salon, 'Salon Aurora'))
  await other.locator('.wa-risks + .btn').click()
  await askForCode(page, house.numberOf())
  await confirmNumber(page)
  // Its QR is the sign that WhatsApp is being asked, and that both pages have been told so.
  for (const each of [page, other]) {
    await each.locator('[data-qr]').waitFor({ state: 'attached' })
    await each.getByText('Getting the code…').waitFor()
  }
  house.market.freeze()
  // Both pages have one clock.
  await page.clock.runFor(15_100)
  for (const each of [page, other]) {
    await trouble(each, 'NO_BROKER')
    expect(await each.getByText('Getting the code…').count()).toBe(0)
  }
  expect(await page.locator('#wa-code .btn.primary').isEnabled()).toBe(true)
  expect(await other.locator('#wa-code .wa-ask').isEnabled()).toBe(true)
})

test('a broker that froze before the first QR is said, and the QR can be asked for again (sentence 13)', async () => {
  house.market.wa.behaviour.firstQrAfterMs = 120_000
  const page = await house.open(desk, { prepare: (made) => made.clock.install() })
  const asked = house.market.wa.clients.length
  await askForQr(page)
  await expect.poll(() => house.market.wa.clients.length, { timeout: 30_000 }).toBeGreaterThan(asked)
  house.market.freeze()
  await page.clock.runFor(15_100)
  await trouble(page, 'NO_BROKER')
  expect(await page.getByText('Getting the QR…').count()).toBe(0)
  expect(await page.locator('#wa-qr .wa-blank .btn').isEnabled()).toBe(true)
})

test('a link that WhatsApp stopped and that is unlinked says that the phone lists a device on', async () => {
  const page = await house.open()
  await house.market.wa.phone(house.numberOf()).scanQr(await shownQr(page))
  await linked(page)
  house.market.wa.behaviour.refuse = () => 405
  try {
    for (const client of house.market.wa.live())
      if (client.device?.jid.startsWith(house.numberOf().slice(1))) client.drop()
    await trouble(page, 'CLIENT_OUTDATED')
    await page.getByRole('button', { name: 'Unlink' }).click()
    await page.locator('.btn.danger').click()
    await page.getByText('The phone lists this device on').waitFor()
  } finally {
    house.market.wa.behaviour.refuse = () => null
  }
  expect(house.market.wa.phone(house.numberOf()).devices).toHaveLength(1)
})

test('a broker that froze while unlinking or cancelling is said, and a click is not lost in silence', async () => {
  const page = await house.open(phone, { prepare: (made) => made.clock.install() })
  await askForCode(page, house.numberOf())
  await confirmNumber(page)
  const code = await shownCode(page)
  house.market.freeze()
  await page.locator('#wa-code').getByRole('button', { name: 'Cancel' }).click()
  await page.clock.runFor(10_100)
  await trouble(page, 'NO_BROKER')
  // What was asked for is done when the broker goes on.
  house.market.thaw()
  await page.locator('[data-code]').waitFor({ state: 'detached' })
  await expect(house.market.wa.phone(house.numberOf()).enterCode(code)).rejects.toThrow()
})

test('a link that WhatsApp stopped is not shown as one that works', async () => {
  const page = await house.open()
  await house.market.wa.phone(house.numberOf()).scanQr(await shownQr(page))
  await linked(page)
  house.market.wa.behaviour.refuse = () => 405
  try {
    const digits = house.numberOf().slice(1)
    house.market.wa
      .live()
      .find(({ device }) => device?.jid.startsWith(digits))
      ?.drop()
    await trouble(page, 'CLIENT_OUTDATED')
  } finally {
    house.market.wa.behaviour.refuse = () => null
  }
  expect(await page.locator('.done-mark').count()).toBe(0)
  await page.getByText('linked, and not connected').waitFor()
  expect(await page.getByText('You can close this page').count()).toBe(0)
  await page.getByRole('button', { name: 'Try again' }).click()
  await linked(page)
})
