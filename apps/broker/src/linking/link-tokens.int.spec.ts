import { linkState, mintLinkReply } from '@latchkey/protocol/linking'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, testBroker } from '../testing/harness.ts'
import { connectTo, type Marketplace, marketplace, TOKEN_SECRET } from '../testing/marketplace.ts'

/** Who gets into the namespace, and who does not. */
afterEach(cleanUp)

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
    const made = await make(market)
    const auth = typeof made === 'string' ? { token: made } : made
    await expect(connectTo(market.broker, auth)).rejects.toMatchObject({ message: code, data: { code } })
    expect(market.wa.clients).toHaveLength(0)
  })

  it('is taken from the header as well as from the handshake', async () => {
    const market = await marketplace()
    const authorization = `Bearer ${await market.token('1')}`
    const page = await connectTo(market.broker, {}, { extraHeaders: { authorization } })
    expect(linkState.parse(await page.next('link-state')).state).toBe('idle')
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
    expect((await mint(`Bearer ${market.broker.secret}`, { salonId: '../' })).status).toBe(400)
    const minted = mintLinkReply.parse(await (await mint(`Bearer ${market.broker.secret}`, wanted)).json())
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

it('a broker without linking has no such namespace and loads no client', async () => {
  const broker = await testBroker()
  await expect(connectTo(broker, { token: 'x' })).rejects.toThrow('Invalid namespace')
})
