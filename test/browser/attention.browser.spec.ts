import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { type Agent, agentIn } from './agent.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, desk, live, phone, screenHas, screenText } from './phone.ts'

const house = houseOfFile({}, ({ dataDir }) => {
  const folder = join(dataDir, 'machine-attic')
  for (const [name, script] of Object.entries(PROGRAMS)) writeFileSync(join(folder, name), script)
})
const browser = browserOfFile()
const folder = () => join(house.dataDir, 'machine-attic')

const report = (fields: string) => `printf '\\033]7501;${fields}\\033\\\\'\n`
const titled = (title: string) => `printf '\\033]2;${title}\\007'\n`

/** Programs that say what they do, as agents say it. */
const PROGRAMS = {
  aider: `${titled('aider')}${report('state=blocked:kind=question:app=aider')}clear
printf 'Add src/menu.ts to the chat?\\n(Y)es/(N)o [Yes]: '
read -rn 1 key; echo "<$key>"
${report('state=working:app=aider')}read -r line\n`,
  fails: `${titled('npm test')}${report('state=error:app=npm')}echo '1 failed'; read -r line\n`,
}

/** Pairs `page` with the machine. */
async function paired(page: Page): Promise<void> {
  await page.goto(`${house.url}/p#${house.link()}`)
  await page.locator('button.primary').click()
  await live(page)
}

/** An agent in the terminal before `page`, for one test. */
async function agentBefore(page: Page): Promise<Agent> {
  rmSync(join(folder(), 'terminal-mark'), { force: true })
  const agent = await agentIn(page, folder(), join(folder(), 'runner'))
  onTestFinished(() => agent.leave())
  return agent
}

const isLive = (page: Page) => page.locator('.choices[data-live="true"]').waitFor()

test('a question is found in the list, read whole, answered, and shown as done once it ran', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await paired(page)
  const agent = await agentBefore(page)
  await compose(page, "printf '\\033]2;codex\\007'; echo ready-$((40+2))")
  await screenHas(page, /^ready-42$/)
  await page.getByRole('tab', { name: 'codex' }).waitFor()
  agent.ask(1)
  await page.getByText('codex asks to run a command').waitFor()
  await page.getByRole('status').getByText('codex on attic needs you.').waitFor({ state: 'attached' })
  await expect.poll(() => page.title()).toMatch(/^\(1\) codex · attic/)
  await look(page, 'phone.attention.bar')
  await page.goto(`${house.url}/`)
  await page.getByRole('heading', { name: 'One needs you' }).waitFor()
  await look(page, 'phone.attention.list')
  await page.getByRole('link', { name: 'codex' }).tap()
  const sheet = page.getByRole('dialog', { name: 'Run this command?' })
  await sheet.waitFor()
  await isLive(page)
  await look(page, 'phone.attention.question')
  const upright = page.viewportSize() ?? { width: 390, height: 844 }
  await page.setViewportSize({ width: 320, height: 568 })
  await look(page, 'phone.attention.narrow')
  await page.setViewportSize({ width: 844, height: 390 })
  await look(page, 'phone.attention.lying')
  await page.setViewportSize(upright)
  await sheet.getByRole('button', { name: /^Allow once/ }).tap()
  expect(await agent.answered(1)).toBe('once')
  await page.getByRole('dialog', { name: 'Sending your answer' }).waitFor()
  agent.say({ type: 'sent', request: 1 })
  await page.getByRole('dialog', { name: 'Sent, not decided yet' }).waitFor()
  await page.getByText('Opened in an app').waitFor()
  await look(page, 'phone.attention.sent')
  agent.say({ type: 'decided', request: 1, decider: 'answer', choice: 'once' })
  await page.getByRole('dialog', { name: 'Allowed, not finished yet' }).waitFor()
  agent.say({ type: 'ended', request: 1, outcome: 'ran', exit: 0 })
  await page.getByRole('dialog', { name: 'Allowed and done' }).waitFor()
  await page.getByText('Decided here').waitFor()
  await page.getByText('Ran, exit 0').waitFor()
  await look(page, 'phone.attention.done')
  await context.close()
})

test('a guarded key is for the rows that this page shows; a screen that moved on is said', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await paired(page)
  await compose(page, 'bash aider')
  await screenHas(page, /^\(Y\)es/)
  await page.getByRole('button', { name: 'Keys', exact: true }).tap()
  await look(page, 'phone.attention.keys')
  // A tap right after a change is not sent, and one that the machine's screen outran is not typed: the page says so. The keys go
  // when the terminal does not ask any more, and the word about the key with them.
  const key = page.getByRole('button', { name: 'Type y' })
  await expect
    .poll(async () => {
      const moved = page.getByRole('button', { name: 'Look at the terminal' })
      if ((await moved.count()) > 0) await moved.tap()
      await key.evaluateAll((keys: HTMLElement[]) => keys[0]?.click())
      return screenText(page)
    })
    .toMatch(/<y>$/m)
  await page.getByRole('button', { name: 'Hide the keys' }).waitFor({ state: 'detached' })
  await compose(page, 'done')
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
  await paired(page)
  const agent = await agentBefore(page)
  agent.ask(10, {
    agent: 'opencode',
    kind: 'edit',
    text: '',
    diff: DIFF,
    files: ['src/price.ts', 'test/price.test.ts'],
    lastsMs: 4 * 60_000,
  })
  agent.ask(11, { text: Array.from({ length: 40 }, (_, at) => `echo step ${at + 1}`).join('\n') })
  await page.getByText(/one more question/).waitFor()
  await page.getByRole('button', { name: 'Look' }).tap()
  await page.getByRole('dialog', { name: 'Two questions wait' }).waitFor()
  await isLive(page)
  const allow = page.getByRole('button', { name: /^Allow once/ })
  await expect.poll(() => allow.getAttribute('aria-disabled')).toBe('false')
  await look(page, 'phone.attention.two-diff')
  await page.getByRole('button', { name: /^codex/ }).tap()
  await page.locator('.code .l').first().getByText('echo step 1', { exact: true }).waitFor()
  await isLive(page)
  expect(await allow.getAttribute('aria-disabled')).toBe('true')
  await look(page, 'phone.attention.long')
  // Off until the end was on the screen: a tap sends nothing.
  await allow.evaluate((button: HTMLElement) => button.click())
  agent.say({ type: 'decided', request: 10, decider: 'desk', choice: 'no' })
  agent.say({ type: 'ended', request: 10, outcome: 'declined' })
  await page.getByRole('dialog', { name: 'Run this command?' }).waitFor()
  expect(agent.heard.some(({ type }) => type === 'answer')).toBe(false)
  await page.locator('.code .l').last().scrollIntoViewIfNeeded()
  await expect.poll(() => allow.getAttribute('aria-disabled')).toBe('false')
  await allow.tap()
  await agent.answered(11)
  agent.say({ type: 'decided', request: 11, decider: 'desk', choice: 'no' })
  agent.say({ type: 'ended', request: 11, outcome: 'declined' })
  await page.getByRole('dialog', { name: 'The desk decided otherwise' }).waitFor()
  await look(page, 'phone.attention.otherwise')
  await page.getByRole('button', { name: 'Done' }).tap()
  // The desk is first, without any answer of here; then one that only the desk may answer.
  agent.ask(12, { deskOnly: 'It is longer than an app is shown.', choices: [] })
  await page.getByRole('button', { name: 'Look' }).tap()
  await page.getByText(/Only the desk can answer this/).waitFor()
  expect(await allow.count()).toBe(0)
  await look(page, 'phone.attention.desk-only')
  agent.say({ type: 'decided', request: 12, decider: 'desk' })
  agent.say({ type: 'ended', request: 12, outcome: 'ran', exit: 0 })
  await page.getByRole('dialog', { name: 'Answered at the desk' }).waitFor()
  await page.getByText('It ran and ended with exit 0.').waitFor()
  await look(page, 'phone.attention.desk-first')
  await context.close()
})

test('on a desktop the question stands beside the list, and the keyboard reaches its answers', async () => {
  const pocket = await phone(browser)
  const small = await pocket.newPage()
  await paired(small)
  const agent = await agentBefore(small)
  const context = await desk(browser)
  const page = await context.newPage()
  await paired(page)
  agent.ask(20)
  await page.goto(`${house.url}/`)
  await page.getByRole('heading', { name: 'Run this command?' }).waitFor()
  await isLive(page)
  await look(page, 'desk.attention')
  await page.getByRole('button', { name: /^Decline/ }).focus()
  await page.keyboard.press('Enter')
  expect(await agent.answered(20)).toBe('no')
  agent.say({ type: 'sent', request: 20 })
  agent.say({ type: 'decided', request: 20, decider: 'answer', choice: 'no' })
  agent.say({ type: 'ended', request: 20, outcome: 'declined' })
  await page.getByRole('heading', { name: 'Declined' }).waitFor()
  await look(page, 'desk.attention.declined')
  await compose(small, 'bash fails')
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor()
  await page.getByRole('link', { name: 'npm test' }).first().click()
  await live(page)
  await page.getByRole('link', { name: 'Needs me' }).click()
  // A person has looked: it failed, and is no news any more.
  await page.getByText('1 idle').waitFor()
  await compose(small, 'done')
  await pocket.close()
  await context.close()
})

test('while the link is away nothing can be answered, and the machine asks again when it is back', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await paired(page)
  const agent = await agentBefore(page)
  await page.evaluate(() => localStorage.setItem('latchkey.language', 'ru'))
  await page.reload()
  await live(page)
  agent.ask(30)
  await page.locator('.call-bar .btn').tap()
  await isLive(page)
  await look(page, 'phone.attention.ru')
  await house.killBroker()
  await page.getByText(/^Нет связи с attic/).waitFor()
  expect(await page.locator('.choice').count()).toBe(0)
  await look(page, 'phone.attention.away')
  await house.startBroker()
  await isLive(page)
  await page.locator('.choice.yes').tap()
  expect(await agent.answered(30)).toBe('once')
  await context.close()
})
