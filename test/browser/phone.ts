import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { ARTIFACTS, type House, linkOf } from './house.ts'

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** The one that can show a film in place of a camera: Debian's `chromium-headless-shell` cannot. */
const WITH_CAMERA = process.env['CHROMIUM_WITH_CAMERA'] ?? '/usr/bin/chromium'

/** To play a graphics card in software costs a second of processor time for each terminal of a desk. */
const NO_CARD = ['--disable-3d-apis']

/** The real browser, in the configuration of a phone or of a desk. */
export const openBrowser = (more: readonly string[] = NO_CARD): Promise<Browser> => launch(EXECUTABLE, more)

/** The same, with a film (.y4m) in place of its camera. */
export const openBrowserWithCamera = (film: string): Promise<Browser> =>
  launch(WITH_CAMERA, ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`])

/** The same, with notifications and a screen to keep on, which Debian's `chromium-headless-shell` refuses always. */
export const openFullBrowser = (): Promise<Browser> => launch(WITH_CAMERA, [])

function launch(executablePath: string, more: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

/** What tests ask of a browser. */
export type Contexts = Pick<Browser, 'newContext' | 'newPage' | 'contexts'>

export interface Look {
  readonly theme?: 'dark' | 'light'
  readonly locale?: string
}

/** A fact may be late on a slow machine; the browser's own patience is half a minute. */
const PATIENCE_MS = 60_000

async function patient(opening: Promise<BrowserContext>): Promise<BrowserContext> {
  const context = await opening
  context.setDefaultTimeout(PATIENCE_MS)
  return context
}

export const phone = (browser: Contexts, look: Look = {}): Promise<BrowserContext> =>
  patient(
    browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      colorScheme: look.theme ?? 'dark',
      locale: look.locale ?? 'en',
      reducedMotion: 'reduce',
    }),
  )

export const desk = (browser: Contexts, look: Look = {}): Promise<BrowserContext> =>
  patient(
    browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: look.theme ?? 'dark',
      locale: look.locale ?? 'en',
      reducedMotion: 'reduce',
    }),
  )

/** Opens the machine's pairing URL, which asks for no PIN, and waits until the shell is there. */
export async function pairWith(page: Page, url: string, code: string): Promise<void> {
  await page.goto(`${url}/p#${linkOf(url, code)}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await live(page)
  await screenHas(page, '$')
}

/** After a typed code: the PIN that the machine shows, when it asks for one. */
export async function answerPin(page: Page, house: House): Promise<void> {
  const field = page.locator('#pin')
  await field.or(page.locator('.pill[data-link="live"]')).first().waitFor()
  if ((await field.count()) === 0) return
  await field.fill(await house.pin())
  await field.press('Enter')
}

export const live = (page: Page): Promise<unknown> => page.locator('.pill[data-link="live"]').waitFor()

/** The rows of the screen in front, as drawn. */
export const rows = (page: Page): Promise<readonly string[]> =>
  page.locator('.emulator:not([hidden]) .xterm-rows > div').allTextContents()

export async function screenText(page: Page): Promise<string> {
  return (await rows(page)).map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n')
}

/** Waits until the screen shows `wanted`. */
export async function screenHas(page: Page, wanted: string | RegExp): Promise<void> {
  await page.waitForFunction(
    ({ source, isPattern }) => {
      const drawn = [...document.querySelectorAll('.emulator:not([hidden]) .xterm-rows > div')]
        .map((row) => (row.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd())
        .join('\n')
      return isPattern ? new RegExp(source, 'm').test(drawn) : drawn.includes(source)
    },
    { source: typeof wanted === 'string' ? wanted : wanted.source, isPattern: typeof wanted !== 'string' },
    // Not at every frame, which would draw frames for the asking alone.
    { polling: 50 },
  )
}

/** Writes a line in the compose field and sends it. */
export async function compose(page: Page, line: string): Promise<void> {
  await page.getByLabel('Line to send').fill(line)
  await page.getByLabel('Line to send').press('Enter')
}

/** The whole text of the reader, which is open, with what it folds. */
export async function readerText(page: Page): Promise<string> {
  const text = page.getByLabel('Text of the terminal')
  await text.waitFor()
  const folds = text.getByRole('button', { name: /^Show \d+ more lines$/ })
  while ((await folds.count()) > 0) await folds.first().click()
  return text.innerText()
}

/**
 * Pictures for people to judge, in test/artifacts, where LATCHKEY_PICTURES is set: by themselves the tests judge none, and to
 * draw, read and pack one costs a quarter of a second.
 */
const WANTS_PICTURES = (process.env['LATCHKEY_PICTURES'] ?? '') !== ''

/** Takes a picture of the page, where pictures are wanted. */
export async function shot(page: Page, name: string): Promise<void> {
  if (WANTS_PICTURES) await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) })
}

/** A finger draws the text down by `px`, or up when negative. */
export async function drag(page: Page, px: number): Promise<void> {
  const touch = await page.context().newCDPSession(page)
  const from = px > 0 ? 120 : 560
  const at = (y: number) => [{ x: 180, y }]
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(from) })
  for (let step = 1; step <= 10; step++)
    await touch.send('Input.dispatchTouchEvent', {
      type: 'touchMove',
      touchPoints: at(from + (px * step) / 10),
    })
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await touch.detach()
}
