import { PAGE_KEY_HEADER } from '@latchkey/protocol/console'
import type { Locator, Page } from 'playwright-core'
import { z } from 'zod'
import type { House } from './house.ts'

/** The console of a house, signed in, at its list of devices. */
export async function openDevices(page: Page, house: House): Promise<void> {
  await page.goto(await house.consoleLink())
  await page.getByRole('link', { name: 'Devices', exact: true }).click()
  await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor()
}

/** Makes a code to scan; answers with the link in it. */
export async function beginAdding(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Add a device' }).click()
  const code = page.locator('[data-link]')
  await code.waitFor()
  return (await code.getAttribute('data-link')) ?? ''
}

/** Says on a device that it is to join, where its page asks. */
export const sayJoin = (device: Page): Promise<void> => device.locator('.join .btn.primary').click()

/** Opens a join URL on a device, and joins: opening alone asks for nothing. */
export async function openToJoin(device: Page, link: string): Promise<void> {
  await device.goto(link)
  await sayJoin(device)
}

/** The six digits that a device shows. */
export async function pinOn(device: Page): Promise<string> {
  const shown = device.locator('[data-pin]')
  await shown.waitFor()
  return (await shown.getAttribute('data-pin')) ?? ''
}

export const pinField = (page: Page): Locator => page.getByRole('dialog').getByLabel('PIN', { exact: true })

/** A device joins, from its join URL to the two screens that say so. */
export async function join(desktop: Page, device: Page, name: string): Promise<void> {
  await device.addInitScript((called) => localStorage.setItem('latchkey.device-name', called), name)
  await openToJoin(device, await beginAdding(desktop))
  const pin = await pinOn(device)
  await pinField(desktop).fill(pin)
  await desktop.keyboard.press('Enter')
  await desktop.getByText(`${name} is paired`).waitFor()
  await device.getByText('This device is in').waitFor()
  await desktop.getByRole('button', { name: 'Done' }).click()
}

const nodes = z.object({ data: z.object({ nodes: z.array(z.object({ id: z.string() })) }) })

/** The founding query, sent with the operator's session of `page`. */
export async function deviceIds(page: Page, house: House): Promise<readonly string[]> {
  return nodes
    .parse(await operatorAsks(page, house, 'POST', '/graphql', { query: '{ nodes { id } }' }))
    .data.nodes.map(({ id }) => id)
}

const overview = z.object({ pairings: z.array(z.object({ id: z.string(), status: z.string() })) })

/** The pairings under way, by the overview that the operator on `page` may ask for. */
export async function openCodes(page: Page, house: House): Promise<readonly { readonly id: string }[]> {
  return overview
    .parse(await operatorAsks(page, house, 'GET', '/operator/overview'))
    .pairings.filter(({ status }) => status === 'waiting')
}

/** Sends a request with the operator's session of `page`: its cookie, and the key that the page keeps. */
export async function operatorAsks(
  page: Page,
  house: House,
  method: 'GET' | 'POST',
  path: string,
  data?: object,
): Promise<unknown> {
  const key = await page.evaluate(() => localStorage.getItem('latchkey.operator') ?? '')
  const headers = { [PAGE_KEY_HEADER]: key }
  const answer = await page.request.fetch(house.url + path, { method, headers, ...(data && { data }) })
  return answer.json()
}
