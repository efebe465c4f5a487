import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, desk, live, phone, screenHas } from './phone.ts'
import { idOf, proof, question, type ScriptedMachine, scriptedMachine, status } from './scripted-machine.ts'

const house = houseOfFile()
const browser = browserOfFile()
let machine: ScriptedMachine
beforeAll(async () => {
  machine = await scriptedMachine(house, 'studio')
})
afterAll(() => machine.stop())

/** The number of the terminal in front, of its tab or of its line in the sidebar. */
async function terminalOf(page: Page): Promise<number> {
  const tab = page.getByRole('tab', { selected: true }).or(page.locator('.side-list [aria-current="page"]'))
  const name = await tab.evaluate((element) => element.getAttribute('href') ?? element.id)
  return Number(/\d+$/.exec(name)?.[0])
}

/** Opens the scripted machine on `page`; answers with the number of its terminal. */
async function paired(page: Page): Promise<number> {
  await page.goto(machine.pairingUrl())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  // On a desktop the screen is a picture.
  if ((page.viewportSize()?.width ?? 0) < 960) await screenHas(page, '$')
  return terminalOf(page)
}

test('a question is found in the list, read whole, answered, and shown as done once it ran', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  const terminal = await paired(page)
  await compose(page, 'echo here-$((40+2))')
  await screenHas(page, /^here-42$/)
  machine.tell(
    status(terminal, 'needs-you', {
      program: 'codex',
      title: 'codex',
      folder: '/home/ada/work/site',
      lastLines: ['$ npm install', '$ npx tsc', 'Approval requested'],
    }),
  )
  machine.tell(question(1, terminal))
  await page.getByText('codex asks to run a command').waitFor()
  expect(await page.title()).toMatch(/^\(1\) codex · studio/)
  await look(page, 'phone.attention.bar')
  await page.goto(`${house.url}/`)
  await page.getByRole('heading', { name: 'One needs you' }).waitFor()
  await look(page, 'phone.attention.list')
  await page.getByRole('link', { name: 'codex' }).tap()
  const sheet = page.getByRole('dialog', { name: 'Run this command?' })
  await sheet.waitFor()
  await sheet.locator('.choices[data-live="true"]').waitFor()
  await look(page, 'phone.attention.question')
  await expect.poll(() => machine.heard.some(({ type }) => type === 'seen')).toBe(true)
  await sheet.getByRole('button', { name: /^Allow once/ }).tap()
  await page.getByRole('dialog', { name: 'Sending your answer' }).waitFor()
  expect(machine.heard.filter(({ type }) => type === 'answer')).toMatchObject([
    { id: idOf(1), digest: question(1, 1).digest, choice: 'once' },
  ])
  machine.tell(proof(1, 'asked'))
  machine.tell(proof(1, 'sent'))
  await page.getByRole('dialog', { name: 'Sent, not decided yet' }).waitFor()
  await look(page, 'phone.attention.sent')
  machine.tell(proof(1, 'decided', { by: 'here', choice: 'once' }))
  await page.getByRole('dialog', { name: 'Allowed, not finished yet' }).waitFor()
  machine.tell(proof(1, 'ran', { exit: 0 }))
  await page.getByRole('dialog', { name: 'Allowed and done' }).waitFor()
  await page.getByText('Ran, exit 0').waitFor()
  await look(page, 'phone.attention.done')
  await context.close()
})

test('a guarded key is for the rows that this page shows; a screen that moved on is said', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  const terminal = await paired(page)
  await compose(page, "clear; printf 'Add src/menu.ts to the chat?\n(Y)es/(N)o [Yes]: '; read -r answer")
  await screenHas(page, /^\(Y\)es/)
  machine.tell(status(terminal, 'needs-you', { title: 'aider', kind: 'question' }))
  await page.getByRole('button', { name: 'Keys', exact: true }).tap()
  await look(page, 'phone.attention.keys')
  const guarded = () => machine.heard.filter((message) => message.type === 'guardedKey')
  machine.onHeard = (message) => {
    if (message.type === 'guardedKey')
      machine.tell({ type: 'guarded', request: message.request, typed: message.key === 'y' })
  }
  // A tap right after a change is not sent; the page says so.
  await expect
    .poll(async () => {
      await page.getByRole('button', { name: 'Type y' }).tap()
      return page.getByText('y was typed.').count()
    })
    .toBe(1)
  const rows = createHash('sha256').update('Add src/menu.ts to the chat?\n(Y)es/(N)o [Yes]:').digest('hex')
  expect(guarded()[0]).toMatchObject({ terminal, key: 'y', from: 0, to: 1, rows })
  await page.getByRole('button', { name: 'Type Enter' }).tap()
  await page.getByRole('dialog', { name: 'The screen moved on' }).waitFor()
  expect(guarded().at(-1)).toMatchObject({ key: '\r', rows })
  await look(page, 'phone.attention.moved')
  await page.getByRole('button', { name: 'Look at the terminal' }).tap()
  machine.onHeard = () => {}
  machine.tell(status(terminal, 'working'))
  await page.getByRole('button', { name: 'Keys', exact: true }).waitFor({ state: 'detached' })
  await compose(page, 'yes')
  await screenHas(page, /^\$/)
  await context.close()
})

const DIFF = `--- a/src/price.ts
+++ b/src/price.ts
@@ -12,3 +12,4 @@
 export interface Price {
-  amount: number
+  /** Whole, never a part. */
+  cents: number
   currency: Currency
--- a/test/price.test.ts
+++ b/test/price.test.ts
@@ -8 +8 @@
-price({ amount: 12.5 })
+price({ cents: 1250 })
`

test('several questions are each answered for themselves, and each end is told as it is', async () => {
  const context = await phone(browser, { theme: 'light' })
  const page = await context.newPage()
  const terminal = await paired(page)
  const soon = { expiresAtMs: Date.now() + 4 * 60_000 }
  machine.tell(
    question(10, terminal, {
      ...soon,
      agent: 'opencode',
      kind: 'edit',
      text: '',
      diff: DIFF,
      files: ['src/price.ts', 'test/price.test.ts'],
    }),
  )
  const long = Array.from({ length: 40 }, (_, at) => `echo step ${at + 1}`).join('\n')
  machine.tell(question(11, terminal, { text: long }))
  await page.getByRole('button', { name: 'Look' }).tap()
  await page.getByRole('dialog', { name: 'Two questions wait' }).waitFor()
  await page.locator('.choices[data-live="true"]').waitFor()
  const allow = page.getByRole('button', { name: /^Allow once/ })
  await expect.poll(() => allow.getAttribute('aria-disabled')).toBe('false')
  await look(page, 'phone.attention.two-diff')
  await page.getByRole('button', { name: /^codex/ }).tap()
  await page.locator('.code .l').first().getByText('echo step 1', { exact: true }).waitFor()
  await page.locator('.choices[data-live="true"]').waitFor()
  expect(await allow.getAttribute('aria-disabled')).toBe('true')
  await look(page, 'phone.attention.long')
  await allow.evaluate((button: HTMLElement) => button.click())
  await page.locator('.code .l').last().scrollIntoViewIfNeeded()
  await expect.poll(() => allow.getAttribute('aria-disabled')).toBe('false')
  machine.tell(proof(10, 'decided', { by: 'desk', choice: 'no' }))
  machine.tell(proof(10, 'declined'))
  await page.getByRole('dialog', { name: 'Run this command?' }).waitFor()
  await allow.tap()
  await page.getByRole('dialog', { name: 'Sending your answer' }).waitFor()
  const answers = machine.heard.filter(({ type }) => type === 'answer')
  expect(answers.filter((message) => message.type === 'answer' && message.id === idOf(11))).toHaveLength(1)
  machine.tell(proof(11, 'decided', { by: 'desk', choice: 'no' }))
  machine.tell(proof(11, 'refused', { why: 'ALREADY_DECIDED' }))
  machine.tell(proof(11, 'declined'))
  await page.getByRole('dialog', { name: 'The desk decided otherwise' }).waitFor()
  await look(page, 'phone.attention.otherwise')
  await page.getByRole('button', { name: 'Done' }).tap()
  for (const [number, more, says, name] of [
    [12, { mayAnswer: false }, /lets this app look, not answer/, 'look-only'],
    [13, { deskOnly: 'It is longer than an app is shown.' }, /Only the desk can answer this/, 'desk-only'],
  ] as const) {
    machine.tell(question(number, terminal, more))
    await page.getByRole('button', { name: 'Look' }).tap()
    await page.getByText(says).waitFor()
    expect(await allow.count()).toBe(0)
    await look(page, `phone.attention.${name}`)
    machine.tell(proof(number, 'decided', { by: 'desk', choice: 'once' }))
    machine.tell(proof(number, 'ran', { exit: 0 }))
    await page.getByRole('dialog', { name: 'Answered at the desk' }).waitFor()
    await page.getByText('It ran and ended with exit 0.').waitFor()
    await page.getByRole('button', { name: 'Done' }).tap()
  }
  await context.close()
})

test('on a desktop the question stands beside the list, and the keyboard reaches its answers', async () => {
  const context = await desk(browser)
  const page = await context.newPage()
  const terminal = await paired(page)
  machine.tell(
    status(terminal, 'needs-you', {
      title: 'codex',
      folder: '/home/ada/work/site',
      lastLines: ['$ npm install', 'Approval requested'],
    }),
  )
  machine.tell(question(20, terminal))
  await page.goto(`${house.url}/`)
  await page.getByRole('heading', { name: 'Run this command?' }).waitFor()
  await page.locator('.choices[data-live="true"]').waitFor()
  await look(page, 'desk.attention')
  await page.getByRole('button', { name: /^Decline/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sending your answer' }).waitFor()
  machine.tell(proof(20, 'decided', { by: 'here', choice: 'no' }))
  machine.tell(proof(20, 'declined'))
  await page.getByRole('heading', { name: 'Declined' }).waitFor()
  await look(page, 'desk.attention.declined')
  machine.tell(status(terminal, 'failed', { title: 'npm test', lastLines: ['1 failed'] }))
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor()
  await page.getByRole('link', { name: 'npm test' }).first().click()
  await live(page)
  await expect.poll(() => machine.heard.findLast(({ type }) => type === 'front')).toMatchObject({ terminal })
  await page.getByRole('link', { name: 'Needs me' }).click()
  // A person has looked: it failed, and is no news any more.
  await page.getByText('1 idle').waitFor()
  await context.close()
})

test('while the link is away nothing can be answered, and the machine asks again when it is back', async () => {
  const context = await phone(browser, { locale: 'ru' })
  const page = await context.newPage()
  await page.goto(machine.pairingUrl())
  await page.locator('button.primary').click()
  await live(page)
  const terminal = await terminalOf(page)
  machine.tell(question(30, terminal))
  await page.locator('.call-bar .btn').tap()
  await page.locator('.choices[data-live="true"]').waitFor()
  await look(page, 'phone.attention.ru')
  await house.killBroker()
  await page.getByText(/^Нет связи с studio/).waitFor()
  expect(await page.locator('.choice').count()).toBe(0)
  await look(page, 'phone.attention.away')
  await house.startBroker()
  await page.locator('.choices[data-live="true"]').waitFor()
  await page.locator('.choice.yes').tap()
  await expect
    .poll(() => machine.heard.some((message) => message.type === 'answer' && message.id === idOf(30)))
    .toBe(true)
  await context.close()
})
