import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, drag, live, pairWith, phone, screenHas, screenText, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

/** A phone with the shell open, closed after the test. */
async function pocket(): Promise<Page> {
  const context = await phone(browser)
  onTestFinished(() => context.close())
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'clear')
  await screenHas(page, /^\$$/)
  return page
}

interface Point {
  readonly x: number
  readonly y: number
}

/** The middle of the lowest place on the screen where `text` is drawn. */
async function placeOf(page: Page, text: string): Promise<Point> {
  const place = await page.evaluate((sought) => {
    for (const row of [...document.querySelectorAll('.emulator:not([hidden]) .xterm-rows > div')].reverse()) {
      const at = (row.textContent ?? '').replaceAll('\u00a0', ' ').lastIndexOf(sought)
      if (at < 0) continue
      let left = at + Math.floor(sought.length / 2)
      const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const length = node.textContent?.length ?? 0
        if (left >= length) {
          left -= length
          continue
        }
        const range = document.createRange()
        range.setStart(node, left)
        range.setEnd(node, left + 1)
        const box = range.getBoundingClientRect()
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
      }
    }
    return null
  }, text)
  if (place === null) throw new Error(`${text} is not on the screen`)
  return place
}

type TouchType = 'touchStart' | 'touchMove' | 'touchEnd'

/** One finger of a page. */
async function fingerOf(page: Page): Promise<(type: TouchType, at?: Point) => Promise<unknown>> {
  const session: CDPSession = await page.context().newCDPSession(page)
  return (type, at) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: at === undefined ? [] : [at] })
}

/** A finger rests at a place until something is selected, and leaves. */
async function hold(page: Page, at: Point): Promise<void> {
  const finger = await fingerOf(page)
  await finger('touchStart', at)
  await page.locator('.selection:not([data-selected="none"])').waitFor({ state: 'attached' })
  await finger('touchEnd')
  await page.locator('.selbar').waitFor()
}

/** A finger draws a handle to a place; it stays there until `until` is true. */
async function drawHandle(page: Page, name: string, to: Point, until: () => Promise<unknown>): Promise<void> {
  const box = await page.getByRole('button', { name }).boundingBox()
  if (box === null) throw new Error(`${name} is not drawn`)
  const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const finger = await fingerOf(page)
  await finger('touchStart', from)
  for (let step = 1; step <= 4; step++)
    await finger('touchMove', {
      x: from.x + ((to.x - from.x) * step) / 4,
      y: from.y + ((to.y - from.y) * step) / 4,
    })
  await until()
  await finger('touchEnd')
  await page.locator('.selbar').waitFor()
}

/** Taps Copy; the page says so for a few seconds alone. */
const copy = (page: Page, says: string | RegExp): Promise<unknown> =>
  Promise.all([page.getByText(says).waitFor(), page.getByRole('button', { name: 'Copy', exact: true }).tap()])

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
const tapKey = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).tap()

test('a resting finger selects a path whole, handles move its ends, and Copy types nothing', async () => {
  const page = await pocket()
  await compose(page, "printf 'at src/opening.ts:48:11 end\\n Tests  1 failed\\n'")
  await screenHas(page, /^ Tests {2}1 failed$/)
  const before = await screenText(page)
  await hold(page, await placeOf(page, 'at src/opening.ts:48:11 end'))
  await look(page, 'phone.terminal.select')
  await page.getByRole('toolbar', { name: 'Selection, 1 line' }).getByText('Open file').waitFor()
  await copy(page, '1 line copied')
  expect(await copied(page)).toBe('src/opening.ts:48:11')
  await page.locator('.selbar').waitFor({ state: 'detached' })

  await hold(page, await placeOf(page, 'at src/opening.ts:48:11 end'))
  const target = await placeOf(page, 'failed')
  await drawHandle(page, 'End of the selection', { x: target.x + 300, y: target.y + 30 }, async () => {})
  await page.getByRole('toolbar', { name: 'Selection, 2 lines' }).waitFor()
  await shot(page, 'phone.terminal.select-lines')
  await copy(page, '2 lines copied')
  expect(await copied(page)).toMatch(/^src\/opening\.ts:48:11 end\n Tests {2}1 failed/)
  expect(await screenText(page)).toBe(before)

  // On a phone that is turned the lines wrap anew: nothing else may come to be selected.
  await hold(page, await placeOf(page, 'at src/opening.ts:48:11 end'))
  await page.setViewportSize({ width: 844, height: 390 })
  await page.locator('.selbar').waitFor({ state: 'detached' })
})

test('the text scrolls under a handle at the edge, and a vertical drag scrolls as ever', async () => {
  const page = await pocket()
  await compose(page, 'seq 1001 1120')
  await screenHas(page, /^1120$/)
  await drag(page, 200)
  await page.getByRole('button', { name: 'Jump to end' }).waitFor()
  expect(await page.locator('.selbar').count()).toBe(0)
  await page.getByRole('button', { name: 'Jump to end' }).tap()
  await screenHas(page, /^1120$/)
  await hold(page, await placeOf(page, '1119'))
  const room = await page.locator('.room').boundingBox()
  await drawHandle(page, 'Start of the selection', { x: 12, y: (room?.y ?? 0) + 24 }, () =>
    screenHas(page, /^1040$/),
  )
  await copy(page, /lines copied/)
  const lines = (await copied(page)).split('\n')
  expect(lines.at(-1)).toBe('1119')
  expect(Number(lines.at(-2))).toBe(1118)
  expect(lines.length).toBeGreaterThan(70)
})

test('a resting finger on a blank offers to paste, and several lines are asked about', async () => {
  const page = await pocket()
  await compose(page, 'cat > /dev/null')
  await screenHas(page, 'cat > /dev/null')
  await page.evaluate(() => navigator.clipboard.writeText('one\ntwo'))
  const room = await page.locator('.room').boundingBox()
  await hold(page, { x: 200, y: (room?.y ?? 0) + 200 })
  await page.getByRole('toolbar', { name: 'Nothing selected' }).getByText('Paste').tap()
  await page.getByText('Paste 2 lines?').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).tap()
  expect(await screenText(page)).not.toContain('two')
  await tapKey(page, 'Interrupt, Control C')
})

test('a program that listens to the mouse gets taps, and a resting finger selects', async () => {
  const page = await pocket()
  await compose(page, "clear; echo a-word; printf '\\033[?1000h\\033[?1006h'; cat -v")
  await page.getByRole('button', { name: 'Scrolls the program' }).waitFor()
  await hold(page, await placeOf(page, 'a-word'))
  await copy(page, '1 line copied')
  expect(await copied(page)).toBe('a-word')
  expect(await screenText(page)).not.toContain('^[[<0')
  await page.locator('.room').tap({ position: { x: 100, y: 200 } })
  await screenHas(page, /\^\[\[<0;\d+;\d+M/)
  await tapKey(page, 'Interrupt, Control C')
  await compose(page, "printf '\\033[?1000l\\033[?1006l'")
  await page.getByRole('button', { name: /^Scrolls/ }).waitFor({ state: 'detached' })
})

test('the keys are those of the program in front, and the keyboard stays away', async () => {
  const page = await pocket()
  await compose(page, 'vim -u NONE -N kept.txt')
  await page.getByRole('button', { name: 'Save, colon w' }).waitFor()
  await look(page, 'phone.terminal.keys-vim')
  await page.setViewportSize({ width: 844, height: 390 })
  await page.getByRole('button', { name: 'Write a line' }).waitFor()
  await look(page, 'phone.terminal.keys-vim-side')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Write a line' }).waitFor({ state: 'detached' })
  await page.locator('.raw-field').focus()
  await page.keyboard.type('ihello')
  await screenHas(page, /^hello$/)
  await page.locator('.raw-field').evaluate((field: HTMLElement) => field.blur())
  await tapKey(page, 'Save, colon w')
  await screenHas(page, /"kept.txt"/)
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
  await tapKey(page, 'Quit, colon q')
  await page.getByRole('button', { name: 'Pipe', exact: true }).waitFor()
  await compose(page, 'cat kept.txt | wc -l')
  await screenHas(page, /^1$/)
})

test('a held modifier is for many keys, and a tapped one says that it waits', async () => {
  const page = await pocket()
  await compose(page, 'cat -v')
  await screenHas(page, /cat -v$/)
  const box = await page.getByRole('button', { name: 'Ctrl', exact: true }).boundingBox()
  if (box === null) throw new Error('Ctrl is not drawn')
  const finger = await fingerOf(page)
  await finger('touchStart', { x: box.x + 20, y: box.y + 20 })
  await page.getByRole('button', { name: 'Ctrl, held down' }).waitFor()
  await page.locator('.raw-field').focus()
  await page.keyboard.type('ab')
  await screenHas(page, /^\^A\^B$/)
  await finger('touchEnd')
  await page.getByRole('button', { name: 'Ctrl', exact: true, pressed: false }).waitFor()
  await tapKey(page, 'Interrupt, Control C')
})

test('rows are arranged, snippets are typed, and what throws something away wants a second tap', async () => {
  const page = await pocket()
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Key bar' }).tap()
  await page.getByRole('button', { name: 'New snippet' }).tap()
  await page.getByLabel('Name').fill('clean')
  await page.getByLabel('Text', { exact: true }).fill('rm -rf no-such-folder; echo cleaned-$((1+1))')
  await page.getByText('Press Enter after it').tap()
  await page.getByText(/it may throw something away/).waitFor()
  await look(page, 'phone.terminal.snippet')
  await page.getByRole('button', { name: 'Save' }).tap()
  await page.getByRole('group', { name: 'the shell' }).getByRole('button', { name: 'Pipe' }).tap()
  await look(page, 'phone.terminal.key-editor')
  await page.getByRole('button', { name: 'Remove Pipe' }).tap()
  await page.getByText('Add a key').tap()
  await page.getByRole('button', { name: 'Add clean' }).tap()
  await page.getByRole('button', { name: 'Close' }).tap()
  await page.reload()
  await live(page)
  await tapKey(page, 'clean')
  await page.getByRole('button', { name: 'clean: tap again to type it' }).waitFor()
  expect(await screenText(page)).not.toContain('cleaned')
  await shot(page, 'phone.terminal.key-again')
  await tapKey(page, 'clean: tap again to type it')
  await screenHas(page, /^cleaned-2$/)
  expect(await page.getByRole('button', { name: 'Pipe', exact: true }).count()).toBe(0)
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Key bar' }).tap()
  await page.getByRole('button', { name: 'Back to the default' }).tap()
  await page.getByRole('button', { name: 'Close' }).tap()
  await page.getByRole('button', { name: 'Pipe', exact: true }).waitFor()
})

/** Asks for the kitty keyboard, and prints each piece of its input as JSON until it reads a `q`. */
const KEY_READER = `
process.stdin.setRawMode(true)
process.stdout.write('\\x1b[>1u\\x1b[?u')
process.stdin.on('data', (bytes) => {
  const text = bytes.toString()
  process.stdout.write(JSON.stringify(text).replaceAll('\\\\u001b', 'E') + '\\r\\n')
  if (text === 'q') process.stdout.write('\\x1b[<u', () => process.exit(0))
})
`

test('a program that asked for the kitty keyboard tells keys apart, also after the page came back', async () => {
  const page = await pocket()
  writeFileSync(join(house.dataDir, 'machine-attic', 'keys.mjs'), KEY_READER)
  await compose(page, `'${process.execPath}' keys.mjs`)
  await screenHas(page, '"E[?1u"')
  await page.reload()
  await live(page)
  await screenHas(page, '"E[?1u"')
  await page.locator('.raw-field').focus()
  for (const [key, bytes] of [
    ['Shift+Enter', '"E[13;2u"'],
    ['Control+Enter', '"E[13;5u"'],
    ['Alt+Enter', '"E[13;3u"'],
    ['Escape', '"E[27u"'],
    ['Enter', '"\\r"'],
  ] as const) {
    await page.keyboard.press(key)
    await screenHas(page, bytes)
  }
  await tapKey(page, 'Ctrl')
  await tapKey(page, 'Tab')
  await screenHas(page, '"E[9;5u"')
  await tapKey(page, 'Interrupt, Control C')
  await screenHas(page, '"E[99;5u"')
  await page.keyboard.type('q')
  await screenHas(page, /^\$$/)
})
