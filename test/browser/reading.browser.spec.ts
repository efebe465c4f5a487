import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import {
  compose,
  drag,
  live,
  pairWith,
  phone,
  readerText,
  rows,
  screenHas,
  screenText,
  shot,
} from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

test('lines from before this visit are fetched when one scrolls up, each of them once', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'clear; seq -f "early %g" 1 300; echo end-$((7*1))')
  await screenHas(page, /^end-7$/)
  await page.reload()
  await live(page)
  await screenHas(page, /^end-7$/)
  await compose(page, 'seq -f "late %g" 1 60; echo end-$((8*1))')
  await screenHas(page, /^end-8$/)
  await drag(page, 300)
  await page.getByRole('button', { name: 'Jump to end' }).waitFor()
  const earlier = page.getByRole('button', { name: 'Earlier lines' })
  await expect
    .poll(
      async () => {
        await drag(page, 500)
        return earlier.isVisible()
      },
      { timeout: 20_000 },
    )
    .toBe(true)
  await shot(page, 'phone.terminal.scrolled')
  await page.getByRole('button', { name: 'Earlier lines' }).tap()
  await screenHas(page, /^early \d+$/)
  await shot(page, 'phone.terminal.earlier')
  await page.getByRole('button', { name: 'Jump to end' }).tap()
  await screenHas(page, /^end-8$/)
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Reader view' }).tap()
  const text = await readerText(page)
  const numbers = (word: string) =>
    [...text.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map((match) => Number(match[1]))
  expect(numbers('early')).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  expect(numbers('late')).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  await page.getByRole('button', { name: 'Search' }).tap()
  await page.getByRole('searchbox', { name: 'Search' }).fill('late 6')
  await page.getByText('2 of 2').waitFor()
  await shot(page, 'phone.reader.search')
  await page.getByRole('button', { name: 'Back to the terminal' }).tap()
  await compose(page, 'echo still-$((9*1))')
  await screenHas(page, /^still-9$/)
  await context.close()
})

test('a page that is loaded anew has the same screen, and the program is not resized', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, `n=0; trap 'n=$((n+1))' WINCH; clear; seq -f "line %g" 300; echo end-$((5*1))`)
  await screenHas(page, /^end-5$/)
  const before = await screenText(page)
  for (let visit = 0; visit < 3; visit++) {
    await page.reload()
    await live(page)
    await screenHas(page, /^end-5$/)
    expect(await screenText(page)).toBe(before)
  }
  await compose(page, 'echo resized $n times')
  await screenHas(page, /^resized 0 times$/)
  await context.close()
})

test('a full screen stays in sight when the keyboard opens, and when the phone is turned', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'clear; seq -f "line %g" 300; echo end-$((6*1))')
  await screenHas(page, /^end-6$/)
  const upright = (await rows(page)).length
  for (const [width, height] of [
    [390, 420],
    [844, 390],
  ] as const) {
    await page.setViewportSize({ width, height })
    await expect.poll(async () => (await rows(page)).length).toBeLessThan(upright)
    // Every row of the screen is within its window.
    await expect
      .poll(() =>
        page.evaluate(() => {
          const box = (query: string) => document.querySelector(query)?.getBoundingClientRect()
          const [room, drawn] = [box('.room'), box('.emulator:not([hidden]) .xterm-rows')]
          if (room === undefined || drawn === undefined) return null
          return { above: drawn.top >= room.top, below: drawn.bottom <= room.bottom }
        }),
      )
      .toEqual({ above: true, below: true })
    await screenHas(page, /^end-6$/)
  }
  await shot(page, 'phone.terminal.full-lying')
  await context.close()
})

test('a page that was loaded while the keyboard was open shows as much as the machine when it closes', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  const upright = (await rows(page)).length
  await compose(page, 'clear; seq -f "line %g" 300; echo end-$((8*1))')
  await screenHas(page, /^end-8$/)
  await page.setViewportSize({ width: 390, height: 420 })
  await expect.poll(async () => (await rows(page)).length).toBeLessThan(upright)
  await page.reload()
  await live(page)
  await screenHas(page, /^end-8$/)
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(async () => (await rows(page)).length).toBe(upright)
  // Above the last line stand the end, the prompt, and as many lines as there is room for.
  await screenHas(page, new RegExp(`^line ${300 - (upright - 3)}$`))
  const grown = await screenText(page)
  await page.reload()
  await live(page)
  await screenHas(page, /^end-8$/)
  expect(await screenText(page)).toBe(grown)
  await context.close()
})

test('a soft keyboard that composes and corrects types what the person meant, once', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await page.locator('.room').tap()
  const keyboard = await context.newCDPSession(page)
  const composing = (text: string) =>
    keyboard.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  for (const text of ['e', 'ec', 'ehc', 'echo']) await composing(text)
  await keyboard.send('Input.insertText', { text: 'echo ' })
  for (const text of ['w', 'wo', 'word']) await composing(text)
  await keyboard.send('Input.insertText', { text: 'word-$((2*3))' })
  await page.keyboard.press('Backspace')
  await page.keyboard.type(')')
  await page.keyboard.press('Enter')
  await screenHas(page, /^word-6$/)
  expect(await screenText(page)).toContain('$ echo word-$((2*3))\nword-6')
  await context.close()
})

test('a paste of several lines asks first, unless the program takes pastes as text', async () => {
  const context = await phone(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'clear; cat')
  await screenHas(page, /^\$ cat$|^cat$|^$/)
  await page.evaluate(() => navigator.clipboard.writeText('first pasted\nsecond pasted\n'))
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Paste', exact: true }).tap()
  await page.getByRole('heading', { name: 'Paste 2 lines?' }).waitFor()
  await shot(page, 'phone.terminal.paste')
  await page.getByRole('dialog').getByRole('button', { name: 'Paste', exact: true }).tap()
  await screenHas(page, /^second pasted$/)
  await page.getByRole('button', { name: 'Interrupt, Control C' }).tap()
  await screenHas(page, '^C')
  await context.close()
})

test('the size of the letters changes by buttons and is remembered', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Larger text' }).tap()
  await page.getByRole('button', { name: 'Larger text' }).tap()
  await page.getByText('Text 15 px').waitFor()
  await page.keyboard.press('Escape')
  await page.reload()
  await live(page)
  const px = await page
    .locator('.emulator:not([hidden]) .xterm-rows')
    .evaluate((drawn) => getComputedStyle(drawn).fontSize)
  expect(px).toBe('15px')
  await context.close()
})

test('an ended program is said, its tab struck through, and its screen stays', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await page.getByRole('button', { name: 'New terminal' }).tap()
  await expect.poll(() => page.getByRole('tab').count()).toBeGreaterThan(1)
  await screenHas(page, /^\$/)
  await compose(page, 'echo last words; exit 3')
  await page.getByText('The program has ended with exit 3.').waitFor()
  await screenHas(page, /^last words$/)
  await shot(page, 'phone.terminal.ended')
  expect(await page.locator('.tab.over').count()).toBe(1)
  await context.close()
})
