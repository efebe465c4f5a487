import { expect, test } from 'vitest'
import { barriers } from './barriers.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import {
  answerPin,
  compose,
  desk,
  drag,
  live,
  pairWith,
  phone,
  screenHas,
  screenText,
  shot,
} from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

test('two browsers watch one terminal: both see the same, one owns the size, the other may take it', async () => {
  const desktop = await desk(browser)
  const wide = await desktop.newPage()
  await wide.goto(`${house.url}/p`)
  await wide.getByLabel('Pairing code').fill(house.code())
  await wide.keyboard.press('Enter')
  await answerPin(wide, house)
  await live(wide)
  await wide.locator('.foot-line', { hasText: 'sized for this window' }).waitFor()
  await wide.keyboard.type('echo shared-$((20+1))\n')
  await wide.getByText('All input received by attic').waitFor()

  const pocket = await phone(browser)
  const small = await pocket.newPage()
  await pairWith(small, house.url, house.code())
  await screenHas(small, /^shared-21$/)
  await small.getByText(/Sized for/).waitFor()
  await shot(small, 'phone.terminal.shared')
  await wide
    .getByText('Chrome on Android is watching')
    .or(wide.getByText(/is watching/))
    .first()
    .waitFor()
  await shot(wide, 'desk.terminal.shared')
  // A program that draws and hides its cursor does not move the phone's window; the keyboard can.
  await wide.keyboard.type("printf '\\033[?1049h\\033[?25l\\033[9;1Hleft-edge\\033[5;100Hx'; sleep 1000\n")
  await screenHas(small, /^left-edge/)
  const scrolled = () => small.locator('.emulator:not([hidden])').evaluate((screen) => screen.scrollLeft)
  expect(await scrolled()).toBe(0)
  await small.locator('.emulator[role="region"]').focus()
  await small.keyboard.press('ArrowRight')
  await expect.poll(scrolled).toBeGreaterThan(0)
  await wide.keyboard.press('Control+c')
  await wide.keyboard.type("printf '\\033[?1049l\\033[?25h'\n")
  await compose(small, 'echo from-phone-$((20+2))')
  await screenHas(small, /^from-phone-22$/)
  await small.getByRole('button', { name: 'Take size' }).tap()
  await small.getByText(/Sized for/).waitFor({ state: 'detached' })
  await wide
    .getByText(/Sized for/)
    .first()
    .waitFor()
  await shot(wide, 'desk.terminal.not-owner')
  await desktop.close()
  await pocket.close()
})

test('a full-screen program looks right to who joins it, and leaves the screen as it was', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'seq -f "row %g of many" 1 500 > rows.txt; clear; echo marker-$((9+9)); less rows.txt')
  await screenHas(page, /^row 1 of many$/)
  const seen = await screenText(page)
  await page.reload()
  await live(page)
  await screenHas(page, /^row 1 of many$/)
  expect(await screenText(page)).toBe(seen)
  await shot(page, 'phone.terminal.less')
  await drag(page, -300)
  await screenHas(page, /^row 40 of many$/)
  await page.locator('.room').tap()
  await page.keyboard.type('G')
  await screenHas(page, /^row 500 of many$/)
  await page.keyboard.type('q')
  await screenHas(page, /^marker-18$/)
  await context.close()
})

test('nothing is typed that nobody typed: queries in the output are answered by the machine alone, once', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(
    page,
    "clear; printf '\\033[c\\033[6n\\033]11;?\\007\\033[?2026$p\\033P$qm\\033\\\\'; read -t 1 -n 400 -s answer; printf '%q\\n' \"$answer\" | tr -cd 'a-zA-Z0-9' | wc -c; echo done-$((5+5))",
  )
  await screenHas(page, /^done-10\n\$/)
  const once = (await screenText(page)).trimEnd()
  await page.reload()
  await live(page)
  await screenHas(page, /^done-10\n\$/)
  expect((await screenText(page)).trimEnd()).toBe(once)
  await compose(page, 'echo clean-$((5+6))')
  await screenHas(page, /^clean-11$/)
  await context.close()
})

test('a link shows one terminal to a guest without a code; its owner sees the guest, and ends the link', async () => {
  const owner = await phone(browser)
  const page = await owner.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'echo before-$((30+3)); clear; echo here-$((30+4))')
  await screenHas(page, /^here-34$/)
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Share this terminal' }).tap()
  await shot(page, 'phone.share.new')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Make the link' }).tap()
  const link = await page.getByLabel('The link', { exact: true }).inputValue()
  await shot(page, 'phone.share.made')

  const stranger = await phone(browser)
  const guest = await stranger.newPage()
  await guest.goto(link)
  await live(guest)
  await screenHas(guest, /^here-34$/)
  expect(guest.url()).toBe(`${house.url}/s`)
  await guest.getByText('View only').first().waitFor()
  await shot(guest, 'phone.share.guest')
  expect(await barriers(guest)).toEqual([])
  await guest.reload()
  await screenHas(guest, /^here-34$/)
  await page.getByText(/^Here now: Chrome/).waitFor()
  await shot(page, 'phone.share.list')
  await page.getByRole('button', { name: 'Close', exact: true }).tap()
  await page.locator('[data-guests="1"]').waitFor()
  await shot(page, 'phone.share.watched')

  // Another browser finds the link used up.
  const late = await phone(browser)
  const third = await late.newPage()
  await third.goto(link)
  await third.getByText('This link opens nothing any more.').waitFor()
  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Share this terminal' }).tap()
  await page.getByRole('button', { name: /^End the link to/ }).tap()
  await guest.getByText('This link opens nothing any more.').waitFor()
  await shot(guest, 'phone.share.ended')
  await page.getByText('Open links').waitFor({ state: 'detached' })
  for (const each of [owner, stranger, late]) await each.close()
})
