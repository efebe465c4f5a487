import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, live, pairWith, phone, screenHas, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

/** What a shell with our integration prints, in a shell without it. */
const MARKS = String.raw`PS1='\[\e]133;D;$?\a\e]133;A\a\]$ \[\e]133;B\a\]'; PS0='\e]133;C\a'; clear`

const cards = (page: Page) => page.locator('.blk[data-kind="marked"]')
const card = (page: Page, command: string) =>
  cards(page).filter({ has: page.getByRole('heading', { name: command, exact: true }) })

async function openReader(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Reader view' }).tap()
  await page.getByLabel('Text of the terminal').waitFor()
}

test('the reader has a card for each command, stays live, and is the same after a reload', async () => {
  const context = await phone(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  // Where no shell marks its commands they are guessed.
  await compose(page, 'seq 3')
  await screenHas(page, /^3$/)
  await openReader(page)
  const guessed = page.locator('.blk[data-kind="guessed"]').filter({ hasText: 'seq 3' })
  await guessed.getByText('split by prompt, guessed').waitFor()
  await page.getByRole('button', { name: 'Back to the terminal' }).tap()

  await compose(page, MARKS)
  await compose(page, 'seq -f "number %g" 60')
  await screenHas(page, /^number 60$/)
  await compose(page, `echo see src/opening.ts:48 at https://example.org/a; printf '%0120d\\n' 7; false`)
  await screenHas(page, /0007$/)
  await compose(page, 'until [ -e go ]; do sleep 0.1; done; echo went-$((1+1))')
  await screenHas(page, 'until')
  await openReader(page)
  const running = cards(page).filter({ hasText: 'until' })
  await running.getByText('running').waitFor()
  const failed = cards(page).filter({ hasText: 'see src' })
  await failed.getByText('exit 1', { exact: true }).waitFor()
  await card(page, 'seq -f "number %g" 60').getByText('exit 0', { exact: true }).waitFor()
  expect(await failed.locator('a').getAttribute('rel')).toContain('noopener')
  await failed.getByRole('button', { name: 'src/opening.ts:48' }).first().waitFor()
  const isWide = await failed.locator('.out').evaluate((out) => out.scrollWidth > out.clientWidth)
  expect(isWide, 'a wide line scrolls sideways in its card').toBe(true)
  await look(page, 'phone.reader.cards')

  // Selected text stays while output goes on; the rest is drawn when it is let go.
  await failed
    .locator('.line')
    .first()
    .evaluate((line) => document.getSelection()?.selectAllChildren(line))
  writeFileSync(join(house.dataDir, 'machine-attic', 'go'), '')
  await page.getByText('Stands still while text is selected').waitFor()
  expect(await page.evaluate(() => document.getSelection()?.toString())).toContain('see src/opening.ts:48')
  await page.evaluate(() => document.getSelection()?.removeAllRanges())
  await running.getByText('exit 0', { exact: true }).waitFor()
  await expect.poll(() => page.locator('[data-spoken]').textContent()).toMatch(/until.*: exit 0\. went-2/)
  expect(await page.locator('.xterm-rows').first().getAttribute('aria-hidden')).toBe('true')

  // A search counts, steps, and opens folded output.
  const numbers = card(page, 'seq -f "number %g" 60')
  await numbers.getByRole('button', { name: 'Show 30 more lines' }).waitFor()
  await page.getByRole('button', { name: 'Search' }).tap()
  const field = page.getByRole('searchbox', { name: 'Search in this terminal' })
  await field.fill('number 3')
  await page.getByText('11 of 11').waitFor()
  await numbers.getByText('number 31').waitFor()
  await field.press('Enter')
  await page.getByText('1 of 11').waitFor()
  await page.getByRole('button', { name: 'Previous match' }).tap()
  await page.getByText('11 of 11').waitFor()
  expect(await page.locator('mark.at').textContent()).toBe('number 3')
  await look(page, 'phone.reader.search')
  await page.getByRole('button', { name: 'Close the search' }).tap()

  // By the keyboard alone, from the way back on.
  await page.getByRole('button', { name: 'Back to the terminal' }).focus()
  for (const name of ['Search', 'Copy all']) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(name)
  }
  await page.getByRole('button', { name: 'Copy seq -f "number %g" 60 and its output' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Copied').first().waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied.split('\n')).toHaveLength(61)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Copy the command' }).tap()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('seq -f "number %g" 60')

  // The machine has the marks too: a page that begins anew knows the commands, their ends and their times.
  await page.reload()
  await live(page)
  await screenHas(page, /^went-2$/)
  await openReader(page)
  await page.getByRole('button', { name: 'Earlier lines' }).tap()
  await card(page, 'seq -f "number %g" 60').getByText('exit 0', { exact: true }).waitFor()
  expect(await cards(page).filter({ hasText: 'see src' }).locator('.facts').innerText()).toMatch(
    /exit 1\s+\d\d:\d\d · [\d.]+ s/,
  )
  await page.setViewportSize({ width: 844, height: 390 })
  await shot(page, 'phone.reader.landscape')
  await page.setViewportSize({ width: 1280, height: 800 })
  await look(page, 'desktop.reader.cards')
  await context.close()
})
