import { defaultAccountRules } from '@latchkey/domain/accounts/rules'
import { afterEach, expect, it } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { openLog } from '../log/log.ts'
import { AccountWorld } from '../testing/account-world.ts'
import { cleanUp, type TestClient, turns, until } from '../testing/harness.ts'
import {
  CONSENT,
  errorsOf,
  lastState,
  type Marketplace,
  marketplace,
  reaches,
} from '../testing/marketplace.ts'
import { MarketplaceNotifier } from './marketplace.notifier.ts'
import { MarketplaceUseCases } from './marketplace.use-cases.ts'
import { type MarketplacePeer, sessionIdOf } from './marketplace-peer.ts'
import { readPhone } from './read-phone.ts'

/** What the phone and WhatsApp do to an account, as the pages of its company are told it. */
afterEach(cleanUp)

const PHONE = phoneNumber(0)
const otherCode = (code: string) => (code.startsWith('1') ? `2${code.slice(1)}` : `1${code.slice(1)}`)

async function linkedPage(market: Marketplace): Promise<TestClient> {
  const page = await market.page('1')
  await page.call('request-qr', { consent: CONSENT })
  await reaches(page, 'qr')
  await market.wa.phone(PHONE).scanQr(lastState(page)?.qr?.text ?? '')
  await reaches(page, 'connected')
  return page
}

it('a secret that WhatsApp renews at the scan is a new QR on the page, whose scan links (sentence 69)', async () => {
  const market = await marketplace({}, { refreshOnFirstScan: true })
  const page = await market.page('1')
  await page.call('request-qr', { consent: CONSENT })
  await reaches(page, 'qr')
  const first = lastState(page)?.qr
  await expect(market.wa.phone(PHONE).scanQr(first?.text ?? '')).rejects.toThrow('could not link')
  await until('another QR', () => ![null, first?.text].includes(lastState(page)?.qr?.text ?? null))
  const second = lastState(page)?.qr
  expect(second?.expiresAt).toBe(first?.expiresAt)
  await until('it as an event', () => page.heard.filter(({ event }) => event === 'qr-update').length === 2)
  await market.wa.phone(PHONE).scanQr(second?.text ?? '')
  await reaches(page, 'connected')
  expect(errorsOf(page)).toEqual([])
})

it('a code typed wrongly stays on the page, is said to be doubtful once the phone is late, and links typed rightly (sentence 71)', async () => {
  const market = await marketplace({ typedMs: 300 })
  const page = await market.page('1')
  await page.call('request-pairing-code', { phoneNumber: PHONE, consent: CONSENT })
  await reaches(page, 'code_shown')
  const shown = lastState(page)?.code
  expect(shown?.isDoubtful).toBe(false)
  await expect(market.wa.phone(PHONE).enterCode(otherCode(shown?.code ?? ''))).rejects.toThrow('wrong code')
  await until('the page to say so', () => lastState(page)?.code?.isDoubtful === true)
  expect(lastState(page)?.code).toEqual({ ...shown, isDoubtful: true })
  await market.wa.phone(PHONE).enterCode(shown?.code ?? '')
  await reaches(page, 'connected')
  expect(errorsOf(page)).toEqual([])
  expect(market.wa.codeRequestCount()).toBe(1)
})

it('an account removed on the phone is told to every page once, not tried again, and linked anew (sentence 64)', async () => {
  const market = await marketplace({ firstBackOffMs: 1 })
  const page = await linkedPage(market)
  const tab = await market.page('1')
  const opened = market.wa.clients.length
  market.wa.phone(PHONE).unlink(market.wa.phone(PHONE).devices[0] ?? expect.fail())
  for (const each of [page, tab]) {
    await reaches(each, 'logged_out')
    await until('it as an event', () => errorsOf(each).length > 0)
    expect(errorsOf(each)).toEqual([expect.objectContaining({ event: 'error', reason: 'LOGGED_OUT' })])
  }
  await turns()
  expect(market.wa.clients).toHaveLength(opened)
  expect(await page.call('request-qr')).toEqual({ success: true })
  await until('a new QR', () => lastState(tab)?.qr != null)
  await market.wa.phone(PHONE).scanQr(lastState(tab)?.qr?.text ?? '')
  await reaches(tab, 'connected')
})

it('a ban is told with its end, of a link and of an attempt, and nothing is tried before (sentence 66)', async () => {
  const market = await marketplace({ firstBackOffMs: 1 })
  const page = await linkedPage(market)
  const beforeMs = Date.now()
  market.wa.behaviour.refuse = () => ({ reason: 402, expire: 3_600 })
  for (const client of market.wa.live()) client.drop()
  await reaches(page, 'stopped')
  const told = lastState(page)
  expect(told).toMatchObject({ reason: 'ACCOUNT_BLOCKED', phoneNumber: PHONE })
  expect(told?.retryAt).toBeGreaterThanOrEqual(beforeMs + 3_600_000)
  await until('it as an event', () => errorsOf(page).length > 0)
  expect(errorsOf(page)).toEqual([
    expect.objectContaining({ reason: 'ACCOUNT_BLOCKED', retryAt: told?.retryAt }),
  ])
  const opened = market.wa.clients.length
  expect(await page.call('retry-link')).toMatchObject({ code: 'COOLDOWN', retryAt: told?.retryAt })
  await turns()
  expect(market.wa.clients).toHaveLength(opened)
  const other = await market.page('2')
  await other.call('request-qr', { consent: CONSENT })
  await reaches(other, 'failed')
  expect(lastState(other)?.reason).toBe('ACCOUNT_BLOCKED')
  expect(lastState(other)?.retryAt).toBeGreaterThanOrEqual(beforeMs + 3_600_000)
})

it('a company that another broker has linked is shown as linked there, also after a command was refused here', async () => {
  const world = await AccountWorld.open()
  const [one, two] = [world.node(), world.node()]
  await world.link(one, 'salon', PHONE)
  const { store, clock } = world
  const log = openLog('error', { write: () => {} })
  const notifier = new MarketplaceNotifier({ log, rules: defaultAccountRules, region: 'RU', clock })
  const { pool, counters } = two
  const desk = new MarketplaceUseCases({ counters, pool, store, notifier, region: 'RU', readPhone })
  const peer: MarketplacePeer = {
    sessionId: sessionIdOf('salon'),
    company: null,
    consent: CONSENT,
    address: '192.0.2.7',
    expiresAt: Number.MAX_SAFE_INTEGER,
  }
  for (const command of [
    () => desk.requestQr({}, peer),
    () => desk.requestCode({ phoneNumber: PHONE }, peer),
    () => desk.cancel({}, peer),
    () => desk.retry({}, peer),
    () => desk.unlink({}, peer),
  ]) {
    expect(await command()).toMatchObject({ success: false, code: 'OTHER_NODE' })
    expect(await desk.arrive(peer)).toMatchObject({ state: 'elsewhere', phoneNumber: PHONE, reason: null })
  }
  expect(one.status('salon')).toBe('connected')
})
