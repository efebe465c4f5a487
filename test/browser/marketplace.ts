import { type ChildProcess, fork } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { z } from 'zod'
import { companyUrlReply } from '../../packages/protocol/src/accounts.ts'
import { FakeWhatsApp } from '../../packages/whatsapp/src/testing/fake-whatsapp.ts'
import { ARTIFACTS } from './house.ts'

/** A built broker with linking switched on, as a real process, and a WhatsApp on loopback that it trusts. */
export interface Marketplace {
  readonly url: string
  readonly wa: FakeWhatsApp
  /** signs in to the console, once */
  readonly consoleUrl: string
  /** what the broker has logged so far */
  readonly log: () => string
  /** the URL of this company's page */
  mint(salonId: string, company?: string): Promise<string>
  /** the token of such a URL, good for this long, seconds */
  token(salonId: string, goodForSeconds: number): string
  /** stops the process as a debugger does: it neither answers nor ends its connections */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const listening = z.looseObject({
  event: z.literal('listening'),
  url: z.string(),
  consoleUrl: z.string(),
  operatorSecretFile: z.string(),
})
const START_MS_MAX = 60_000

export async function openMarketplace(env: Readonly<Record<string, string>> = {}): Promise<Marketplace> {
  mkdirSync(ARTIFACTS, { recursive: true })
  const wa = await FakeWhatsApp.start()
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-marketplace-'))
  const linkSecret = randomBytes(32).toString('hex')
  let log = ''
  const child = fork(join(root, 'apps/cli/dist/bundle/broker.js'), [], {
    env: {
      ...process.env,
      LATCHKEY_LOCAL: 'true',
      LATCHKEY_PORT: '0',
      LATCHKEY_DATA_DIR: dataDir,
      LATCHKEY_LOG: 'debug',
      LATCHKEY_WHATSAPP: 'on',
      LATCHKEY_WHATSAPP_URL: wa.url,
      LATCHKEY_LINK_TOKEN_SECRET: linkSecret,
      FAKE_WA_ROOT: wa.rootPublicKey,
      ...env,
    },
    execArgv: [
      '--experimental-strip-types',
      '--no-warnings',
      '--import',
      pathToFileURL(join(root, 'packages/whatsapp/src/testing/trust.ts')).href,
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const { url, consoleUrl, operatorSecretFile } = await told(child, () => log)
  const secret = readFileSync(operatorSecretFile, 'utf8').trim()
  return {
    url,
    wa,
    consoleUrl,
    log: () => log,
    mint: async (salonId, company) => {
      const response = await fetch(`${url}/operator/linking/links`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: JSON.stringify({
          companyId: 'company-1',
          salonId,
          ...(company === undefined ? {} : { company }),
        }),
      })
      const minted = new URL(companyUrlReply.parse(await response.json()).url)
      return `${url}${minted.pathname}${minted.hash}`
    },
    token: (salonId, goodForSeconds) => {
      const exp = Math.floor(Date.now() / 1_000) + goodForSeconds
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const signed = `${part({ alg: 'HS256' })}.${part({ company_id: 'company-1', salon_id: salonId, exp })}`
      return `${signed}.${createHmac('sha256', linkSecret).update(signed).digest('base64url')}`
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: async () => {
      child.kill('SIGCONT')
      if (child.exitCode === null) {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        await exit
      }
      await wa.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function told(child: ChildProcess, log: () => string): Promise<z.output<typeof listening>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the broker says nothing: ${log()}`)), START_MS_MAX)
    child.on('message', (message) => {
      const parsed = listening.safeParse(message)
      if (!parsed.success) return
      clearTimeout(timer)
      resolve(parsed.data)
    })
    child.once('exit', (status) => {
      clearTimeout(timer)
      reject(new Error(`the broker ended with ${status}: ${log()}`))
    })
  })
}

/** Counts the intervals that a page has running, before any of its scripts do. */
export const countIntervals = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const live = new Set<number>()
    const { setInterval: begin, clearInterval: end } = window
    Object.assign(window, {
      setInterval: (run: () => void, ms: number) => {
        const id = begin(run, ms)
        live.add(Number(id))
        return id
      },
      clearInterval: (id: number) => {
        live.delete(Number(id))
        end(id)
      },
      intervals: () => live.size,
    })
  })

export const intervals = (page: Page): Promise<number> =>
  page.evaluate(() => Number(Reflect.get(window, 'intervals')()))

/** Asks for the QR as a person does: on a phone the code comes first. */
export async function askForQr(page: Page): Promise<void> {
  await page.locator('#wa-qr').waitFor({ state: 'attached' })
  if (await page.locator('#wa-tab-qr').isVisible()) await tab(page, 'qr')
  const ask = page.locator('#wa-qr .wa-blank .btn')
  await ask.or(page.locator('#wa-qr [role="status"], [data-qr]')).first().waitFor()
  // Where both cards fit the page asks by itself, and the button may go before it is reached.
  if (await ask.isVisible()) await ask.dispatchEvent('click').catch(() => {})
}

/** The QR and the code that a page shows now. */
export async function shownQr(page: Page): Promise<string> {
  await askForQr(page)
  return (await page.locator('[data-qr]').getAttribute('data-qr', { timeout: 30_000 })) ?? ''
}
export const shownCode = async (page: Page): Promise<string> =>
  (await page.locator('[data-code]').getAttribute('data-code', { timeout: 30_000 })) ?? ''

/** What a person does on the page, and what shows that it worked. */
export const tab = (page: Page, method: 'qr' | 'code') => page.locator(`#wa-tab-${method}`).click()
export async function askForCode(page: Page, typed: string): Promise<void> {
  if (await page.locator('#wa-tab-code').isVisible()) await tab(page, 'code')
  await page.locator('#wa-code input').fill(typed)
  await page.locator('#wa-code .wa-ask').click()
}
export const confirmNumber = (page: Page) => page.locator('#wa-code .btn.primary').click()
export const trouble = (page: Page, reason: string) => page.locator(`[data-reason="${reason}"]`).waitFor()
export const linked = (page: Page) => page.locator('.done-mark').waitFor()
