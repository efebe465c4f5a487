import { statSync } from 'node:fs'
import { join } from 'node:path'
import { pastFileName, pastFolderIn, pastKeysIn } from '@latchkey/runner/past/past-folder'
import { killKeeper } from '@latchkey/runner/testing/keeper-under-test'
import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { compose, pairWith, phone, screenHas } from './phone.ts'

/** When the last screen of the one terminal was written, epoch milliseconds; 0 when it was not. */
const writtenAtMs = (folder: string): number =>
  Math.max(0, ...pastKeysIn(folder).map((key) => statSync(join(folder, pastFileName(key))).mtimeMs))

const house = houseOfFile()
const browser = browserOfFile()

test('a terminal of before is read, and its agent resumed in a new one by a tap and Enter', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await compose(page, 'mkdir -p engine; cd engine; echo here-$((40+2))')
  await screenHas(page, /^here-42$/)
  const movedAtMs = Date.now()
  await compose(page, 'clear; printf "To continue: codex %s 7f3c21e9-40b1\\n" resume')
  await screenHas(page, /^To continue: codex resume 7f3c21e9-40b1$/)
  const stateFolder = join(house.dataDir, 'machine-attic', 'runner')
  await expect
    .poll(() => writtenAtMs(pastFolderIn(stateFolder)), { timeout: 60_000 })
    .toBeGreaterThan(movedAtMs)
  await killKeeper(stateFolder)
  await page.getByRole('heading', { name: /Ended with the machine at/ }).waitFor()
  await screenHas(page, /^To continue: codex resume 7f3c21e9-40b1$/)
  await look(page, 'phone.past')
  await page.getByRole('button', { name: 'Resume in a new terminal' }).tap()
  await screenHas(page, /^\$ codex resume 7f3c21e9-40b1$/)
  await look(page, 'phone.past.resumed')
  await page.locator('.room').tap()
  await page.keyboard.press('Control+c')
  await compose(page, 'basename $PWD')
  await screenHas(page, /^engine$/)
  await page.getByRole('tab', { name: 'of before' }).tap()
  await page.getByRole('button', { name: 'Forget', exact: true }).tap()
  await page.getByRole('tab', { name: 'of before' }).waitFor({ state: 'detached' })
  expect(await page.getByRole('tab').count()).toBe(1)
  await context.close()
})
