import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { answerPin, compose, desk, live, pairWith, phone, screenHas, shot } from './phone.ts'

const house = houseOfFile({}, (each) => each.addRunner('greenhouse-pi'))
const browser = browserOfFile()

const devices: ReadonlyArray<readonly [string, (theme: 'dark' | 'light') => Promise<BrowserContext>]> = [
  ['phone', (theme) => phone(browser, { theme })],
  ['desk', (theme) => desk(browser, { theme })],
]

test.each(['dark', 'light'] as const)('no page has a barrier in the %s theme', async (theme) => {
  // A phone is looked at in the dark, and both by day.
  for (const [device, open] of theme === 'dark' ? devices.slice(0, 1) : devices) {
    const context = await open(theme)
    const page = await context.newPage()
    const named = (what: string) => `${device}.${what}.${theme}`
    await page.goto(house.url)
    await page.getByLabel('Pairing code').waitFor()
    await look(page, named('enter-code'))
    await page.getByRole('button', { name: 'Menu', exact: true }).click()
    await look(page, named('settings'))
    await page.keyboard.press('Escape')

    await page.getByLabel('Pairing code').fill(house.code())
    await page.keyboard.press('Enter')
    await answerPin(page, house)
    await live(page)
    await page.waitForSelector('.emulator:not([hidden]) .xterm-screen')
    if (device === 'phone') {
      await compose(
        page,
        "clear; printf '\\033[32mok\\033[0m \\033[31mfailed\\033[0m \\033[34m~/work\\033[0m\\n'; echo see https://example.net/docs",
      )
      await screenHas(page, 'see https://example.net/docs')
    }
    await look(page, named('terminal'))
    await page.locator('.pill').click()
    await look(page, named('connection'))
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Terminal menu' }).click()
    await look(page, named('menu'))
    await page.getByRole('button', { name: 'Reader view' }).click()
    await page.getByLabel('Text of the terminal').waitFor()
    await look(page, named('reader'))
    await page.keyboard.press('Escape')

    await page.goto(house.url)
    await page.getByRole('heading', { name: 'Your machines' }).waitFor()
    await page
      .getByText(/^Online/)
      .first()
      .waitFor()
    await look(page, named('machines'))
    await page.goto(`${house.url}/p`)
    await page
      .getByText(/^Online/)
      .first()
      .waitFor()
    await look(page, named('enter-code.known'))
    await context.close()
  }
})

test('the console opens once by its link, then by its cookie, and shows what happens', async () => {
  const context = await desk(browser)
  const page = await context.newPage()
  await page.goto(`${house.url}/console`)
  await page.getByText('You are not signed in.').waitFor()
  await look(page, 'desk.console.signed-out')
  await page.goto('about:blank')
  await page.goto(house.consoleUrl)
  await page.getByText('The broker is healthy').waitFor()
  expect(page.url()).toBe(`${house.url}/console`)
  await page.getByText('attic', { exact: true }).first().waitFor()
  await look(page, 'desk.console')
  await page.getByRole('link', { name: 'Runners', exact: true }).click()
  await look(page, 'desk.console.runners')
  await page.getByRole('link', { name: 'Activity', exact: true }).click()
  await look(page, 'desk.console.activity')

  await page.reload()
  await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor()
  const other = await phone(browser, { theme: 'light' })
  const late = await other.newPage()
  await late.goto(house.consoleUrl)
  await late.getByText('This link does not work any more.').waitFor()
  await look(late, 'phone.console.link-spent.light')
  await other.close()

  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('link', { name: 'Overview' }).click()
  await look(page, 'phone.console')
  await page.emulateMedia({ colorScheme: 'light' })
  await look(page, 'phone.console.light')
  await page.setViewportSize({ width: 1280, height: 800 })
  await look(page, 'desk.console.light')

  const pocket = await phone(browser)
  await pairWith(await pocket.newPage(), house.url, house.code())
  await page
    .getByText(/An app paired with attic|paired with\s+attic/)
    .first()
    .waitFor()
  await pocket.close()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are not signed in.').waitFor()
  await context.close()
})

test('the whole path goes by keyboard alone', async () => {
  const context = await desk(browser)
  const page = await context.newPage()
  await page.goto(house.url)
  await page.getByLabel('Pairing code').waitFor()
  const focusedClass = () => page.evaluate(() => document.activeElement?.className)
  const focusOn = async (name: string) => {
    for (let tabs = 0; tabs < 30; tabs++) {
      await page.keyboard.press('Tab')
      const focused = await page.evaluate(() => {
        const active = document.activeElement
        return (
          active?.getAttribute('aria-label') ??
          (active?.id === 'code' ? 'Pairing code' : (active?.textContent ?? ''))
        )
      })
      if (focused.trim() === name) return
    }
    throw new Error(`the Tab key does not reach ${name}`)
  }
  await focusOn('Pairing code')
  await page.keyboard.type(house.code())
  await focusOn('Pair')
  await page.keyboard.press('Enter')
  const pin = page.getByLabel('PIN', { exact: true })
  await pin.waitFor()
  expect(await pin.evaluate((field) => field === document.activeElement)).toBe(true)
  await page.keyboard.type(await house.pin())
  await page.keyboard.press('Enter')
  await live(page)
  await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'))
  await page.keyboard.type('echo by-hand-$((3*3))\n')
  await page.getByText('All input received by attic').waitFor()
  const hint = await page.evaluate(() => {
    const id = document.activeElement?.getAttribute('aria-describedby') ?? ''
    return document.getElementById(id)?.textContent
  })
  expect(hint).toBe('Shift+F6 leaves the terminal.')
  // Something that completes to nothing: a list of all commands would fill the terminal.
  await page.keyboard.type('echo zzzz')
  await page.keyboard.press('Tab')
  expect(await focusedClass()).toContain('xterm-helper-textarea')
  await page.keyboard.press('Shift+F6')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('terminal-menu')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.id === 'terminal-menu')
  await page.keyboard.press('Enter')
  await focusOn('Reader view')
  await page.keyboard.press('Enter')
  await page.getByLabel('Text of the terminal').filter({ hasText: 'by-hand-9' }).waitFor()
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'))
  await page.keyboard.press('Control+u')
  await page.keyboard.type('seq 1 300\n')
  await page.getByText('All input received by attic').waitFor()
  await page.mouse.move(700, 400)
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, -400)
      return page.getByRole('button', { name: 'Jump to end' }).isVisible()
    })
    .toBe(true)
  await page.getByRole('button', { name: 'Jump to end' }).click()
  await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'))
  await context.close()
})

test('Control C copies what is selected, and interrupts when nothing is', async () => {
  const context = await desk(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  await page.goto(`${house.url}/p#${house.link()}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'))
  await page.keyboard.type("clear; for i in {1..3000}; do printf 'word '; done; sleep 1000; echo slept\n")
  const selected = async () => {
    await page.mouse.dblclick(700, 300)
    return page.evaluate(() => {
      const copied = new ClipboardEvent('copy', { clipboardData: new DataTransfer(), bubbles: true })
      document.activeElement?.dispatchEvent(copied)
      return copied.clipboardData?.getData('text/plain') ?? ''
    })
  }
  await expect.poll(selected).toBe('word')
  await page.keyboard.press('Control+c')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('word')
  await page.evaluate(() => navigator.clipboard.writeText('nothing yet'))
  await page.mouse.dblclick(700, 300)
  await page.keyboard.press('Control+Shift+C')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('word')
  await page.keyboard.press('Control+c')
  await page.keyboard.type('clear; echo free-$((2+2))\n')
  await page.getByText('All input received by attic').waitFor()
  await page.getByRole('banner').getByRole('button', { name: 'Reader' }).click()
  await readerHas(page, 'free-4')
  expect(await page.getByLabel('Text of the terminal').innerText()).not.toContain('slept\n')
  await context.close()
})

test('a narrow or zoomed window of a laptop is no phone', async () => {
  const context = await desk(browser)
  const page = await context.newPage()
  // 1280 x 800 at 200 %.
  await page.setViewportSize({ width: 640, height: 400 })
  await page.goto(`${house.url}/p#${house.link()}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'))
  await page.keyboard.type('echo narrow-$((3+3))\n')
  await page.getByText('All input received by attic').waitFor({ state: 'attached' })
  expect(await page.locator('#compose, .keybar').count()).toBe(0)
  expect((await page.locator('.room').boundingBox())?.height).toBeGreaterThan(300)
  await look(page, 'desk.terminal.zoomed')
  await page.setViewportSize({ width: 900, height: 700 })
  await look(page, 'desk.terminal.narrow')
  await page.getByRole('button', { name: 'Terminal menu' }).click()
  await page.getByRole('button', { name: 'Reader view' }).click()
  await readerHas(page, 'narrow-6')
  await context.close()
})

test('an address that leads nowhere says so to a person', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  const answer = await page.goto(`${house.url}/no/such/page`)
  expect(answer?.status()).toBe(404)
  await page.getByRole('heading', { name: 'There is no page here' }).waitFor()
  await look(page, 'phone.nowhere')
  await page.goto(`${house.url}/#/m/%`)
  await page.getByRole('heading', { name: 'Pair with a machine' }).waitFor()
  await context.close()
})

test('two machines have one credential each, and forgetting one leaves the other', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  const second = await house.addRunner('studio')
  await pairWith(page, house.url, house.code())
  await pairWith(page, house.url, second)
  await page.goto(house.url)
  await expect.poll(() => page.getByText(/^Online/).count()).toBe(2)
  await shot(page, 'phone.machines.two')
  await page.getByRole('button', { name: 'More for studio' }).tap()
  await page.getByRole('button', { name: 'Forget this machine' }).tap()
  await shot(page, 'phone.machines.forget')
  await page.getByRole('dialog').getByRole('button', { name: 'Forget', exact: true }).tap()
  await page.getByRole('link', { name: 'studio' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'attic' }).click()
  await live(page)
  await context.close()
})

test('the page starts without a network, and says what it cannot reach', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.goto(house.url)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true))
  // What the first visit used is kept, though no worker was there to see it, and nothing else but the first files.
  await page.waitForFunction(async () => {
    const [name = ''] = await caches.keys()
    const kept = new Set((await (await caches.open(name)).keys()).map(({ url }) => url))
    const used = performance.getEntriesByType('resource').map((entry) => entry.name)
    return used.filter((url) => url.includes('/assets/')).every((url) => kept.has(url))
  })
  const kept = await page.evaluate(async () => {
    const [name = ''] = await caches.keys()
    return (await (await caches.open(name)).keys()).map(({ url }) => url)
  })
  expect(kept.filter((url) => /console-page|linking|webgl|scan-sheet|decode|\/(ru|zh)-/.test(url))).toEqual(
    [],
  )
  const [sent, bytes] = await page.evaluate(() => {
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
    const sum = (of: 'encodedBodySize' | 'decodedBodySize') =>
      scripts.reduce((total, entry) => total + (entry as PerformanceResourceTiming)[of], 0)
    return [sum('encodedBodySize'), sum('decodedBodySize')] as const
  })
  expect(sent, 'compressed on the way').toBeLessThan(bytes / 2)
  await context.setOffline(true)
  await page.goto(`${house.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).tap()
  await page.getByText('The broker does not answer.').waitFor()
  expect(await page.getByLabel('Pairing code').inputValue()).toBe(house.code())
  await shot(page, 'phone.enter-code.offline')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Pair', exact: true }).tap()
  await answerPin(page, house)
  await live(page)
  await context.close()
})

test('nothing the page keeps or asks leaves a code or a token in an address', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  // The pairing URL: this machine has shown enough PINs for an hour.
  const [, , , secret = ''] = house.link().split('.')
  await page.goto(`${house.url}/p#${house.link()}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).tap()
  await live(page)
  expect(secret).not.toBe('')
  const told = [house.code().replaceAll('-', ''), house.code(), secret]
  expect(asked.filter((url) => new URL(url).hash === '' && told.some((each) => url.includes(each)))).toEqual(
    [],
  )
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(house.code())
  await context.close()
})

/** Waits until the reader view shows `wanted`. */
async function readerHas(page: Page, wanted: string): Promise<void> {
  await expect.poll(() => page.getByLabel('Text of the terminal').innerText()).toContain(wanted)
}
