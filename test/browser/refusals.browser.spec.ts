import { expect, test } from 'vitest'
import { browserOfFile, houseOfFile } from './fixture.ts'
import { phone, shot } from './phone.ts'

const house = houseOfFile()
const browser = browserOfFile()

/** A code that no machine shows. */
const wrong = (index: number): string => `ZZZ-ZZZ-ZZ${index}`

test('a wrong code is said with the next step, kept and selected; the sixth one is banned until a time of the clock', async () => {
  const context = await phone(browser, { theme: 'light' })
  const page = await context.newPage()
  await page.goto(`${house.url}/p`)
  const field = page.getByLabel('Pairing code')
  const alert = page.getByRole('alert')
  const pair = page.getByRole('button', { name: 'Pair', exact: true })
  await field.fill('ABC')
  await pair.tap()
  expect(await alert.innerText()).toContain('A code has nine characters.')
  for (let index = 0; index < 6; index++) {
    await field.fill(wrong(index))
    expect(await alert.count()).toBe(0)
    await pair.tap()
    await alert.waitFor()
    expect(await alert.innerText()).toBe(
      'No machine is showing this code. Check the nine characters, or ask for a new code.',
    )
    expect(await field.inputValue()).toBe(wrong(index))
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    const selected = await field.evaluate((input) =>
      input instanceof HTMLInputElement ? (input.selectionEnd ?? 0) - (input.selectionStart ?? 0) : -1,
    )
    expect(selected).toBe(11)
    if (index === 0) await shot(page, 'phone.enter-code.error.light')
  }
  await field.fill(wrong(7))
  await pair.tap()
  await page.getByText(/You can try again at \d\d:\d\d\. Your code stays here\./).waitFor()
  await page.getByText(/in \d min/).waitFor()
  expect(await field.inputValue()).toBe(wrong(7))
  expect(await pair.getAttribute('aria-disabled')).toBe('true')
  await shot(page, 'phone.enter-code.ban.light')
  await page.reload()
  await page.getByText(/You can try again at/).waitFor()
  await context.close()
})

test('Russian and Chinese say the same in their own words', async () => {
  for (const [locale, field, button, sentence] of [
    ['ru-RU', 'Код подключения', 'Подключить', 'Такого кода нет ни на одной машине.'],
    ['zh-CN', '配对码', '配对', '没有机器显示此配对码。'],
  ] as const) {
    const context = await phone(browser, { locale })
    const page = await context.newPage()
    await page.goto(`${house.url}/p`)
    await page.getByLabel(field).fill(wrong(8))
    await page.getByRole('button', { name: button, exact: true }).tap()
    await page.getByText(sentence).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale.slice(0, 2))
    await shot(page, `phone.enter-code.error.${locale.slice(0, 2)}`)
    await context.close()
  }
})
