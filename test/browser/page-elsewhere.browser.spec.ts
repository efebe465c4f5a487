import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browserOfFile } from './fixture.ts'
import { type House, openHouse } from './house.ts'
import { answerPin, compose, live, phone, screenHas, shot } from './phone.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** A static host that knows nothing of Latchkey: files, and a folder's index. */
async function staticHost(folder: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://host')
    const file = [pathname, `${pathname}/index.html`]
      .map((each) => join(folder, each))
      .find((each) => extname(each) !== '' && existsSync(each))
    if (file === undefined) return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
    response.end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, server }
}

const folder = join(mkdtempSync(join(tmpdir(), 'latchkey-elsewhere-')), 'page')
let house: House
const browser = browserOfFile()
let host: Awaited<ReturnType<typeof staticHost>>
let stranger: Awaited<ReturnType<typeof staticHost>>
beforeAll(async () => {
  host = await staticHost(folder)
  stranger = await staticHost(folder)
  house = await openHouse({ env: { LATCHKEY_ALLOWED_ORIGINS: host.url } })
  const tool = fileURLToPath(new URL('../../tools/page.mjs', import.meta.url))
  execFileSync(process.execPath, [tool, '--broker', house.url, '--out', folder])
})
afterAll(async () => {
  await house?.stop()
  for (const { server } of [host, stranger]) server.close()
  rmSync(join(folder, '..'), { recursive: true, force: true })
})

test('a page from another origin pairs with code and PIN, drives a sealed terminal, and comes back', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  const asked: string[] = []
  const fetched: string[] = []
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url())
    if (request.resourceType() === 'fetch') fetched.push(pathname)
    else asked.push(origin)
  })
  await page.goto(`${host.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await answerPin(page, house)
  await live(page)
  await page.locator('[data-sealed="true"]').first().waitFor()
  await screenHas(page, '$')
  await compose(page, 'echo from-$((40+2))-elsewhere')
  await screenHas(page, 'from-42-elsewhere')
  await shot(page, 'phone.elsewhere')
  await page.reload()
  await live(page)
  await screenHas(page, 'from-42-elsewhere')
  // Nothing of the page came from the broker, which could have changed it.
  expect([...new Set(asked)]).toEqual([host.url])
  expect(fetched.filter((path) => path !== '/broker.json')).toEqual([])
  await context.close()
})

test('a link to it pairs, and it connects to no other broker, whatever a link says', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.goto(`${host.url}/p#${house.link()}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  await screenHas(page, '$')
  const reached = await page.evaluate(
    (url) =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    `${stranger.url}/index.html`,
  )
  expect(reached).toBe(false)
  await context.close()
})

test('an origin that the broker was not told of is let in nowhere', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.goto(`${stranger.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await page.getByText('The broker does not answer.').waitFor()
  await context.close()
})
