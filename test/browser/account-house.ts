import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { phoneNumber } from '../../packages/whatsapp/src/testing/companion.ts'
import { type Marketplace, openMarketplace } from './marketplace.ts'
import { type Look, openBrowser, phone } from './phone.ts'

interface Opening {
  readonly look?: Look
  /** consent is given, unless not */
  readonly agrees?: boolean
  readonly prepare?: (page: Page) => Promise<unknown>
}

/** A broker process with linking, a WhatsApp and a browser for all tests of a file; each test has a company of its own. */
export class AccountHouse {
  readonly contexts: BrowserContext[] = []
  salon = ''
  #salonCount = 0
  #market: Marketplace | null = null
  #browser: Browser | null = null

  get market(): Marketplace {
    if (this.#market === null) throw new Error('the broker is not open yet')
    return this.#market
  }
  get browser(): Browser {
    if (this.#browser === null) throw new Error('the browser is not open yet')
    return this.#browser
  }

  async start(): Promise<void> {
    this.#market = await openMarketplace()
    this.#browser = await openBrowser()
  }
  async stop(): Promise<void> {
    await this.#browser?.close()
    await this.#market?.stop()
  }

  begin(): void {
    this.salon = `salon${++this.#salonCount}`
    const { behaviour } = this.market.wa
    behaviour.onCodeRequest = () => 'accept'
    behaviour.firstQrAfterMs = 0
  }
  async end(): Promise<void> {
    this.market.thaw()
    for (const context of this.contexts.splice(0)) await context.close()
  }

  /** the number of this test's company */
  numberOf(): ReturnType<typeof phoneNumber> {
    return phoneNumber(this.#salonCount)
  }

  /** A page of this test's company; consent given unless asked otherwise. */
  async open(
    make: (browser: Browser, look?: Look) => Promise<BrowserContext> = phone,
    { look = {}, agrees = true, prepare }: Opening = {},
  ): Promise<Page> {
    const context = await make(this.browser, look)
    this.contexts.push(context)
    const page = await context.newPage()
    await prepare?.(page)
    await page.goto(await this.market.mint(this.salon, 'Salon Aurora'))
    if (agrees) await page.locator('.wa-risks + .btn').click()
    return page
  }
}

/** One house for the tests of this file. */
export function accountHouse(): AccountHouse {
  const house = new AccountHouse()
  beforeAll(() => house.start())
  afterAll(() => house.stop())
  beforeEach(() => house.begin())
  afterEach(() => house.end())
  return house
}
