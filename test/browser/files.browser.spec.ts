import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { look } from './look.ts'
import { pairWith, phone, screenHas } from './phone.ts'

const work = realpathSync(mkdtempSync(join(tmpdir(), 'latchkey-work-')))
afterAll(() => rmSync(work, { recursive: true, force: true }))
const house = houseOfFile()
const browser = browserOfFile()

const CODE = Array.from({ length: 60 }, (_, at) => `const line${at + 1} = ${at + 1}`).join('\n')
/** A picture that a browser draws: a PNG made by the browser itself. */
const picture = (page: Page): Promise<Buffer> =>
  page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 160 } })

/** A phone whose terminal is in the work folder. */
async function atWork() {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  await page.locator('#compose').fill(`cd ${work}; PS1='$ '; clear; echo src/opening.ts:48 is''-here`)
  await page.getByRole('button', { name: 'Send', exact: true }).tap()
  await screenHas(page, 'is-here')
  const pick = async (item: string) => {
    await page.locator('#terminal-menu').tap()
    await page.getByRole('button', { name: item }).tap()
  }
  return { context, page, pick }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

test('a person sends a picture, its path is typed, and opens files of the machine', async () => {
  const { context, page, pick } = await atWork()
  const png = await picture(page)

  await pick('Send files')
  await page
    .getByLabel('Choose files')
    .setInputFiles({ name: 'hours wrong.png', mimeType: 'image/png', buffer: png })
  await page.getByRole('img', { name: 'Preview of hours wrong.png' }).waitFor()
  await page.getByLabel('Name').fill('../hours-wrong.png')
  await page
    .getByText('300', { exact: false })
    .or(page.getByText('600', { exact: false }))
    .first()
    .waitFor()
  await look(page, 'phone.files.send')
  await page.getByRole('button', { name: /^Send \d/ }).tap()
  await page.getByText('path typed', { exact: false }).waitFor()
  await look(page, 'phone.files.sending')
  const arrived = join(work, '.latchkey', 'hours-wrong.png')
  expect(sha256(readFileSync(arrived))).toBe(sha256(png))
  await page.getByRole('button', { name: 'Close', exact: true }).tap()
  await screenHas(page, '/.latchkey/hours')

  writeFileSync(
    join(work, 'notes.md'),
    '# Hours\n\n<script>document.title = "broken"</script>\n\n- *one*\n- [a](javascript:alert(1))\n',
  )
  execFileSync('mkdir', ['-p', join(work, 'src')])
  writeFileSync(join(work, 'src', 'opening.ts'), CODE)
  symlinkSync('/etc/passwd', join(work, 'link'))
  const open = async (path: string) => {
    await pick('Open a file')
    await page.getByLabel('Path on the machine').fill(path)
    await page.getByRole('button', { name: 'Open', exact: true }).tap()
  }
  const back = () => page.getByRole('button', { name: 'Back to the terminal' }).tap()

  await pick('Reader view')
  await page.getByRole('button', { name: 'src/opening.ts:48' }).first().tap()
  await page.getByText('Line 48', { exact: true }).waitFor()
  await expect.poll(() => page.locator('.file-line').textContent()).toBe('const line48 = 48\n')
  await look(page, 'phone.files.text')
  await back()
  await page.getByRole('button', { name: 'Back to the terminal' }).tap()

  await open('.latchkey/hours-wrong.png')
  await page.getByRole('img', { name: 'hours-wrong.png' }).waitFor()
  await look(page, 'phone.files.image')
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).tap()
  expect(sha256(readFileSync(await (await saved).path()))).toBe(sha256(png))
  await back()

  await open('notes.md')
  await page.getByRole('heading', { name: 'Hours', exact: true }).waitFor()
  await look(page, 'phone.files.markdown')
  expect(await page.locator('.file-markdown script, .file-markdown a').count()).toBe(0)
  expect(await page.title()).not.toBe('broken')
  await back()

  await open('link')
  await page.getByRole('alert').filter({ hasText: 'symbolic link to /etc/passwd' }).waitFor()
  await look(page, 'phone.files.refused')
  await context.close()
})

test('a file that another app shares waits for a machine, and never goes to the broker', async () => {
  const { context, page } = await atWork()
  // As the system does with a share: a form that is posted, by a page that the worker controls.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await page.evaluate(() => {
    const form = document.createElement('form')
    Object.assign(form, { action: '/share', method: 'POST', enctype: 'multipart/form-data' })
    const field = Object.assign(document.createElement('input'), { type: 'file', name: 'files' })
    const data = new DataTransfer()
    data.items.add(new File(['shared words'], 'zettel für dich.txt', { type: 'text/plain' }))
    field.files = data.files
    form.append(field)
    document.body.append(form)
    form.submit()
  })
  await page.getByText('zettel für dich.txt was shared.').waitFor()
  expect(new URL(page.url()).hash).toBe('#/machines')
  await look(page, 'phone.files.shared')
  // It is there still after the page was closed meanwhile.
  await page.reload()
  await page.getByText('zettel für dich.txt was shared.').waitFor()
  await page.getByRole('link', { name: 'attic' }).click()
  await page.getByRole('button', { name: /^Send 12 B/ }).tap()
  await page.getByText('Done', { exact: true }).waitFor()
  expect(readFileSync(join(work, '.latchkey', 'zettel für dich.txt'), 'utf8')).toBe('shared words')
  await page.goto(`${house.url}/#/machines`)
  await page.reload()
  await page.getByRole('link', { name: 'attic' }).waitFor()
  expect(await page.getByText('was shared').count()).toBe(0)
  expect(await page.evaluate(() => caches.has('shared-files'))).toBe(false)
  await context.close()
})

test('a file that is dropped waits for the link, and goes on when the broker is back', async () => {
  const { context, page } = await atWork()
  // The page fetches the sheets that it did not need to begin with a little after its first screen.
  await page.waitForFunction(() => {
    const files = performance.getEntriesByType('resource').map(({ name }) => name)
    return ['/send-sheet-', '/sending-sheet-'].every((sheet) => files.some((name) => name.includes(sheet)))
  })
  await house.killBroker()
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.items.add(new File([new Uint8Array(3_000_000)], 'dropped.bin'))
    const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
    document.querySelector('#screen')?.dispatchEvent(drop)
  })
  await page.getByRole('button', { name: /^Send 3 MB/ }).tap()
  await page.getByText('Waits', { exact: false }).first().waitFor()
  expect(existsSync(join(work, '.latchkey', 'dropped.bin'))).toBe(false)
  await house.startBroker()
  await page.getByText('Done', { exact: true }).waitFor()
  expect(readFileSync(join(work, '.latchkey', 'dropped.bin')).length).toBe(3_000_000)
  await context.close()
})
