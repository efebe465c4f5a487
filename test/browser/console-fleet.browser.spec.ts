import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { joinKeyReply } from '@latchkey/protocol/device-pairing'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { latchkey, temporaryFolder } from '../system/up-process.ts'
import { beginAdding, join, openDevices, openToJoin, operatorAsks, pinField, pinOn } from './devices.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { desk, phone } from './phone.ts'

const browser = browserOfFile()

/** A program that hears of the broker: the ids of its messages. */
const heard: string[] = []
const program = createServer((request, response) => {
  heard.push(String(request.headers['webhook-id']))
  response.writeHead(204).end()
})
await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve))
afterAll(() => void program.close())
const address = program.address()
const programUrl = `http://127.0.0.1:${address === null || typeof address === 'string' ? 0 : address.port}`

const house = houseOfFile({
  env: { LATCHKEY_LIMIT_ADDRESS_FAILURES: '40', LATCHKEY_WEBHOOK_TARGETS: programUrl },
})

const section = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()

test('machines join with a key that is shown once; a device has note, tags and rights of the operator', async () => {
  const operator = await (await desk(browser, { theme: 'light' })).newPage()
  await openDevices(operator, house)
  const keys = operator.getByRole('region', { name: 'Join keys' })
  await keys.getByText('A join key lets machines join').waitFor()
  await keys.getByRole('button', { name: 'New' }).click()
  const dialog = operator.getByRole('dialog')
  await dialog.getByLabel('What is it for?').fill('Rack in the cellar')
  await dialog.getByLabel('Tags').fill('lab eu:west')
  await look(operator, 'desk.console.join-key.new.light')
  await dialog.getByLabel('Tags').fill('=1')
  await dialog.getByText('Letters, digits').waitFor()
  await dialog.getByLabel('Tags').fill('lab eu:west')
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  const secret = (await dialog.getByRole('region', { name: 'Join key' }).innerText()).trim()
  expect(secret).toMatch(/^ljk_[\w-]{43}$/)
  await look(operator, 'desk.console.join-key.made.light')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await keys.getByText('for one machine · ends').waitFor()
  expect(await operator.locator('main').innerText(), 'never again').not.toContain(secret)

  const machine = temporaryFolder()
  const joined = await latchkey(
    ['join', '--broker', house.url, '--name', 'rack-1', '--data-dir', machine.path],
    {
      LATCHKEY_JOIN_KEY: secret,
    },
  )
  expect(joined.exitCode).toBe(0)
  machine.remove()
  await keys.getByText('used up').waitFor()
  await operator.getByRole('button', { name: 'Change rack-1' }).click()
  await dialog.getByLabel('Note').fill('Third from above. Ada has the spare key.')
  await dialog.getByLabel('Name of the device').fill('rack-cellar')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await operator.getByText('Third from above.').waitFor()

  // A phone that may only look.
  const pocket = await (await phone(browser)).newPage()
  await pocket.addInitScript(() => localStorage.setItem('latchkey.device-name', 'Pixel 8'))
  await openToJoin(pocket, await beginAdding(operator))
  const pin = await pinOn(pocket)
  await operator.getByText('It may: Look at terminals').click()
  await dialog.getByRole('checkbox', { name: /^Type/ }).uncheck()
  await dialog.getByRole('checkbox', { name: /^Answer agents/ }).uncheck()
  await dialog.getByRole('checkbox', { name: /^Send files/ }).uncheck()
  await look(operator, 'desk.console.add-device.rights.light')
  await pinField(operator).fill(pin)
  await operator.keyboard.press('Enter')
  await operator.getByText('Pixel 8 is paired').waitFor()
  await operator.getByRole('button', { name: 'Done' }).click()
  await operator.getByText('its apps only look').waitFor()
  await operator.getByRole('button', { name: 'Change Pixel 8' }).click()
  expect(await dialog.getByRole('checkbox', { name: /^Type/ }).isChecked()).toBe(false)
  await look(operator, 'desk.console.device.light')
  await operator.keyboard.press('Escape')

  // A code that another page made is seen and ended.
  await operatorAsks(operator, house, 'POST', '/pairing/start', {})
  const open = operator.getByRole('region', { name: 'Open codes and requests' })
  await open.getByText('A code to scan, not used yet').waitFor()
  const made = await operatorAsks(operator, house, 'POST', '/operator/join-keys', {
    name: 'Racks',
    reusable: true,
  })
  expect(joinKeyReply.parse(made).key.reusable).toBe(true)
  await operator.reload()
  await open.waitFor()
  await look(operator, 'desk.console.devices.light')
  await operator.setViewportSize({ width: 390, height: 844 })
  await look(operator, 'phone.console.devices.light')
  await open.getByRole('button', { name: 'End it' }).click()
  await open.waitFor({ state: 'detached' })
  await keys.getByRole('button', { name: 'Revoke the key Racks' }).click()
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await keys.getByText('revoked').waitFor()
})

test('bans are lifted, and the audit is filtered and saved', async () => {
  const operator = await (await desk(browser)).newPage()
  await operator.goto(await house.consoleLink())
  await section(operator, 'Activity')
  const guesser = await (await phone(browser)).newPage()
  await guesser.goto(`${house.url}/p`)
  const limits = operator.getByRole('region', { name: 'Limits' })
  for (let guess = 0; guess < 6; guess++) {
    await guesser.getByLabel('Pairing code').fill(`ZZZ-ZZZ-ZZ${guess}`)
    await guesser.getByRole('button', { name: 'Pair', exact: true }).tap()
    await expect
      .poll(() => operator.getByRole('region', { name: 'Attempts to pair' }).locator('ol > li').count())
      .toBe(guess + 1)
  }
  await limits.getByText('1 held back').waitFor()
  await limits.getByRole('button', { name: /^Lift the ban: App/ }).click()
  await limits.getByText('no bans').waitFor()

  await section(operator, 'Devices')
  await join(operator, await (await phone(browser)).newPage(), '=2+5')
  await section(operator, 'Activity')
  const audit = operator.getByRole('region', { name: 'Audit' })
  await audit.getByText('Joined: =2+5').waitFor()
  await audit.getByText('A ban was lifted').waitFor()
  await audit.getByText('The operator signed in').first().waitFor()
  await look(operator, 'desk.console.audit')
  await audit.getByLabel('About').selectOption('Devices')
  await audit.getByText('A ban was lifted').waitFor({ state: 'detached' })
  const [file] = await Promise.all([
    operator.waitForEvent('download'),
    audit.getByRole('button', { name: 'Save as CSV' }).click(),
  ])
  const saved = await readFile(await file.path(), 'utf8')
  expect(saved).toContain(`,"'=2+5",`)
  expect(saved).not.toContain('lifted')
  await operator.setViewportSize({ width: 390, height: 844 })
  await audit.getByLabel('About').scrollIntoViewIfNeeded()
  await look(operator, 'phone.console.audit')
  const notices = operator.getByRole('region', { name: 'Notices' })
  await notices.getByText('LATCHKEY_PUSH_SUBJECT').scrollIntoViewIfNeeded()
  await notices.getByRole('switch', { name: /^A machine is gone/ }).click()
  await expect.poll(() => notices.getByRole('switch', { name: /^A machine is gone/ }).isChecked()).toBe(true)
  await look(operator, 'phone.console.notices')
})

test('a program gets a key that is shown once and opens what its scopes name, until it is revoked', async () => {
  const operator = await (await desk(browser, { theme: 'light' })).newPage()
  await operator.goto(await house.consoleLink())
  await section(operator, 'Programs')
  const keys = operator.getByRole('region', { name: 'API keys' })
  await keys.getByText('No program has a key.').waitFor()
  await keys.getByRole('button', { name: 'New' }).click()
  const dialog = operator.getByRole('dialog')
  await dialog.getByLabel('Which program is it for?').fill('billing')
  await dialog.getByRole('checkbox', { name: /^devices:read/ }).check()
  await look(operator, 'desk.console.api-key.new.light')
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  const secret = (await dialog.getByRole('region', { name: 'API key' }).innerText()).trim()
  await look(operator, 'desk.console.api-key.made.light')
  const asks = () => fetch(`${house.url}/nodes`, { headers: { authorization: `Bearer ${secret}` } })
  expect((await asks()).status).toBe(200)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await keys.getByText('devices:read').waitFor()
  await look(operator, 'desk.console.programs.light')
  await operator.setViewportSize({ width: 390, height: 844 })
  await look(operator, 'phone.console.programs.light')
  await keys.getByRole('button', { name: 'Revoke the key billing' }).click()
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await keys.getByText('revoked').waitFor()
  expect((await asks()).status).toBe(401)
})

test('a webhook is made, told of a test, read in its log, sent again, and deleted', async () => {
  const operator = await (await desk(browser, { theme: 'light' })).newPage()
  await operator.goto(await house.consoleLink())
  await section(operator, 'Programs')
  const hooks = operator.getByRole('region', { name: 'Webhooks' })
  await hooks.getByText('The broker reports to no address.').waitFor()
  await hooks.getByRole('button', { name: 'New' }).click()
  const dialog = operator.getByRole('dialog')
  await dialog.getByLabel('Which program is it for?').fill('On-call')
  await dialog.getByLabel('Address').fill(`${programUrl}/hook`)
  await look(operator, 'desk.console.webhook.new.light')
  await dialog.getByRole('button', { name: 'Make the webhook' }).click()
  expect(await dialog.getByRole('region', { name: 'Secret' }).innerText()).toMatch(/^whsec_/)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await hooks.getByText('nothing delivered yet').waitFor()
  await hooks.getByRole('button', { name: 'Open On-call' }).click()
  await dialog.getByRole('button', { name: 'Send a test' }).click()
  await dialog.getByText('was taken').waitFor()
  await look(operator, 'desk.console.webhook.light')
  await dialog.getByRole('button', { name: /^Send again: msg_/ }).click()
  await expect.poll(() => heard.length).toBe(2)
  expect(new Set(heard).size, 'a replay has the same id').toBe(1)
  await operator.setViewportSize({ width: 390, height: 844 })
  await look(operator, 'phone.console.webhook.light')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await operator
    .getByRole('dialog', { name: /^Delete / })
    .getByRole('button', { name: 'Delete' })
    .click()
  await hooks.getByText('The broker reports to no address.').waitFor()
})

test('devices and keys in Russian and Chinese', async () => {
  for (const locale of ['ru', 'zh']) {
    const operator = await (await desk(browser, { locale })).newPage()
    await operator.goto(await house.consoleLink())
    await operator.locator('.cnav a').nth(2).click()
    await operator.locator('.join-keys').waitFor()
    await look(operator, `desk.console.devices.${locale}`)
    await operator.setViewportSize({ width: 390, height: 844 })
    await look(operator, `phone.console.devices.${locale}`)
    await operator.locator('.join-keys header button').click()
    await look(operator, `phone.console.join-key.${locale}`)
    await operator.keyboard.press('Escape')
    await operator.locator('.cnav a').nth(4).click()
    await operator.locator('.api-keys').waitFor()
    await look(operator, `phone.console.programs.${locale}`)
    await operator.locator('.cnav a').last().click()
    await operator.locator('#audit').waitFor()
    await operator.locator('#audit').scrollIntoViewIfNeeded()
    await look(operator, `phone.console.audit.${locale}`)
    await operator.locator('.notices').scrollIntoViewIfNeeded()
    await look(operator, `phone.console.notices.${locale}`)
    await operator.locator('.cnav a').nth(3).click()
    await operator.getByText('LATCHKEY_WHATSAPP=on').waitFor()
    await look(operator, `phone.console.accounts.${locale}`)
  }
})
