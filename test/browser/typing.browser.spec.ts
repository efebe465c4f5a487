import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, pairWith, phone, screenHas, screenText, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

/** One way, in ms: a letter drawn before an answer cannot have come from the machine. */
const ONE_WAY_MS = 400

/** Lets every message of the terminal link arrive later, both ways. */
const slowLink = (page: Page): Promise<void> =>
  page.routeWebSocket(
    (url) => !url.pathname.includes('socket.io'),
    (socket) => {
      const server = socket.connectToServer()
      socket.onMessage((message) => void setTimeout(() => server.send(message), ONE_WAY_MS))
      server.onMessage((message) => void setTimeout(() => socket.send(message), ONE_WAY_MS))
    },
  )

/** Every text that was drawn ahead of the machine, in the order in which it appeared. */
async function watchGuesses(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const seen: string[] = []
    Reflect.set(window, 'guessesSeen', seen)
    const layer = document.querySelector('.emulator:not([hidden]) .guesses')
    if (layer === null) throw new Error('no layer of guesses')
    new MutationObserver(() => {
      const text = [...layer.querySelectorAll('.guess')].map((cell) => cell.textContent ?? '').join('')
      if (text !== '') seen.push(text)
    }).observe(layer, { childList: true })
  })
  return () => page.evaluate(() => [...(Reflect.get(window, 'guessesSeen') as string[])])
}

test('compositions of a real browser arrive once: ideographs, a correction, a dead key, an emoji', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'languages', { get: () => ['en', 'zh-CN'] })
  })
  await pairWith(page, house.url, house.code())
  await page.locator('.room').tap()
  const keyboard = await context.newCDPSession(page)
  const composing = (text: string) =>
    keyboard.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  const commit = (text: string) => keyboard.send('Input.insertText', { text })
  await page.keyboard.type('echo ')
  for (const text of ['n', 'ni', 'ni h', 'ni hao']) await composing(text)
  await commit('你好')
  for (const text of [' t', ' te', ' teh']) await composing(text)
  await commit(' the ')
  for (const text of ['´', 'é']) await composing(text)
  await commit('é')
  await commit('👍🏽')
  await page.keyboard.press('Backspace')
  for (const text of ['ㅎ', '하', '한']) await composing(text)
  await commit('한글')
  // A key of the bar between two edits: what the field still holds is not typed again.
  await page.locator('.keybar .key', { hasText: /^\/$/ }).tap()
  await commit('x')
  await page.keyboard.press('Enter')
  await screenHas(page, /^你好 the é👍한글\/x$/)
  // Behind an emoji with a skin tone the line editor and the screen count columns differently.
  expect(await screenText(page)).toContain('$ echo 你好 the é')
  await context.close()
})

test('on a slow link letters are drawn before the machine answers, and no letter of a password', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await slowLink(page)
  await pairWith(page, house.url, house.code())
  await compose(page, "bind 'set enable-bracketed-paste on'; PS1='> '")
  await screenHas(page, /^> $|^>$/)
  const guesses = await watchGuesses(page)
  await page.locator('.room').tap()
  await page.keyboard.type('echo ')
  // On a busy machine an echo may come so late that guessing begins anew: then it takes some letters more.
  await expect
    .poll(
      async () => {
        await page.keyboard.type('o')
        return (await guesses()).length
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThan(0)
  await shot(page, 'phone.terminal.drawn-ahead')
  await page.keyboard.press('Enter')
  await screenHas(page, /^o+$/)
  await page.locator('.guesses[hidden]').waitFor({ state: 'attached' })

  await page.keyboard.type("read -sp 'Password: ' word")
  await screenHas(page, /word$/)
  await page.keyboard.press('Enter')
  await screenHas(page, /^Password:$/)
  const before = (await guesses()).length
  for (const letter of 'QXQXZ') await page.keyboard.type(letter)
  await page.keyboard.press('Enter')
  await screenHas(page, /^Password: >$/)
  await page.keyboard.type('echo $word')
  await screenHas(page, /echo \$word$/)
  expect((await guesses()).slice(before).join(' ')).not.toMatch(/[QXZ]/)
  await page.keyboard.press('Enter')
  await screenHas(page, /^QXQXZ$/)

  await page.getByRole('button', { name: 'Terminal menu' }).tap()
  await page.getByRole('button', { name: 'Settings' }).tap()
  await page.getByRole('group', { name: 'Echo of your keys' }).getByRole('button', { name: 'Off' }).tap()
  await look(page, 'phone.settings.echo')
  await page.keyboard.press('Escape')
  await page.locator('.room').tap()
  const until = (await guesses()).length
  await page.keyboard.type('echo off')
  await screenHas(page, /echo off$/)
  expect((await guesses()).slice(until)).toEqual([])
  // The next test finds an empty line.
  await page.keyboard.press('Enter')
  await screenHas(page, /^off$/)
  await context.close()
})

test('in front of an agent a line is suggested; how one writes there and what one wrote are remembered', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  // One process says so and stays in front: a word of the shell's would end with the next program.
  await compose(page, `sh -c "printf '\\033]7501;state=idle:app=codex\\007'; exec cat"`)
  const suggestion = page.getByRole('button', { name: 'Write or speak a message here' })
  await page.getByPlaceholder('Write to the agent').waitFor()
  await page.getByLabel('Line to send').blur()
  await suggestion.waitFor()
  await look(page, 'phone.terminal.agent-line')
  await page.getByRole('button', { name: 'Keep to the keys' }).tap()
  await suggestion.waitFor({ state: 'detached' })
  await page.setViewportSize({ width: 844, height: 390 })
  await page.getByRole('button', { name: 'Write a line' }).tap()
  await page.getByLabel('Line to send').fill('half a message')
  await page.reload()
  await page.getByLabel('Line to send').waitFor()
  expect(await page.getByLabel('Line to send').inputValue()).toBe('half a message')
  await look(page, 'phone.landscape.agent-line')
  await page.getByRole('button', { name: 'Show the keys' }).tap()
  await page.reload()
  await page.getByRole('button', { name: 'Write a line' }).waitFor()
  await context.close()
})
