import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, live, phone, screenHas } from './phone.ts'
import { idOf, proof, question, type ScriptedMachine, scriptedMachine, status } from './scripted-machine.ts'

const house = houseOfFile()
const browser = browserOfFile()
let machine: ScriptedMachine
beforeAll(async () => {
  machine = await scriptedMachine(house, 'studio')
})
afterAll(() => machine.stop())

/** Opens the scripted machine on `page`; answers with the number of its terminal. */
async function paired(page: Page): Promise<number> {
  await page.goto(machine.pairingUrl())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  await screenHas(page, '$')
  const tab = await page.getByRole('tab', { selected: true }).getAttribute('id')
  return Number(tab?.replace('tab-', ''))
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
  await context.close()
})
