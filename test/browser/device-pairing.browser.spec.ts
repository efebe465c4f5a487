import { authorizationReply } from '@latchkey/protocol/oauth'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  beginAdding,
  deviceIds,
  join,
  openCodes,
  openDevices,
  openToJoin,
  operatorAsks,
  pinField,
  pinOn,
  sayJoin,
} from './devices.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { desk, live, pairWith, phone } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

const opened: BrowserContext[] = []
async function page(context: Promise<BrowserContext>): Promise<Page> {
  const made = await context
  opened.push(made)
  return made.newPage()
}
const closeAll = async () => {
  await Promise.all(opened.splice(0).map((context) => context.close()))
}

const other = (pin: string) => String((Number(pin) + 1) % 1_000_000).padStart(6, '0')

test('a phone scans, its PIN is typed at the desktop, and the mesh has two nodes', async () => {
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  await look(desktop, 'desk.devices.first')
  const link = await beginAdding(desktop)
  await look(desktop, 'desk.add-device.waiting')
  expect(link).toMatch(/\/join#[A-Za-z0-9_-]{43}$/)
  await desktop.getByText(/^Good for 4:5\d$/).waitFor()

  const device = await page(phone(browser))
  await device.goto(link)
  await device.getByRole('heading', { name: /^Join .+\?$/ }).waitFor()
  await look(device, 'phone.join.ready')
  await sayJoin(device)
  const pin = await pinOn(device)
  expect(pin).toMatch(/^\d{6}$/)
  expect(device.url(), 'the token has left the address').toBe(`${house.url}/join`)
  await look(device, 'phone.join.pin')
  await pinField(desktop).waitFor()
  await desktop.getByText('Scanned by Chrome on Linux').waitFor()
  await look(desktop, 'desk.add-device.scanned')

  await device.getByRole('button', { name: 'Change its name' }).tap()
  await look(device, 'phone.join.rename')
  await device.getByLabel('Name of this device').fill('Pixel 8')
  await device.keyboard.press('Enter')
  await desktop.getByText('Scanned by Pixel 8').waitFor()

  await pinField(desktop).fill(other(pin))
  await desktop.keyboard.press('Enter')
  await desktop.getByText('That PIN does not match.').waitFor()
  await look(desktop, 'desk.add-device.wrong')
  await device.reload()
  expect(await pinOn(device), 'a reload burns nothing').toBe(pin)
  await pinField(desktop).fill(pin)
  await desktop.getByRole('button', { name: 'Pair', exact: true }).click()
  await desktop.getByText('Pixel 8 is paired').waitFor()
  await look(desktop, 'desk.add-device.paired')
  await device.getByText('This device is in').waitFor()
  await look(device, 'phone.join.paired')
  expect(await deviceIds(desktop, house)).toHaveLength(2)

  await desktop.getByRole('button', { name: 'Done' }).click()
  await desktop.getByRole('button', { name: 'Revoke Pixel 8' }).waitFor()
  const audit = desktop.getByRole('region', { name: 'What happened' })
  await audit.getByText('Pixel 8 joined').waitFor()
  for (const line of [
    'A wrong PIN was typed',
    'A device scanned it, from 127.0.0.1',
    'A code to scan was made',
  ])
    expect(await audit.getByText(line).count(), line).toBeGreaterThan(0)
  await look(desktop, 'desk.devices')
  await device.reload()
  await device.getByText('This device is in').waitFor()
  // Scripts cannot read the key, and no text copy of it is stored.
  expect(await device.evaluate(() => localStorage.getItem('latchkey.node-key'))).toBeNull()
  await device.getByRole('button', { name: 'Pair a machine' }).tap()
  await device.getByLabel('Pairing code').waitFor()
  await closeAll()
})

test('a link preview burns nothing, and the older form of a link works', async () => {
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  const link = new URL(await beginAdding(desktop))
  const older = `${house.url}/join?token=${link.hash.slice(1)}`
  for (let preview = 0; preview < 2; preview++) {
    const answer = await fetch(older)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('<div id="app">')
  }
  // Scanners of mail and chats open URLs in a browser and run the page's scripts.
  const scanner = await page(desk(browser))
  await scanner.goto(link.href)
  await scanner.getByRole('button', { name: 'Join', exact: true }).waitFor()
  const device = await page(phone(browser, { theme: 'light' }))
  await openToJoin(device, older)
  const pin = await pinOn(device)
  expect(device.url()).toBe(`${house.url}/join`)
  await look(device, 'phone.join.pin.light')

  const second = await page(phone(browser, { theme: 'light', locale: 'ru' }))
  await openToJoin(second, link.href)
  await second.getByText('Этой ссылкой воспользовалось другое устройство.').waitFor()
  await look(second, 'phone.join.used.ru')
  expect(await pinOn(device), 'who came second took nothing away').toBe(pin)
  await desktop.getByText('Another device opened the same link and was refused.').waitFor()
  await look(desktop, 'desk.add-device.turned-away')

  await desktop.getByRole('button', { name: 'Not my device' }).click()
  await desktop.getByText('Nothing has been changed; the device was told.').waitFor()
  await device.getByText('Joining was stopped on the other screen.').waitFor()
  await look(device, 'phone.join.cancelled.light')
  await look(desktop, 'desk.add-device.cancelled')
  await closeAll()
})

test('five wrong PINs end a code, and both screens say so', async () => {
  const desktop = await page(desk(browser, { theme: 'light' }))
  await openDevices(desktop, house)
  const device = await page(phone(browser, { locale: 'zh' }))
  await openToJoin(device, await beginAdding(desktop))
  const wrong = other(await pinOn(device))
  await look(device, 'phone.join.pin.zh')
  for (let tries = 0; tries < 5; tries++) {
    await pinField(desktop).fill(wrong)
    await desktop.keyboard.press('Enter')
    if (tries < 4) await desktop.getByText('That PIN does not match.').waitFor()
  }
  await desktop.getByText('Too many wrong PINs.').waitFor()
  await look(desktop, 'desk.add-device.too-many.light')
  await device.getByText('输入错误 PIN 的次数过多。').waitFor()
  await desktop.getByRole('button', { name: 'Try again' }).click()
  await desktop.locator('[data-link]').waitFor()
  await closeAll()
})

test('a link that nobody knows, none at all, and a network that comes back', async () => {
  const device = await page(phone(browser))
  await openToJoin(device, `${house.url}/join#${'x'.repeat(43)}`)
  await device.getByText('This link is not known here.').waitFor()
  await look(device, 'phone.join.unknown')
  await device.goto(`${house.url}/join`)
  await device.getByText('This page needs a link from the console.').waitFor()
  await look(device, 'phone.join.no-link')
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  const link = await beginAdding(desktop)
  await device.context().setOffline(true)
  await device.evaluate((hash) => {
    location.hash = hash
  }, new URL(link).hash)
  await sayJoin(device)
  await device.getByText('This device has no network.').waitFor()
  await look(device, 'phone.join.no-network')
  await device.context().setOffline(false)
  await pinOn(device)
  await closeAll()
})

test('codes that reloads left open are listed and ended, and a new one is made', async () => {
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  for (let left = 0; left < 5; left++) await operatorAsks(desktop, house, 'POST', '/pairing/start', {})
  await desktop.getByRole('button', { name: 'Add a device' }).click()
  const ends = desktop.getByRole('dialog').getByRole('button', { name: 'End it' })
  await expect.poll(() => ends.count()).toBe(5)
  await look(desktop, 'desk.add-device.too-many-codes')
  await ends.first().click()
  await expect.poll(() => ends.count()).toBe(4)
  await desktop.getByRole('button', { name: 'Try again' }).click()
  await desktop.locator('[data-link]').waitFor()
  for (const { id } of await openCodes(desktop, house))
    await operatorAsks(desktop, house, 'POST', '/pairing/cancel', { id })
  await closeAll()
})

test('a code is withdrawn when nobody looks at it any more', async () => {
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  const link = await beginAdding(desktop)
  const withdrawn = desktop.waitForResponse('**/pairing/cancel')
  await desktop.getByRole('button', { name: 'Close' }).click()
  await withdrawn
  const device = await page(phone(browser))
  await openToJoin(device, link)
  await device.getByText('Joining was stopped on the other screen.').waitFor()
  await closeAll()
})

test('without the browser’s own keys a device joins all the same, and is told where its key lies', async () => {
  const desktop = await page(phone(browser, { theme: 'light' }))
  await openDevices(desktop, house)
  await look(desktop, 'phone.devices.light')
  const context = await phone(browser)
  await context.addInitScript(() => {
    Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })
  })
  opened.push(context)
  const device = await context.newPage()
  await join(desktop, device, 'Kitchen tablet')
  await device.getByText('its key lies in the browser’s ordinary storage').waitFor()
  await look(device, 'phone.join.raw-key')
  expect(await device.evaluate(() => localStorage.getItem('latchkey.node-key'))).toMatch(/^[\w-]{43}$/)
  await desktop.getByRole('button', { name: 'Revoke Kitchen tablet' }).tap()
  await look(desktop, 'phone.devices.revoke.light')
  await desktop.getByRole('button', { name: 'Keep it' }).tap()
  await closeAll()
})

test('a device that is revoked loses its terminal within a second, and the console says what went', async () => {
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  const device = await page(phone(browser))
  await join(desktop, device, 'ThinkPad')
  await pairWith(device, house.url, house.code())
  // The operator gives it another name; while the broker is out of reach it keeps the one it has, and the question stays.
  await desktop.getByRole('button', { name: 'Change ThinkPad', exact: true }).click()
  const field = desktop.getByRole('textbox', { name: 'Name of the device' })
  await field.fill(' Old   ThinkPad ')
  await desktop.route('**/nodes/*', (route) => route.abort())
  await desktop.keyboard.press('Enter')
  await desktop.getByText('ThinkPad stays as it was').waitFor()
  await look(desktop, 'desk.devices.rename')
  await desktop.unroute('**/nodes/*')
  await desktop.keyboard.press('Enter')
  await desktop.getByRole('button', { name: 'Change Old ThinkPad' }).waitFor()
  await desktop.getByRole('dialog').waitFor({ state: 'detached' })
  await desktop.getByRole('button', { name: 'Revoke Old ThinkPad' }).click()
  await look(desktop, 'desk.devices.revoke')
  const dialog = desktop.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await device.locator('.pill:not([data-link="live"])').waitFor()
  await desktop.getByText('Old ThinkPad is revoked and signed out.').waitFor()
  await desktop.getByText(/No longer valid: 1 token, 1 session, \d connections? closed\./).waitFor()
  await desktop.getByText('Old ThinkPad was revoked').waitFor()
  await look(desktop, 'desk.devices.revoked')
  await desktop.getByRole('button', { name: 'Revoke Old ThinkPad' }).waitFor({ state: 'detached' })
  await device.getByText('This device is no longer signed in here.').waitFor()
  await look(device, 'phone.terminal.device-revoked')
  await device.reload()
  await device.getByText('This device is no longer signed in here.').waitFor()
  const asDevice = await device.evaluate(() => localStorage.getItem('latchkey.node') ?? '')
  await device.goto(house.url)
  await device.locator('[data-notice="device-revoked"]').waitFor()
  await look(device, 'phone.machines.device-revoked')
  await device.evaluate((kept) => localStorage.setItem('latchkey.node', kept), asDevice)
  await device.goto(`${house.url}/join`)
  await device.getByText('It was revoked in the console').waitFor()
  await look(device, 'phone.join.signed-out')
  // Nor does its key to the machine open anything: it is no way around the console.
  await device.goto(house.url)
  await device.getByRole('link', { name: 'attic' }).click()
  await device.locator('[data-refusal="revoked"]').waitFor()
  // Any app may type a code, and so may a revoked device.
  await device.goto(`${house.url}/p#${house.link()}`)
  await device.getByRole('button', { name: 'Pair', exact: true }).tap()
  await live(device)
  await closeAll()
})

test('a device is added and revoked by keyboard alone', async () => {
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  const device = await page(phone(browser))
  const focused = () =>
    desktop.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
    )
  const focusOn = async (name: string) => {
    for (let tabs = 0; tabs < 30; tabs++) {
      if ((await focused()).trim() === name) return
      await desktop.keyboard.press('Tab')
    }
    throw new Error(`the Tab key does not reach ${name}`)
  }
  await focusOn('Add a device')
  await desktop.keyboard.press('Enter')
  const link = (await desktop.locator('[data-link]').getAttribute('data-link')) ?? ''
  await device.addInitScript(() => localStorage.setItem('latchkey.device-name', 'By hand'))
  await openToJoin(device, link)
  const pin = await pinOn(device)
  await pinField(desktop).waitFor()
  await desktop.keyboard.type(pin)
  await desktop.keyboard.press('Enter')
  await desktop.getByText('By hand is paired').waitFor()
  await expect.poll(focused).toBe('Done')
  await desktop.keyboard.press('Enter')
  await desktop.getByRole('button', { name: 'Revoke By hand' }).waitFor()
  await focusOn('Revoke By hand')
  await desktop.keyboard.press('Enter')
  // The focus is on the answer that changes nothing.
  await expect.poll(focused).toBe('Keep it')
  await desktop.keyboard.press('Tab')
  await desktop.keyboard.press('Enter')
  await desktop.getByText('By hand is revoked and signed out.').waitFor()
  await closeAll()
})

test('a machine that asked without a link is answered at its page, and no is the first answer', async () => {
  const asked = await fetch(`${house.url}/oauth/device_authorization`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'test', device_name: 'greenhouse' }),
  })
  const { user_code, verification_uri_complete } = authorizationReply.parse(await asked.json())
  await fetch(`${house.url}/oauth/device_authorization`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'test', device_name: 'a stranger' }),
  })
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  await desktop.getByText('Waiting for you: a stranger, greenhouse').waitFor()
  await look(desktop, 'desk.devices.waiting')
  await desktop.getByRole('button', { name: 'Approve a machine' }).click()
  await desktop.getByLabel('Code on the machine').fill('wrong one')
  await desktop.keyboard.press('Enter')
  await desktop.getByText('No machine is showing this code.').waitFor()
  await look(desktop, 'desk.approve.wrong')
  await desktop.goto(verification_uri_complete)
  const field = desktop.getByLabel('Code on the machine')
  await field.waitFor()
  expect(await field.inputValue()).toBe(user_code)
  await expect.poll(() => desktop.evaluate(() => document.activeElement?.textContent)).toBe('Decline')
  const asking = desktop.getByRole('dialog').getByText('asks to join')
  expect(await asking.allTextContents(), 'the one whose code it is').toEqual(['greenhouse asks to join'])
  await look(desktop, 'desk.approve')
  await desktop.getByRole('button', { name: 'Approve', exact: true }).click()
  await desktop.getByText('greenhouse is approved and joins now.').waitFor()
  await desktop.getByRole('button', { name: 'Done' }).click()
  expect(desktop.url()).toBe(`${house.url}/console#/devices`)
  await closeAll()
})

test.each([
  ['ru', 'Устройства', 'Добавить устройство', 'Введите здесь его PIN', 'События', 'Итог'],
  ['zh', '设备', '添加设备', '在此输入它的 PIN', '动态', '结果'],
])('on a phone the console says all of it in %s', async (locale, devices, add, pin, activity, outcome) => {
  const operator = await page(phone(browser, { locale }))
  await operator.goto(await house.consoleLink())
  await operator.getByRole('link', { name: devices, exact: true }).click()
  await look(operator, `phone.devices.${locale}`)
  const device = await page(phone(browser, { locale }))
  await operator.getByRole('button', { name: add }).click()
  const code = operator.locator('[data-link]')
  await code.waitFor()
  await look(operator, `phone.add-device.${locale}`)
  await openToJoin(device, (await code.getAttribute('data-link')) ?? '')
  await pinField(operator).waitFor()
  await operator.getByText(pin).waitFor()
  await look(operator, `phone.add-device.scanned.${locale}`)
  await operator.keyboard.press('Escape')
  await operator.getByRole('link', { name: activity, exact: true }).click()
  await operator.getByLabel(outcome).waitFor()
  await look(operator, `phone.console.activity.${locale}`)
  await closeAll()
})

test('a device that opens the link once more by which it joined is in as before', async () => {
  const desktop = await page(desk(browser))
  await openDevices(desktop, house)
  const device = await page(phone(browser))
  const link = await beginAdding(desktop)
  await openToJoin(device, link)
  await pinField(desktop).fill(await pinOn(device))
  await desktop.keyboard.press('Enter')
  await device.getByText('This device is in').waitFor()
  for (const again of [link, `${house.url}/join`]) {
    await device.goto('about:blank')
    await device.goto(again)
    await device.getByText('This device is in').waitFor()
  }
  await closeAll()
})
