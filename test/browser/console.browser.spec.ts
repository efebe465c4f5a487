import { createHash } from 'node:crypto'
import { startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { VERSION } from '../system/installed-release.ts'
import { beginAdding, join, openDevices, openToJoin, pinField, pinOn } from './devices.ts'
import { browserOfFile } from './fixture.ts'
import { type House, openHouse } from './house.ts'
import { look } from './look.ts'
import { desk, pairWith, phone } from './phone.ts'

const browser = browserOfFile()

const houses: House[] = []
async function house(env: Readonly<Record<string, string>>): Promise<House> {
  const opened = await openHouse({ env })
  houses.push(opened)
  return opened
}
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
  await Promise.all(houses.splice(0).map((each) => each.stop()))
})

const newDesk = async () => (await desk(browser)).newPage()

/** The lines of the list of attempts. */
const lines = (page: Page) => page.getByRole('region', { name: 'Attempts to pair' }).locator('ol > li')

test('attempts are shown as they happen and by question, and who is held back, until when', async () => {
  const home = await house({ LATCHKEY_LIMIT_ALARM: '5', LATCHKEY_LIMIT_BREAKER: '7' })
  const operator = await (await desk(browser)).newPage()
  await operator.goto(await home.consoleLink())
  await operator.getByText('no bans').waitFor()
  await operator.getByRole('link', { name: 'Activity', exact: true }).click()
  await operator.getByText('Nothing has happened yet.').waitFor()

  const guesser = await (await phone(browser)).newPage()
  await guesser.goto(`${home.url}/p`)
  for (let index = 0; index < 6; index++) {
    await guesser.getByLabel('Pairing code').fill(`ZZZ-ZZZ-ZZ${index}`)
    await guesser.getByRole('button', { name: 'Pair', exact: true }).tap()
    await expect.poll(() => lines(operator).count()).toBe(index + 1)
  }
  await operator.getByText('1 held back').waitFor()
  await operator.getByText(/^Rang \d\d:\d\d$/).waitFor()
  await look(operator, 'desk.console.activity.guessed')
  expect(await lines(operator).first().innerText()).toMatch(/Held back after too many tries.*127\.0\.0\.1/s)
  expect(await operator.locator('main').innerText(), 'no code is shown whole').not.toContain('ZZZ-ZZZ-ZZ0')

  // The acts of operators have filters of their own.
  const filters = operator.getByRole('group', { name: 'Filters', exact: true })
  await filters.getByLabel('Outcome').selectOption('Held back')
  await expect.poll(() => lines(operator).count()).toBe(1)
  await filters.getByLabel('Outcome').selectOption('Paired')
  await operator.getByText('Nothing fits these filters.').waitFor()
  const pocket = await (await phone(browser)).newPage()
  await pairWith(pocket, home.url, home.code())
  await lines(operator).filter({ hasText: 'paired with attic' }).waitFor()
  await filters.getByLabel('Outcome').selectOption('Any')
  await filters.getByLabel('Machine').selectOption('attic')
  await expect.poll(() => lines(operator).count()).toBe(1)
  await filters.getByLabel('When').selectOption('Last hour')
  await filters.getByLabel('From').selectOption('Audit, further back')
  await expect.poll(() => lines(operator).count()).toBe(1)
  await filters.getByLabel('Machine').selectOption('All')
  // Single failures are not kept for long; what started a ban is.
  await expect.poll(() => lines(operator).count()).toBe(2)
  await look(operator, 'desk.console.activity.audit')

  // A second guesser makes it as many as open the breaker.
  const second = await (await phone(browser)).newPage()
  await second.goto(`${home.url}/p`)
  await second.getByLabel('Pairing code').fill('ZZZ-ZZZ-ZZ6')
  await second.getByRole('button', { name: 'Pair', exact: true }).tap()
  await operator.getByRole('alert').filter({ hasText: 'Typed codes are refused until' }).waitFor()
  await operator.getByRole('link', { name: 'Overview', exact: true }).click()
  await look(operator, 'desk.console.breaker')
  await operator.setViewportSize({ width: 390, height: 844 })
  await operator.getByRole('link', { name: 'Activity', exact: true }).click()
  await look(operator, 'phone.console.activity')
})

test('the last place goes to one device, and the next is told that there is none', async () => {
  const home = await house({ LATCHKEY_DEVICE_LIMIT: '2' })
  const [operator, colleague] = await Promise.all([newDesk(), newDesk()])
  await Promise.all([openDevices(operator, home), openDevices(colleague, home)])
  const late = await (await phone(browser)).newPage()
  await openToJoin(late, await beginAdding(colleague))
  const pin = await pinOn(late)
  await join(operator, await (await phone(browser)).newPage(), 'Pixel 8')
  await operator.getByText('2 of 2 places are taken.').waitFor()
  await pinField(colleague).fill(pin)
  await colleague.keyboard.press('Enter')
  await colleague.getByText('No place is left for another device.').waitFor()
  await look(colleague, 'desk.add-device.full')
  expect(await pinOn(late), 'it may still be let in').toBe(pin)

  const later = await (await phone(browser)).newPage()
  await openToJoin(later, await beginAdding(operator))
  await later.getByText('There is no place for another device.').waitFor()
  await look(later, 'phone.join.full')
  await operator.getByRole('button', { name: 'Close' }).click()
  await operator.getByRole('button', { name: 'Revoke Pixel 8' }).click()
  await operator.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
  await operator.getByText('1 of 2 places are taken.').waitFor()
  await pinField(colleague).fill(pin)
  await colleague.keyboard.press('Enter')
  await colleague.getByText('is paired').waitFor()
  await late.getByText('This device is in').waitFor()
})

test('the machines of several brokers are one list, and each says where it is', async () => {
  const [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer()])
  const shared = { REDIS_URL: redis.url, DATABASE_URL: postgres.url }
  const north = await house(shared)
  const south = await house(shared)
  await south.addRunner('greenhouse')
  const operator = await (await desk(browser, { theme: 'light' })).newPage()
  await operator.goto(await north.consoleLink())
  const brokers = operator.getByRole('region', { name: 'Brokers' })
  await brokers.getByText('2 alive').waitFor()
  expect(await brokers.getByText('This one').count()).toBe(1)
  const runners = operator.getByRole('region', { name: 'Runners' })
  await runners.getByText('3 of 3 online').waitFor()
  expect(await runners.getByText(/ at /).count()).toBe(3)
  const health = operator.getByRole('region', { name: 'The broker is healthy' })
  await expect
    .poll(() => health.locator('dl').innerText())
    .toMatch(/Redis\n[\d.]+ ms[^]*PostgreSQL\n[\d.]+ ms/)
  await look(operator, 'desk.console.brokers.light')

  // A sign-in holds at every broker: what one is asked, the other knows.
  const phoneAtSouth = await (await phone(browser)).newPage()
  await openDevices(operator, north)
  await openToJoin(phoneAtSouth, (await beginAdding(operator)).replace(north.url, south.url))
  const pin = await pinOn(phoneAtSouth)
  await pinField(operator).fill(pin)
  await operator.keyboard.press('Enter')
  await operator.getByText('is paired').waitFor()
  await phoneAtSouth.getByText('This device is in').waitFor()

  await south.killBroker()
  await operator.getByRole('button', { name: 'Done' }).click()
  await operator.getByRole('link', { name: 'Overview', exact: true }).click()
  await brokers.waitFor({ state: 'detached' })
})

test('a server that does not answer is named, and what was last seen does not pass for now', async () => {
  const redis = await startRedisServer()
  const home = await house({ REDIS_URL: redis.url })
  const operator = await (await desk(browser, { theme: 'light' })).newPage()
  await operator.goto(await home.consoleLink())
  await operator.getByText('The broker is healthy').waitFor()
  redis.pause()
  await operator.getByText('No answer from Redis').first().waitFor()
  await operator.getByText('The broker is healthy').waitFor({ state: 'detached' })
  await look(operator, 'desk.console.redis-away.light')
  redis.resume()
  await operator.getByText('The broker is healthy').waitFor()
})

test('the console shows a line that installs this broker’s release on a machine and joins, with the hash of its script', async () => {
  const home = await house({})
  for (const made of [desk(browser), phone(browser)]) {
    const context = await made
    const console = await context.newPage()
    await openDevices(console, home)
    const link = await beginAdding(console)
    const line = console.getByRole('region', { name: 'The line to run' })
    await line.waitFor()
    const script = await (await fetch(`${home.url}/install`)).text()
    expect(await line.locator('.hash').textContent()).toBe(createHash('sha256').update(script).digest('hex'))
    expect(await line.textContent()).toContain(`curl -fsS ${home.url}/install`)
    expect(await line.locator('.address').textContent()).toBe(`'${link}'`)
    await console.getByText('What the line does').click()
    await console.getByText(`Puts Latchkey ${VERSION} into the home folder`).waitFor()
    await look(console, `add-machine.${console.viewportSize()?.width}`)
    await context.close()
  }
})
