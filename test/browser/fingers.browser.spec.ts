import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, drag, pairWith, phone, screenHas, screenText, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

/** A phone with the shell open, closed after the test. */
async function pocket(): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await phone(browser)
  onTestFinished(() => context.close())
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'clear')
  await screenHas(page, /^\$$/)
  return { context, page }
}

/** A finger from the middle of one thing, sideways. */
async function swipe(page: Page, from: { x: number; y: number }, byX: number): Promise<void> {
  const touch = await page.context().newCDPSession(page)
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', x: number) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: type === 'touchEnd' ? [] : [{ x, y: from.y }],
    })
  await send('touchStart', from.x)
  for (let step = 1; step <= 6; step++) await send('touchMove', from.x + (byX * step) / 6)
  await send('touchEnd', 0)
  await touch.detach()
}

const middleOf = async (page: Page, name: string) => {
  const box = await page.getByRole('button', { name, exact: true }).boundingBox()
  if (box === null) throw new Error(`${name} is not drawn`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

test('a clipboard that nests end marks is asked about, and nothing of it runs by itself', async () => {
  const { page } = await pocket()
  await page.evaluate(() =>
    navigator.clipboard.writeText('echo hi \u001b[20\u001b[201~1~; touch RAN\n\u0003touch RAN\n'),
  )
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Paste', exact: true }).tap()
  await page.getByText(/It has control characters/).waitFor()
  await shot(page, 'phone.terminal.paste-control')
  await page.getByRole('dialog').getByRole('button', { name: 'Paste', exact: true }).tap()
  await screenHas(page, '␃touch RAN')
  await page.getByRole('button', { name: 'Interrupt, Control C' }).tap()
  await compose(page, 'echo over-$((1+1))')
  await screenHas(page, /^over-2$/)
  expect(existsSync(join(house.dataDir, 'machine-attic', 'RAN'))).toBe(false)
})

test('one composed line is keys to an editor', async () => {
  const { page } = await pocket()
  await compose(page, 'vim -u NONE -N new.txt')
  await screenHas(page, /^~$/)
  await compose(page, ':q!')
  await screenHas(page, /^\$$/)
  await compose(page, 'echo left-$((1+2))')
  await screenHas(page, /^left-3$/)
})

test('a letter after a sticky key goes to the program, also while a line is being written', async () => {
  const { page, context } = await pocket()
  await compose(page, 'sleep 1000')
  await screenHas(page, 'sleep 1000')
  const field = page.getByLabel('Line to send')
  await field.fill('draft')
  await page.getByRole('button', { name: 'Ctrl', exact: true }).tap()
  await page.keyboard.type('c')
  await screenHas(page, '^C')
  expect(await field.inputValue()).toBe('draft')
  // A keyboard that composes words reports no keys.
  await field.fill('')
  await compose(page, 'sleep 2000')
  await screenHas(page, 'sleep 2000')
  await page.getByRole('button', { name: 'Ctrl', exact: true }).tap()
  const keyboard = await context.newCDPSession(page)
  await keyboard.send('Input.imeSetComposition', { text: 'c', selectionStart: 1, selectionEnd: 1 })
  await screenHas(page, /\^C[\s\S]*\^C/)
  // A paste is no letter: it stays a draft, whatever is held.
  await page.getByRole('button', { name: 'Ctrl', exact: true }).tap()
  await page.evaluate(() => navigator.clipboard.writeText('touch NEVER\necho'))
  await page.keyboard.press('Control+v')
  await expect.poll(() => field.inputValue()).toBe('touch NEVER\necho')
  expect(await screenText(page)).not.toContain('NEVER')
})

test('a swipe over the keys turns the set and types nothing', async () => {
  const { page } = await pocket()
  await compose(page, 'echo once')
  await screenHas(page, /^once$/)
  const before = (await screenText(page)).trimEnd()
  await swipe(page, await middleOf(page, 'Up'), -120)
  await page.getByRole('button', { name: 'Home', exact: true }).waitFor()
  await swipe(page, await middleOf(page, 'Dash'), 120)
  await page.getByRole('button', { name: 'Esc', exact: true }).waitFor()
  await compose(page, '')
  await screenHas(page, /^\$\n\$$/)
  expect((await screenText(page)).startsWith(before)).toBe(true)
})

test('on a phone on its side with its keyboard the prompt is in sight, above one row of keys', async () => {
  const { page } = await pocket()
  await compose(page, 'seq 1 100')
  await screenHas(page, /^100$/)
  await page.setViewportSize({ width: 844, height: 200 })
  await page.getByRole('button', { name: 'Show header and tabs' }).waitFor()
  await expect
    .poll(() =>
      page.evaluate(() => {
        const [keys] = [...document.querySelectorAll('.keybar')].map((each) => each.getBoundingClientRect())
        const prompt = [...document.querySelectorAll('.xterm-rows > div')]
          .findLast((row) => row.textContent?.startsWith('$'))
          ?.getBoundingClientRect()
        const rows = document.querySelectorAll('.xterm-rows > div').length
        if (keys === undefined || prompt === undefined) return false
        return rows >= 7 && prompt.top >= 0 && prompt.bottom <= keys.top + 1 && keys.height <= 54
      }),
    )
    .toBe(true)
  await look(page, 'phone.terminal.side-keyboard')
  await page.getByRole('button', { name: 'Show header and tabs' }).tap()
  await page.getByRole('tab').first().waitFor()
  await look(page, 'phone.terminal.side-bars')
  await page.locator('.room').tap()
  await page.getByRole('button', { name: 'Write a line' }).tap()
  await compose(page, 'echo from-the-side-$((2+2))')
  await screenHas(page, /^from-the-side-4$/)
  await page.setViewportSize({ width: 844, height: 390 })
  await page.getByRole('tab').first().waitFor()
  await page.getByRole('button', { name: 'Show the keys' }).tap()
  await look(page, 'phone.terminal.side')
})

test('a line that is not echoed is hidden and never kept, whatever the program calls it', async () => {
  const { page } = await pocket()
  await compose(page, 'read -s -p "Losung? " w; echo got-${#w}')
  const field = page.getByLabel('Line to send')
  await page.locator('.box.secret').waitFor()
  await field.fill('sesame')
  await shot(page, 'phone.terminal.secret')
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('sesame')
  await field.press('Enter')
  await screenHas(page, /^(Losung\? )?got-6$/)
  await page.locator('.box:not(.secret)').waitFor()
  await field.fill('plain')
  expect(await page.evaluate(() => JSON.stringify(localStorage))).toContain('plain')
})

test('text in reverse video has the colours of plain text, turned round', async () => {
  const { page } = await pocket()
  await compose(page, "printf '\\033[7mturned\\033[0m\\n'")
  await screenHas(page, /^turned$/)
  const colors = await page.locator('.xterm-rows span', { hasText: /^turned$/ }).evaluate((turned) => {
    const { color, backgroundColor } = getComputedStyle(turned)
    const style = getComputedStyle(turned)
    const probe = document.body.appendChild(document.createElement('i'))
    probe.style.color = style.getPropertyValue('--term-bg')
    probe.style.backgroundColor = style.getPropertyValue('--term-fg')
    const { color: ground, backgroundColor: text } = getComputedStyle(probe)
    probe.remove()
    return { turned: { color, backgroundColor }, plain: { color: ground, backgroundColor: text } }
  })
  expect(colors.turned).toEqual(colors.plain)
})

test('a finger turns the wheel on the cell that it touches, or scrolls here if the person wants', async () => {
  const { page } = await pocket()
  await compose(page, "clear; seq 1 200; printf '\\033[?1000h\\033[?1006h'; cat -v >/dev/null")
  await page.getByRole('button', { name: 'Scrolls the program' }).waitFor()
  await drag(page, -300)
  await screenHas(page, /\^\[\[<65;2\d;\d+M/)
  const reports = [...(await screenText(page)).matchAll(/\[<65;(\d+);(\d+)M/g)]
  const box = await page.locator('.room').boundingBox()
  const rowPx = await page
    .locator('.xterm-rows > div')
    .first()
    .evaluate((row) => row.getBoundingClientRect().height)
  expect(Number(reports[0]?.[2]) * rowPx + (box?.y ?? 0)).toBeGreaterThan(450)
  // Three lines a turn is what most programs scroll by: the text goes as far as the finger.
  expect(reports.length).toBeLessThanOrEqual(Math.ceil(300 / rowPx / 3) + 1)
  await shot(page, 'phone.terminal.wheel')
  await page.getByRole('button', { name: 'Scrolls the program' }).tap()
  await drag(page, 300)
  await page.getByRole('button', { name: 'Jump to end' }).waitFor()
  await page.getByRole('button', { name: 'Interrupt, Control C' }).tap()
  await compose(page, "printf '\\033[?1000l\\033[?1006l'")
  await page.getByRole('button', { name: /^Scrolls/ }).waitFor({ state: 'detached' })
})

test('Shift with Enter is a key of its own for a program that asked, and Enter afterwards', async () => {
  const { page } = await pocket()
  await compose(
    page,
    "printf '\\033[>1u'; read -rsn 7 keys; printf '\\033[<u'; printf 'keys %q\\n' \"$keys\"",
  )
  await expect.poll(() => page.locator('.box').getAttribute('class')).not.toBeNull()
  await page.locator('.room').tap()
  await page.keyboard.press('Shift+Enter')
  await screenHas(page, "keys $'\\E[13;2u'")
  await page.keyboard.type('echo back-$((1+3))')
  await page.keyboard.press('Shift+Enter')
  await screenHas(page, /^back-4$/)
})

test('a program that copies is asked about once for its machine, then said', async () => {
  const { page } = await pocket()
  const copies = (text: string) => compose(page, `printf '\\033]52;c;%s\\007' "$(printf '${text}' | base64)"`)
  await copies('one\\ntwo\\n')
  await page.getByRole('heading', { name: /wants to copy 2 lines/ }).waitFor()
  await look(page, 'phone.terminal.clipboard-ask')
  await page.getByRole('button', { name: 'Copy 2 lines' }).tap()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('one\ntwo\n')
  await copies('three')
  await page.getByText(/copied 1 line/).waitFor()
  await shot(page, 'phone.terminal.clipboard-toast')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('three')
  // The answer is taken back in the terminal's menu, or in the machine's.
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Ask again before programs copy' }).tap()
  await copies('four')
  await page.getByRole('heading', { name: /wants to copy 1 line/ }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('three')
})

test('back from the terminal is the list of machines, and the code is not there', async () => {
  const { page } = await pocket()
  await page.goBack()
  await page.getByRole('heading', { name: 'Your machines' }).waitFor()
  await page.goForward()
  await screenHas(page, '$')
})

test('the chosen tab of many is in sight, and the edge says that there are more', async () => {
  const { page } = await pocket()
  const hasRoom = () => page.locator('.tl').evaluate((list) => list.scrollWidth <= list.clientWidth)
  // Tabs have the names of what runs in them, so their widths differ.
  while ((await page.getByRole('tab').count()) < 6 || (await hasRoom())) {
    const before = await page.getByRole('tab').count()
    await page.getByRole('button', { name: 'New terminal' }).tap()
    await expect.poll(() => page.getByRole('tab').count()).toBe(before + 1)
  }
  await page.locator('.tl.more-left').waitFor()
  const isInSight = () =>
    page.evaluate(() => {
      const tab = document.querySelector('[role=tab][aria-selected=true]')?.getBoundingClientRect()
      const list = document.querySelector('.tl')?.getBoundingClientRect()
      return (
        tab !== undefined && list !== undefined && tab.left >= list.left - 1 && tab.right <= list.right + 1
      )
    })
  await expect.poll(isInSight).toBe(true)
  await shot(page, 'phone.terminal.tabs-many')
  await page
    .getByRole('tab')
    .first()
    .evaluate((tab: HTMLElement) => tab.click())
  await page.locator('.tl.more-right').waitFor()
  await expect.poll(isInSight).toBe(true)
})

test('upright lines of a box reach from row to row, where the screen is text', async () => {
  const { page } = await pocket()
  await compose(page, "printf '┌──────┐\\n│ box  │\\n│ ▄▀█  │\\n└──────┘\\n'")
  await screenHas(page, /^└──────┘$/)
  const reach = await page.evaluate(() =>
    [...document.querySelectorAll('.emulator:not([hidden]) .xterm-rows > div')]
      .filter((row) =>
        /^(│ box  │|│ ▄▀█  │|└─{6}┘)$/.test((row.textContent ?? '').replaceAll('\u00a0', ' ').trim()),
      )
      .map((row) => {
        const line = [...row.children].find((piece) => /^[│└]$/.test(piece.textContent ?? ''))
        const glyph = document.createRange()
        if (line !== undefined) glyph.selectNodeContents(line)
        return glyph.getBoundingClientRect().height >= row.getBoundingClientRect().height
      }),
  )
  expect(reach).toEqual([true, true, true])
  await shot(page, 'phone.terminal.box')
})
