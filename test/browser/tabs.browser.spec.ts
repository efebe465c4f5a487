import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import {
  compose,
  desk,
  live,
  openBrowser,
  openFullBrowser,
  pairWith,
  phone,
  rows,
  screenHas,
} from './phone.ts'
import { countedWire } from './wire-bytes.ts'

const house = houseOfFile()
const browser = browserOfFile()

/** 246 KB when this was written, of which the emulator is 75; the goal is 200 (docs/decisions/0028). */
const FIRST_BYTES_MAX = 260_000

/** Enough that the strip holds a part of them, and that they can be searched. */
const TERMINALS = 9

/** Of a terminal, on a phone on its side whose keyboard leaves 200 px. */
const ROWS_LYING_MIN = 8

const tabs = (page: Page) => page.getByRole('tab')
const cards = (page: Page) => page.locator('.thumb')
const names = (page: Page) => page.locator('.thumb .open')

test('the first terminal of a new phone costs less than 260 KB over the wire', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  const wire = await countedWire(page)
  await page.goto(`${house.url}/p#${house.link()}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  await screenHas(page, '$')
  const { answers, frames, largest } = wire()
  expect(answers + frames, largest.join(', ')).toBeLessThan(FIRST_BYTES_MAX)
  await context.close()
})

test('many terminals: named by title and folder until a person names them, found, opened and closed in the overview', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  for (let opened = await tabs(page).count(); opened < TERMINALS; opened++) {
    await page.getByRole('button', { name: 'New terminal' }).tap()
    await expect.poll(() => tabs(page).count()).toBe(opened + 1)
    await screenHas(page, '$')
  }
  await compose(page, "mkdir -p work/site; cd work/site; printf '\\033]2;codex\\007'; echo opening-$((40+2))")
  await screenHas(page, /^opening-42$/)
  await page.getByRole('tab', { name: 'codex' }).waitFor()

  await page.getByRole('button', { name: `Overview of ${TERMINALS} terminals` }).tap()
  const codex = cards(page).filter({ hasText: 'codex' })
  await codex.getByText(/site$/).waitFor()
  await codex.getByText('opening-42').waitFor()
  await look(page, 'phone.tabs-overview')

  await page.getByLabel('Find a terminal').fill('opening')
  await expect.poll(() => cards(page).count()).toBe(1)
  await page.getByRole('button', { name: 'Rename codex' }).tap()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('menu')
  await page.getByRole('button', { name: 'Save' }).tap()
  await names(page).getByText('menu').waitFor()
  await page.getByRole('button', { name: 'Rename menu' }).tap()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('')
  await page.getByRole('button', { name: 'Save' }).tap()
  await names(page).getByText('codex').waitFor()

  await page.getByLabel('Find a terminal').fill('')
  const first = cards(page).first().getByRole('button').first()
  await first.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect.poll(() => tabs(page).nth(1).getAttribute('aria-selected')).toBe('true')

  await page.getByRole('button', { name: `Overview of ${TERMINALS} terminals` }).tap()
  await page.getByRole('button', { name: 'Close codex' }).tap()
  await page.getByRole('dialog').getByRole('button', { name: 'Close terminal' }).tap()
  await expect.poll(() => cards(page).count()).toBe(TERMINALS - 1)
  await page.keyboard.press('Escape')
  await live(page)

  // On its side, with its keyboard: header and tabs give way, and the one in front stays in sight when they are back.
  await tabs(page).last().tap()
  await page.setViewportSize({ width: 844, height: 390 })
  await look(page, 'phone.tabs.lying')
  await page.setViewportSize({ width: 844, height: 200 })
  await page.getByRole('button', { name: 'Show header and tabs' }).waitFor()
  await expect.poll(async () => (await rows(page)).length).toBeGreaterThanOrEqual(ROWS_LYING_MIN)
  await look(page, 'phone.tabs.lying.keyboard')
  await page.setViewportSize({ width: 390, height: 420 })
  await expect.poll(() => isInSight(tabs(page).last())).toBe(true)
  await look(page, 'phone.tabs.upright.keyboard')
  await context.close()
})

test('a screen that the graphics card draws goes on as text when the card takes its picture away', async () => {
  const withCard = await openBrowser(['--enable-unsafe-swiftshader'])
  onTestFinished(() => withCard.close())
  const context = await desk(withCard)
  const page = await context.newPage()
  await page.goto(`${house.url}/p#${house.link()}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  const lost = await page.waitForFunction(() => {
    const pictures = [...document.querySelectorAll<HTMLCanvasElement>('.emulator:not([hidden]) canvas')]
    const cards = pictures.flatMap(
      (each) => each.getContext('webgl2')?.getExtension('WEBGL_lose_context') ?? [],
    )
    for (const card of cards) card.loseContext()
    return cards.length > 0
  })
  expect(await lost.jsonValue()).toBe(true)
  await screenHas(page, '$')
})

/** Whether the middle of a tab is within its strip. */
const isInSight = (tab: Locator) =>
  tab.evaluate((each) => {
    const strip = each.parentElement?.getBoundingClientRect()
    const { left, right } = each.getBoundingClientRect()
    const middle = (left + right) / 2
    return strip !== undefined && middle >= strip.left && middle <= strip.right
  })

test('the screen stays on while a program works, once a person has chosen that', async () => {
  const full = await openFullBrowser()
  onTestFinished(() => full.close())
  const context = await phone(full)
  // Where the browser grants it and takes it back.
  await context.addInitScript(() => {
    const { request } = WakeLock.prototype
    WakeLock.prototype.request = async function (type) {
      const lock = await request.call(this, type)
      document.documentElement.dataset['awake'] = 'yes'
      lock.addEventListener('release', () => {
        document.documentElement.dataset['awake'] = 'no'
      })
      return lock
    }
  })
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Settings' }).tap()
  await page
    .getByRole('group', { name: 'Keep the screen on' })
    .getByRole('button', { name: 'While something runs' })
    .tap()
  await look(page, 'phone.settings')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).tap()
  const awake = (said: string) => page.locator(`html[data-awake="${said}"]`).waitFor({ state: 'attached' })
  // A program of its own: the shell itself, in front, is at its prompt.
  await compose(page, String.raw`bash -c 'printf "\033]7501;state=working\033\\\\"; read -r line'`)
  await awake('yes')
  await compose(page, 'on with it')
  await awake('no')
  await context.close()
})
