import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { companyUrlReply } from '@latchkey/protocol/accounts'
import { io } from 'socket.io-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openLibrary } from '../../../../packages/whatsapp/src/library.ts'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { FakeWhatsApp } from '../../../../packages/whatsapp/src/testing/fake-whatsapp.ts'
import { atCleanUp, cleanUp, type TestClient, testBroker, turns, until } from '../testing/harness.ts'
import {
  CONSENT,
  connectTo,
  errorsOf,
  lastState,
  marketplace,
  reaches,
  statesOf,
  TOKEN_SECRET,
} from '../testing/marketplace.ts'
import { MarketplaceDesk } from './marketplace-desk.ts'

/** A real broker with linking switched on, the real client, pages as sockets. */
afterEach(cleanUp)

const PHONE = phoneNumber(0)

describe('consent', () => {
  it('is recorded before the first QR or code, and asked for without (sentence 78)', async () => {
    const market = await marketplace()
    const page = await market.page('1')
    expect(lastState(page)?.consented).toBe(false)
    expect(await page.call('request-qr')).toMatchObject({ success: false, code: 'CONSENT_REQUIRED' })
    expect(await page.call('request-pairing-code', { phoneNumber: PHONE })).toMatchObject({
      code: 'CONSENT_REQUIRED',
    })
    expect(market.wa.clients).toHaveLength(0)
    expect(await page.call('request-qr', { consent: CONSENT })).toEqual({ success: true })
    await reaches(page, 'qr')
    const later = await market.page('1')
    expect(lastState(later)?.consented).toBe(true)
  })
})

describe('a request for a code', () => {
  it('three rapid clicks are one code; the others are told that one is in progress (sentences 1, 4)', async () => {
    const market = await marketplace()
    const page = await market.page('1')
    const tab = await market.page('1')
    const ask = (from: TestClient) =>
      from.call('request-pairing-code', { phoneNumber: '+1 202 555 0100', consent: CONSENT })
    const answers = await Promise.all([ask(page), ask(page), ask(tab)])
    expect(answers.map(({ success, code }) => code ?? success)).toEqual([
      true,
      'REQUEST_IN_PROGRESS',
      'REQUEST_IN_PROGRESS',
    ])
    const code = await page.next('pairing-code')
    expect(code).toMatchObject({ phoneNumber: PHONE, expiresIn: 180 })
    expect(code['code']).toMatch(/^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$/)
    expect(await tab.next('pairing-code')).toEqual(code)
    expect(market.wa.codeRequestCount()).toBe(1)
    expect(errorsOf(page).map(({ event, code: said }) => [event, said])).toEqual([
      ['pairing-code-error', 'REQUEST_IN_PROGRESS'],
    ])
  })

  it.each([
    ['8900', 'INVALID_PHONE_FORMAT', 'PHONE_TOO_SHORT'],
    ['abc123', 'INVALID_PHONE_FORMAT', 'PHONE_INVALID'],
    ['+1234567890123456', 'INVALID_PHONE_FORMAT', 'PHONE_TOO_LONG'],
    ['+999123456789', 'INVALID_PHONE_FORMAT', 'COUNTRY_UNKNOWN'],
    ['', 'PHONE_REQUIRED', 'PHONE_REQUIRED'],
  ])(
    'with the phone %j is refused with %s, %s, and no session is made (sentences 33, 37)',
    async (phoneNumber, code, reason) => {
      const market = await marketplace()
      const page = await market.page('1')
      const reply = await page.call('request-pairing-code', { phoneNumber, consent: CONSENT })
      expect(reply).toMatchObject({ success: false, error: code, code, reason })
      expect(await page.next('pairing-code-error')).toEqual(reply)
      expect(market.wa.clients).toHaveLength(0)
      expect(lastState(page)?.consented).toBe(false)
    },
  )

  it('hostile payloads, and one without an acknowledgement, are answered and change nothing (sentences 16, 33)', async () => {
    const market = await marketplace()
    const page = await market.page('1')
    for (const hostile of [
      null,
      [],
      7,
      'x',
      {},
      { phoneNumber: {} },
      { phoneNumber: 'x'.repeat(10_000) },
      { __proto__: { phoneNumber: PHONE } },
    ])
      expect(await page.call('request-pairing-code', hostile)).toMatchObject({ success: false })
    page.socket.emit('request-pairing-code', null)
    await until('an answer as an event', () => errorsOf(page).length === 9)
    expect(market.wa.clients).toHaveLength(0)
    expect(market.broker.log.filter((line) => line.includes('call-failed'))).toEqual([])
  })

  it.each([
    [{ error: 400, text: 'bad-request' }, 'WA_REFUSED'],
    [{ error: 429, text: 'rate-overlimit' }, 'WA_RATE_LIMITED'],
    ['silent', 'WA_NO_ANSWER'],
  ] as const)(
    'that WhatsApp answers with %j is told once, as %s, to all tabs of the company and nobody else, without WhatsApp’s own words (sentences 12, 13, 14, 18)',
    async (answer, reason) => {
      const market = await marketplace({ codeAnswerMs: 2_000 }, { onCodeRequest: () => answer })
      const [page, tab, rival] = [await market.page('1'), await market.page('1'), await market.page('2')]
      await page.call('request-pairing-code', { phoneNumber: PHONE, consent: CONSENT })
      await Promise.all([page.next('pairing-code-error'), tab.next('pairing-code-error')])
      for (const each of [page, tab]) {
        expect(errorsOf(each).map((said) => said.reason)).toEqual([reason])
        expect(each.heard.some(({ event }) => event === 'pairing-code')).toBe(false)
        expect(lastState(each)).toMatchObject({ state: 'failed', reason, code: null })
      }
      expect(rival.heard.map(({ event }) => event)).toEqual(['link-state'])
      expect(JSON.stringify(errorsOf(page))).not.toMatch(
        /at .*\.[jt]s|@s\.whatsapp|rate-overlimit|bad-request/,
      )
    },
  )

  it('belongs to the session: the tab that asked may close, and another one gets the code (sentences 5, 56, 58)', async () => {
    const market = await marketplace({}, { firstQrAfterMs: 100 })
    const page = await market.page('1')
    const tab = await market.page('1')
    await page.call('request-pairing-code', { phoneNumber: PHONE, consent: CONSENT })
    page.close()
    const { code } = await tab.next('pairing-code')
    await market.wa.phone(PHONE).enterCode(String(code))
    expect(await tab.next('whatsapp-connected')).toMatchObject({
      success: true,
      phone: PHONE,
      sessionId: 'company_1',
    })
  })
})

describe('what a page that comes back sees', () => {
  it('is the truth in one picture: QR, code, expiry, error, success (sentence 15)', async () => {
    const market = await marketplace()
    const page = await market.page('1')
    await page.call('request-pairing-code', { phoneNumber: PHONE, consent: CONSENT })
    await page.next('pairing-code')
    const shown = lastState(page)
    page.close()
    const back = await market.page('1')
    const first = statesOf(back)[0]
    expect(first).toMatchObject({ state: 'code_shown', method: 'code', code: shown?.code, qr: shown?.qr })
    expect(first?.code?.code).toMatch(/^[A-Z0-9]{8}$/)
    await market.wa.phone(PHONE).enterCode(first?.code?.code ?? '')
    await reaches(back, 'connected')
    const third = await market.page('1')
    expect(statesOf(third)).toEqual([expect.objectContaining({ state: 'connected', phoneNumber: PHONE })])
    const other = await market.page('2')
    expect(statesOf(other)).toEqual([expect.objectContaining({ state: 'idle', phoneNumber: null })])
  })

  it('two companies with one salon id have a session each', async () => {
    const market = await marketplace()
    const pageOf = async (company: string) =>
      market.page('1', { token: await market.token('1', { company_id: company }) })
    const one = await pageOf('company-1')
    const two = await pageOf('company-2')
    await one.call('request-qr', { consent: CONSENT })
    await reaches(one, 'qr')
    expect(two.heard.map(({ event }) => event)).toEqual(['link-state'])
    expect(lastState(two)).toMatchObject({ state: 'idle', consented: false })
    await market.wa.phone(PHONE).scanQr(lastState(one)?.qr?.text ?? '')
    expect(await one.next('whatsapp-connected')).toMatchObject({ sessionId: 'company_1' })
    expect(await two.call('unlink')).toMatchObject({ success: true })
    await two.call('request-qr', { consent: CONSENT })
    await reaches(two, 'qr')
    await market.wa.phone(phoneNumber(1)).scanQr(lastState(two)?.qr?.text ?? '')
    expect((await two.next('whatsapp-connected'))['sessionId']).toMatch(/^company_1\.[0-9a-f]{16}$/)
    expect(lastState(await pageOf('company-1'))).toMatchObject({ state: 'connected', phoneNumber: PHONE })
    expect(lastState(await pageOf('company-2'))).toMatchObject({ phoneNumber: phoneNumber(1) })
  })

  it('what is refused is counted by its reason, of a command and of a page', async () => {
    const market = await marketplace()
    const page = await market.page('1')
    await page.call('request-qr')
    await page.call('request-pairing-code', { phoneNumber: '8900', consent: CONSENT })
    await page.call('retry-link')
    await expect(connectTo(market.broker, { token: 'x' })).rejects.toThrow('TOKEN_INVALID')
    const metrics = await (
      await fetch(`${market.broker.url}/metrics`, {
        headers: { authorization: `Bearer ${market.broker.operator}` },
      })
    ).text()
    for (const reason of ['CONSENT_REQUIRED', 'PHONE_TOO_SHORT', 'INVALID_REQUEST', 'TOKEN_INVALID'])
      expect(metrics).toContain(`wa_link_refused_total{reason="${reason}"} 1`)
  })

  it('two companies at once never see each other’s QR or code, whatever a payload claims (sentence 76)', async () => {
    const market = await marketplace()
    const [one, two] = [await market.page('1'), await market.page('2')]
    const forged = { consent: CONSENT, company_id: 'company-1', salon_id: '1', sessionId: 'company_1' }
    await Promise.all([
      one.call('request-qr', { consent: CONSENT }),
      two.call('request-pairing-code', { phoneNumber: PHONE, ...forged }),
    ])
    await Promise.all([reaches(one, 'qr'), reaches(two, 'code_shown')])
    expect(one.heard.some(({ event }) => event === 'pairing-code')).toBe(false)
    const qrsOf = (page: TestClient) => statesOf(page).flatMap(({ qr }) => qr?.text ?? [])
    expect(qrsOf(one).some((qr) => qrsOf(two).includes(qr))).toBe(false)
  })

  it('a QR comes as the founding event with its own time, once for each (sentence 31)', async () => {
    const market = await marketplace()
    const page = await market.page('1')
    await page.call('request-qr', { consent: CONSENT })
    const told = await page.next('qr-update')
    expect(told).toMatchObject({ expiresIn: 60 })
    expect(told['qr']).toBe(lastState(page)?.qr?.text)
    await page.call('request-qr')
    await page.call('cancel-link')
    expect(page.heard.filter(({ event }) => event === 'qr-update')).toHaveLength(1)
    expect(market.wa.clients).toHaveLength(1)
    expect(await page.call('unlink')).toEqual({ success: true, pending: false })
  })
})

describe('a thousand pages that come and go', () => {
  it('leave listeners, timers and memory where they were (sentences 41, 42)', async () => {
    const cycles = Number(process.env['LATCHKEY_RECONNECTS'] ?? 1_000)
    setFlagsFromString('--expose-gc')
    const collectGarbage: () => void = runInNewContext('gc')
    // Looked at, and left as it is.
    const opening = vi.spyOn(MarketplaceDesk.prototype, 'open')
    const market = await marketplace()
    const [namespace] = opening.mock.calls[0] ?? expect.fail('the namespace was not opened')
    opening.mockRestore()
    const stays = await market.page('1')
    await stays.call('request-qr', { consent: CONSENT })
    await reaches(stays, 'qr')
    /** The listeners of all shared objects and of the page that stays, and the rooms there are. */
    const listeners = () => {
      const { adapter, sockets } = namespace
      return [process, namespace, adapter, ...sockets.values()].map((emitter) =>
        emitter.eventNames().map((name) => `${String(name)} ${emitter.listenerCount(name)}`),
      )
    }
    const rooms = () => [...namespace.adapter.rooms].map(([room, { size }]) => `${room} ${size}`)
    const warnings: string[] = []
    const onWarning = ({ name }: Error) => void warnings.push(name)
    process.on('warning', onWarning)
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const token = await market.token('1')
    // Bare sockets: those of the harness are remembered until its clean-up.
    const cycle = () =>
      new Promise<void>((resolve, reject) => {
        const options = { transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } }
        const page = io(`${market.broker.url}/marketplace`, options)
        page.once('link-state', () => page.disconnect())
        page.once('disconnect', () => resolve())
        page.once('connect_error', reject)
      })
    for (let n = 0; n < 20; n++) await cycle()
    await turns()
    collectGarbage()
    const before = {
      listeners: listeners(),
      rooms: rooms(),
      timers: timers(),
      heap: process.memoryUsage().heapUsed,
    }
    for (let n = 0; n < cycles; n++) await cycle()
    await turns()
    collectGarbage()
    expect(listeners()).toEqual(before.listeners)
    expect(rooms()).toEqual(before.rooms)
    // Its own room and its company’s: facts go to a room, not to each page.
    expect(rooms()).toEqual([expect.stringMatching(/ 1$/), 'company:company_1 1'])
    expect(timers()).toBeLessThanOrEqual(before.timers + 2)
    expect(process.memoryUsage().heapUsed - before.heap).toBeLessThan(5 * 1024 * 1024)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
    expect(market.wa.clients).toHaveLength(1)
    // Each QR was told once: one, or more where the cycles lasted longer than a QR does.
    const told = stays.heard.flatMap(({ event, data }) => (event === 'qr-update' ? [data] : []))
    expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(told.length)
  })
})

describe('what is written down', () => {
  it('holds no number, code, QR, token or key in any log line or capture of any scenario (sentences 18, 22, 53)', async () => {
    const market = await marketplace({ codeAnswerMs: 2_000, firstBackOffMs: 20 })
    const secrets: string[] = []
    const token = await market.token('1')
    secrets.push(token, TOKEN_SECRET)
    const page = await market.page('1', { token })
    const ask = (phone: string) => page.call('request-pairing-code', { phoneNumber: phone, consent: CONSENT })
    await ask('abc123')
    market.wa.behaviour.onCodeRequest = () => 'silent'
    await ask(PHONE)
    await reaches(page, 'failed')
    market.wa.behaviour.onCodeRequest = () => 'accept'
    await ask(PHONE)
    secrets.push(String((await page.next('pairing-code'))['code']), lastState(page)?.code?.code ?? '')
    secrets.push(lastState(page)?.qr?.text ?? '', ...(lastState(page)?.qr?.text ?? '').split(',').slice(1, 4))
    await market.wa.phone(PHONE).enterCode(secrets.at(-5) ?? '')
    await reaches(page, 'connected')
    market.wa.live()[0]?.sendGarbage()
    await reaches(page, 'reconnecting')
    await reaches(page, 'connected')
    market.wa.live()[0]?.streamError(null, { tag: 'conflict', attrs: { type: 'replaced' } })
    await reaches(page, 'replaced')
    const { broker } = market
    await broker.stop()
    secrets.push(PHONE, PHONE.slice(1), '2025550100')
    const written = [...broker.log, ...market.captured.map((each) => JSON.stringify(each))].join('\n')
    expect(written).toContain('company_1')
    for (const secret of secrets.filter((text) => text !== '')) expect(written).not.toContain(secret)
    expect(market.captured.map(({ operation }) => operation)).toEqual(['undecodable-frame', 'replaced'])
    expect(new Set(market.captured.map(({ fingerprint }) => fingerprint.join(' '))).size).toBe(2)
  })

  it('a capture that throws delays and breaks nothing (sentence 23)', async () => {
    const wa = await FakeWhatsApp.start()
    atCleanUp(() => wa.stop())
    const broker = await testBroker(
      { whatsapp: 'on' },
      {},
      {
        library: openLibrary({ url: wa.url, version: null }),
        capture: () => {
          throw new Error('the tracker is broken')
        },
      },
    )
    const minted = await fetch(`${broker.url}/operator/linking/links`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${broker.operator}` },
      body: JSON.stringify({ companyId: 'c', salonId: '1' }),
    })
    const { url } = companyUrlReply.parse(await minted.json())
    const page = await connectTo(broker, { token: new URL(url).hash.slice(1) })
    await page.call('request-qr', { consent: CONSENT })
    await reaches(page, 'qr')
    wa.live()[0]?.sendGarbage()
    await reaches(page, 'failed')
    expect(errorsOf(page).map(({ reason }) => reason)).toEqual(['INTERNAL'])
  })
})

it('another secret for link tokens frees no number: it stays the company’s that has linked it', async () => {
  const market = await marketplace()
  const page = await market.page('1')
  await page.call('request-qr', { consent: CONSENT })
  await reaches(page, 'qr')
  await market.wa.phone(PHONE).scanQr(lastState(page)?.qr?.text ?? '')
  await reaches(page, 'connected')
  const secret = 'another secret of thirty-two characters, or more'
  const broker = await market.broker.restart({ LATCHKEY_LINK_TOKEN_SECRET: secret })
  await expect(connectTo(broker, { token: await market.token('2') })).rejects.toThrow('TOKEN_INVALID')
  const rival = await connectTo(broker, { token: await market.token('2', {}, secret) })
  const asked = await rival.call('request-pairing-code', { phoneNumber: PHONE, consent: CONSENT })
  expect(asked).toMatchObject({ success: false, reason: 'NUMBER_UNAVAILABLE' })
})

it('a broker that restarts tells pages, restores the link, and needs no QR (sentences 61, 77)', async () => {
  const market = await marketplace()
  const page = await market.page('1')
  await page.call('request-qr', { consent: CONSENT })
  await reaches(page, 'qr')
  await market.wa.phone(PHONE).scanQr(lastState(page)?.qr?.text ?? '')
  await reaches(page, 'connected')
  const other = await market.page('2')
  await other.call('request-qr', { consent: CONSENT })
  await reaches(other, 'qr')
  await market.broker.restart()
  expect(errorsOf(other)).toEqual([
    expect.objectContaining({ event: 'error', code: 'INTERNAL', reason: 'RESTART' }),
  ])
  await until('the link to be back', () => market.wa.live().some((client) => client.device !== null))
  const back = await market.page('1')
  await until('it to be shown', () => ['connected', 'reconnecting'].includes(lastState(back)?.state ?? ''))
})
