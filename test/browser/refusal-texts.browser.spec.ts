import { AbortReason } from '@latchkey/e2ee/messages'
import { CloseReason, FrameType } from '@latchkey/protocol/terminal/frames'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { barriers } from './barriers.ts'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { openHouse } from './house.ts'
import { answerPin, live, openBrowser, pairWith, phone, shot } from './phone.ts'
import { photoOf } from './qr-pictures.ts'

const house = houseOfFile()
const browser = browserOfFile()

/** Between page and machine, on the terminal plane: what it answers is delivered in the place of each payload. */
type Relay = (payload: Buffer, from: 'page' | 'machine') => Buffer | 'close'

const FRAME_HEADER_BYTES = 5

/** Everything else passes as it is. `back`: what `relay` made of the page's words goes to the page. */
async function standBetween(page: Page, relay: Relay, back: boolean): Promise<void> {
  await page.routeWebSocket(/\/terminal(\?|$)/, (near) => {
    const far = near.connectToServer()
    const pass = (from: 'page' | 'machine') => (message: string | Buffer) => {
      const frame = Buffer.from(message)
      const isPayload = frame[0] === FrameType.data && frame.readUInt32BE(1) !== 0
      const onward = from === 'page' ? far : near
      if (!isPayload) return onward.send(frame)
      const header = frame.subarray(0, FRAME_HEADER_BYTES)
      const made = relay(frame.subarray(FRAME_HEADER_BYTES), from)
      const to = back && from === 'page' ? near : onward
      if (made !== 'close') return to.send(Buffer.concat([header, made]))
      const close = Buffer.concat([header, Buffer.of(CloseReason.malformed)])
      close[0] = FrameType.close
      near.send(close)
    }
    near.onMessage(pass('page'))
    far.onMessage(pass('machine'))
  })
}

/** ABORT for the attempt that a HELLO began (PROTOCOL rp1 3.3): kind 7, then why. */
function abortOf(hello: Buffer, reason: number): Buffer {
  const abort = Buffer.concat([hello.subarray(0, 20), Buffer.of(reason)])
  abort[1] = 7
  abort[2] = 1
  return abort
}

async function typeCode(page: Page): Promise<void> {
  await page.goto(`${house.url}/p`)
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
}

test.each([
  {
    reason: AbortReason.busy,
    refusal: 'busy',
    says: 'attic is asking another app for a PIN.',
    step: 'Try again',
  },
  {
    reason: AbortReason.windowClosed,
    refusal: 'window-closed',
    says: 'attic takes no new pairings now.',
    step: 'Try again',
  },
  {
    reason: AbortReason.expired,
    refusal: 'expired',
    says: 'The time for this PIN or link is over.',
    step: 'Pair again',
  },
  { reason: AbortReason.locked, refusal: 'locked', says: 'attic lets no new app in.', step: 'Try again' },
  {
    reason: AbortReason.version,
    refusal: 'version',
    says: 'This page and attic do not speak the same version.',
    step: 'Reload',
  },
])(
  'a machine that says $refusal is understood, and the next step is one button',
  async ({ reason, refusal, says, step }) => {
    const context = await phone(browser)
    const page = await context.newPage()
    await standBetween(page, (hello) => abortOf(hello, reason), true)
    await typeCode(page)
    await page.locator(`[data-refusal="${refusal}"]`).waitFor()
    await page.getByRole('heading', { name: says }).waitFor()
    await page.getByRole('button', { name: step }).waitFor()
    await shot(page, `phone.refused.${refusal}`)
    expect(await barriers(page)).toEqual([])
    await context.close()
  },
)

test('a proof that was changed on the way is no proof: nothing is sent, and the page says so', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  // The machine's answer to a link, one bit of it another.
  const flip = (payload: Buffer, from: 'page' | 'machine') => {
    if (from === 'machine' && payload[1] === 6) payload[30] = (payload[30] ?? 0) ^ 1
    return payload
  }
  await standBetween(page, flip, false)
  await page.goto(`${house.url}/p#${house.link()}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await page.locator('[data-refusal="not-authentic"]').waitFor()
  await page.getByText('Nothing was sent.').waitFor()
  await shot(page, 'phone.refused.not-authentic')
  expect(await barriers(page)).toEqual([])
  await context.close()
})

test('a machine that does not seal is not spoken to', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await standBetween(page, () => 'close', true)
  await typeCode(page)
  await page.locator('[data-refusal="cannot-seal"]').waitFor()
  await page.getByText('so the broker could read it').waitFor()
  await shot(page, 'phone.refused.cannot-seal')
  await context.close()
})

test('a known machine with another key is another machine', async () => {
  const context = await phone(browser)
  const page = await context.newPage()
  await pairWith(page, house.url, house.code())
  const [version, code, reach = '', secret, runnerId] = house.link().split('.')
  const other = `${reach.startsWith('A') ? 'B' : 'A'}${reach.slice(1)}`
  await page.goto(`${house.url}/p#${[version, code, other, secret, runnerId].join('.')}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await page.locator('[data-refusal="runner-changed"]').waitFor()
  await page.getByText('This is not the attic that this browser knows.').waitFor()
  await shot(page, 'phone.refused.runner-changed')
  // The page reaches another machine only after its keys to the known one are forgotten.
  await page.getByRole('button', { name: 'Forget this machine' }).click()
  await page.getByRole('button', { name: 'Forget', exact: true }).click()
  await page.getByLabel('Pairing code').fill(house.code())
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await answerPin(page, house)
  await live(page)
  await context.close()
})

test('a link that somebody else has used says that its time is over', async () => {
  const used = house.link()
  const first = await phone(browser)
  await pairWith(await first.newPage(), house.url, house.code())
  const context = await phone(browser, { locale: 'zh-CN' })
  const page = await context.newPage()
  await page.goto(`${house.url}/p#${used}`)
  await page.locator('form button[type="submit"]').click()
  await page.locator('[data-refusal="expired"]').waitFor()
  await shot(page, 'phone.refused.expired.zh')
  expect(await barriers(page)).toEqual([])
  for (const each of [first, context]) await each.close()
})

test('where the browser has no keys of its own (plain HTTP, no localhost) a code and a PIN seal all the same', async () => {
  const name = 'latchkey.test'
  const away = await openHouse({ env: { LATCHKEY_ALLOWED_ORIGINS: `http://${name}` } })
  const plain = await openBrowser([`--host-resolver-rules=MAP ${name} 127.0.0.1`])
  try {
    const context = await phone(plain, { locale: 'zh-CN' })
    const page = await context.newPage()
    const url = new URL(away.url)
    await page.goto(`http://${name}:${url.port}/p`)
    expect(await page.evaluate(() => [isSecureContext, 'subtle' in crypto && crypto.subtle])).toEqual([
      false,
      false,
    ])
    // No live camera for pages either: the phone's own takes a photo.
    await page.getByRole('button', { name: '扫描二维码' }).tap()
    await page.getByRole('button', { name: '拍照' }).waitFor()
    await shot(page, 'phone.scan.plain.zh')
    expect(await barriers(page)).toEqual([])
    const photo = page.locator('input[type="file"][capture="environment"]')
    const buffer = await photoOf(plain, away.code())
    await photo.setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer })
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await page.locator('form input').first().inputValue()).toBe(away.code())
    await page.locator('form button[type="submit"]').click()
    await page.locator('#pin').waitFor()
    await shot(page, 'phone.pin.zh')
    expect(await barriers(page)).toEqual([])
    await page.locator('#pin').fill(await away.pin())
    await page.keyboard.press('Enter')
    await live(page)
    await page.locator('[data-sealed="true"]').first().waitFor()
    // Without the browser's locks two tabs take turns all the same.
    const twin = await context.newPage()
    await twin.goto(page.url())
    await live(twin)
    await Promise.all([page.reload(), twin.reload()])
    for (const tab of [page, twin]) {
      await live(tab)
      await tab.locator('[data-sealed="true"]').first().waitFor()
    }
    const turns = () => Object.keys(localStorage).filter((name) => name.startsWith('latchkey.turn.'))
    await expect.poll(() => page.evaluate(turns)).toEqual([])
  } finally {
    await plain.close()
    await away.stop()
  }
})
