import type { WebSocketRoute } from 'playwright-core'
import { expect, test } from 'vitest'
import { accountHouse } from './account-house.ts'
import { askForCode, askForQr, confirmNumber, linked, shownCode, shownQr, trouble } from './marketplace.ts'
import { desk, phone } from './phone.ts'

/** The linking page while its broker says nothing, or WhatsApp will not have the account just now. */
const house = accountHouse()

test('a tab that slept for a minute shows what is really left, also where its clock is wrong, and success wins over an expiry (sentences 26, 28)', async () => {
  const time = Date.now() + 5 * 3_600_000
  const page = await house.open(phone, { prepare: (made) => made.clock.install({ time }) })
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
  // Nothing says that it is good any more, though the broker has not said that it is over.
  await page.locator('#wa-code').getByText('Its time is up').waitFor()
  expect(await page.locator('#wa-code .ring').count()).toBe(0)
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
  await expect.poll(() => house.market.wa.clients.length).toBeGreaterThan(asked)
  house.market.freeze()
  await page.clock.runFor(15_100)
  await trouble(page, 'NO_BROKER')
  expect(await page.getByText('Getting the QR…').count()).toBe(0)
  expect(await page.locator('#wa-qr .wa-blank .btn').isEnabled()).toBe(true)
})

test('a page asks for no QR by a timer of its own, and says when the one it shows is over (sentence 31)', async () => {
  const sent: string[] = []
  const page = await house.open(phone, {
    prepare: async (made) => {
      await made.clock.install()
      made.on('websocket', (socket) =>
        socket.on('framesent', ({ payload }) => {
          if (String(payload).includes('"request-')) sent.push(String(payload))
        }),
      )
    },
  })
  const qr = await shownQr(page)
  expect(await page.locator('#wa-qr .wa-left').textContent()).toMatch(/New QR in (1:00|0:5\d)/)
  const asked = [sent.length, house.market.wa.clients.length]
  expect(asked[0]).toBe(1)
  // Only the time of day moves: timers that jump a minute end the connection, and the next one tells the time anew.
  await page.clock.setSystemTime(Date.now() + 61_000)
  await page.clock.runFor(1_100)
  await page.locator('#wa-qr').getByText('This QR is over').waitFor()
  await page.clock.runFor(60_000)
  expect([sent.length, house.market.wa.clients.length]).toEqual(asked)
  expect(await page.locator('[data-qr]').getAttribute('data-qr')).toBe(qr)
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
  // The broker carries out the request when it goes on.
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

test('a phone whose browser is left in mid-request, to type the code, shows the code and then the result when it comes back (sentence 56)', async () => {
  let isAway = false
  let refusedCount = 0
  const routed: WebSocketRoute[] = []
  const page = await house.open(phone, {
    prepare: (made) =>
      made.routeWebSocket(/socket\.io/, (route) => {
        if (isAway) {
          refusedCount++
          // Not before it is open: the page would wait for it.
          return void setImmediate(() => void route.close())
        }
        routed.push(route)
        route.connectToServer()
      }),
  })
  const leave = async () => {
    const before = refusedCount
    isAway = true
    await routed.at(-1)?.close()
    await expect.poll(() => refusedCount).toBeGreaterThan(before)
  }
  house.market.wa.behaviour.firstQrAfterMs = 1_000
  await askForCode(page, house.numberOf())
  await confirmNumber(page)
  await page.getByText('Getting the code…').waitFor()
  const asked = house.market.wa.codeRequestCount()
  await leave()
  await expect.poll(() => house.market.wa.codeRequestCount()).toBe(asked + 1)
  isAway = false
  const code = await shownCode(page)
  await leave()
  await house.market.wa.phone(house.numberOf()).enterCode(code)
  expect(await page.locator('.done-mark').count()).toBe(0)
  isAway = false
  await expect.poll(() => page.locator('main').innerText()).toContain('is now linked')
  await linked(page)
  expect(await page.locator('[role="alert"]').count()).toBe(0)
})
