import { accountState, accountsOverview, companyUrlReply } from '@latchkey/protocol/accounts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { cleanUp, testBroker } from '../testing/harness.ts'
import {
  CONSENT,
  connectTo,
  lastState,
  type Marketplace,
  marketplace,
  reaches,
  TOKEN_SECRET,
} from '../testing/marketplace.ts'
import { MarketplaceDesk } from './marketplace-desk.ts'
import { SessionPool } from './session-pool.ts'

/** Which tokens open the namespace, and which do not. */
afterEach(cleanUp)

async function sessionsOf({ broker }: Marketplace) {
  const authorization = `Bearer ${broker.operator}`
  const answer = await fetch(`${broker.url}/operator/linking/sessions`, { headers: { authorization } })
  return accountsOverview.parse(await answer.json()).sessions
}

describe('the token', () => {
  it.each([
    ['none', async () => ({}), 'TOKEN_MISSING'],
    ['malformed', async () => ({ token: 'not a token' }), 'TOKEN_INVALID'],
    ['of another type', async () => ({ token: { a: 1 } }), 'TOKEN_MISSING'],
    ['with another secret', (m: Marketplace) => m.token('1', {}, 'x'.repeat(40)), 'TOKEN_INVALID'],
    ['expired', (m: Marketplace) => m.token('1', {}, TOKEN_SECRET, -10), 'TOKEN_EXPIRED'],
    ['without a salon', (m: Marketplace) => m.token('1', { salon_id: undefined }), 'TOKEN_INVALID'],
    ['with a hostile salon', (m: Marketplace) => m.token('../x y'), 'TOKEN_INVALID'],
  ])('%s is refused before any handler runs (sentence 19)', async (_, make, code) => {
    const market = await marketplace()
    // Looked at, and left as they are.
    const handlers = [
      vi.spyOn(MarketplaceDesk.prototype, 'welcome'),
      vi.spyOn(SessionPool.prototype, 'start'),
    ]
    const made = await make(market)
    const auth = typeof made === 'string' ? { token: made } : made
    await expect(connectTo(market.broker, auth)).rejects.toMatchObject({ message: code, data: { code } })
    for (const handler of handlers) expect(handler).not.toHaveBeenCalled()
    expect(market.wa.clients).toHaveLength(0)
    expect(await sessionsOf(market)).toEqual([])
    for (const handler of handlers) handler.mockRestore()
  })

  it('of a company says nothing of another’s session, and is taken from no address (sentence 19)', async () => {
    const market = await marketplace()
    const page = await market.page('1')
    await page.call('request-qr', { consent: CONSENT })
    await reaches(page, 'qr')
    const foreign = await market.page('1', { token: await market.token('1', { company_id: 'company-2' }) })
    expect(lastState(foreign)).toMatchObject({ state: 'idle', qr: null, consented: false })
    await foreign.call('cancel-link')
    expect(lastState(page)?.state).toBe('qr')
    const query = { token: await market.token('1') }
    await expect(connectTo(market.broker, {}, { query })).rejects.toThrow('TOKEN_MISSING')
  })

  it('is taken from the header as well as from the handshake', async () => {
    const market = await marketplace()
    const authorization = `Bearer ${await market.token('1')}`
    const page = await connectTo(market.broker, {}, { extraHeaders: { authorization } })
    expect(accountState.parse(await page.next('link-state')).state).toBe('idle')
  })

  it('is minted for the operator alone, in a fragment, for a day (sentence 19)', async () => {
    const market = await marketplace()
    const mint = (authorization: string, body: unknown) =>
      fetch(`${market.broker.url}/operator/linking/links`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(body),
      })
    const wanted = { companyId: 'company-1', salonId: '17', company: 'Salon Aurora' }
    expect((await mint('Bearer wrong', wanted)).status).toBe(401)
    expect((await mint(`Bearer ${market.broker.operator}`, { salonId: '../' })).status).toBe(400)
    const minted = companyUrlReply.parse(
      await (await mint(`Bearer ${market.broker.operator}`, wanted)).json(),
    )
    expect(minted.expiresAt - Date.now()).toBeGreaterThan(23.9 * 3_600_000)
    const url = new URL(minted.url)
    expect(url.search).toBe('')
    const page = await connectTo(market.broker, { token: url.hash.slice(1) })
    expect(await page.next('link-state')).toMatchObject({
      state: 'idle',
      company: 'Salon Aurora',
      region: 'RU',
    })
  })
})

it('the operator sees which companies have linked, and no whole number (sentence 61)', async () => {
  const market = await marketplace()
  const ask = (authorization: string) =>
    fetch(`${market.broker.url}/operator/linking/sessions`, { headers: { authorization } })
  expect((await ask('Bearer wrong')).status).toBe(401)
  const page = await market.page('17')
  await page.call('request-qr', { consent: CONSENT })
  await reaches(page, 'qr')
  await market.wa.phone(phoneNumber(0)).scanQr(lastState(page)?.qr?.text ?? '')
  await reaches(page, 'connected')
  const told = accountsOverview.parse(await (await ask(`Bearer ${market.broker.operator}`)).json())
  expect(told).toEqual({
    restoring: 0,
    sessions: [
      {
        sessionId: 'company_17',
        companyId: 'company-1',
        maskedPhone: '+1202***0100',
        state: 'connected',
        linkedAt: expect.any(Number),
      },
    ],
  })
})

it('a broker without linking has no such namespace and loads no client', async () => {
  const broker = await testBroker()
  await expect(connectTo(broker, { token: 'x' })).rejects.toThrow('Invalid namespace')
})
