import { readFileSync } from 'node:fs'
import { maskedPhone } from '@latchkey/domain/accounts/phone'
import type { AccountRules } from '@latchkey/domain/accounts/rules'
import { accountView } from '@latchkey/protocol/accounts-api'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { fakeSocksProxy } from '../../../../packages/whatsapp/src/testing/fake-proxy.ts'
import { ask } from '../testing/device.ts'
import { atCleanUp, cleanUp, until } from '../testing/harness.ts'
import { CONSENT, lastState, marketplace, statesOf as picturesOf } from '../testing/marketplace.ts'
import { type WebhookReceiver, webhookReceiver } from '../testing/webhook-receiver.ts'
import { qrPng, qrSvg } from './qr-picture.ts'

/** Accounts over HTTP, with the real client and a WhatsApp-shaped server. */
afterEach(cleanUp)

const PHONE = phoneNumber(0)
const told = z.object({ account: accountView })

async function program(receiver: WebhookReceiver | null = null, rules: Partial<AccountRules> = {}) {
  const flags = receiver === null ? {} : { 'webhook-targets': receiver.origin }
  const market = await marketplace(rules, {}, { flags })
  const { broker } = market
  const scopes = ['accounts:read', 'accounts:link', 'webhooks:write']
  const made = await ask(broker, 'POST', '/operator/keys', { name: 'onboarding', scopes }, broker.operator)
  const key = String(made.body['key'])
  const call = (method: string, path: string, body?: unknown) => ask(broker, method, path, body, key)
  const claim = async (salonId: string, companyName?: string) => {
    const body = { companyId: 'company-1', salonId, ...(companyName === undefined ? {} : { companyName }) }
    return told.parse((await call('POST', '/accounts', body)).body).account
  }
  return { market, broker, key, call, claim }
}

const statesOf = ({ received }: WebhookReceiver) =>
  received.flatMap(({ body }) => (body.type === 'account.state' ? [String(body.data['state'])] : []))

it('the founding onboarding, by HTTP and webhooks alone: from a company to a linked account', async () => {
  const receiver = await webhookReceiver()
  const { market, call, claim } = await program(receiver)
  await call('POST', '/webhooks', { url: receiver.origin, name: 'onboarding' })
  const { id } = await claim('17', 'Salon Ünique')
  expect((await call('POST', `/accounts/${id}/code`, { phoneNumber: PHONE })).body['code']).toBe(
    'CONSENT_REQUIRED',
  )
  const started = await call('POST', `/accounts/${id}/code`, { phoneNumber: PHONE, consent: CONSENT })
  expect(told.parse(started.body).account.state).toMatch(/starting|code_wanted/)
  await until('the webhook to say that a code is shown', () => statesOf(receiver).includes('code_shown'))
  const { code } = (await call('GET', `/accounts/${id}/code`)).body
  await market.wa.phone(PHONE).enterCode(String(code).replace('-', ''))
  await until('the webhook to say that it is linked', () => statesOf(receiver).includes('connected'))
  const { account } = told.parse((await call('GET', `/accounts/${id}`)).body)
  expect(account).toMatchObject({
    state: 'connected',
    advice: 'none',
    companyName: 'Salon Ünique',
    reason: null,
  })
  expect(account.linkedAt).not.toBeNull()
  const all = receiver.received.map(({ text }) => text).join('\n')
  expect(receiver.received.map(({ body }) => body.type)).toContain('account.code.asked')
  for (const secret of [String(code), String(code).replace('-', ''), PHONE, PHONE.slice(1)])
    expect(all).not.toContain(secret)

  expect((await call('POST', `/accounts/${id}/code`, { phoneNumber: PHONE })).body['code']).toBe(
    'ALREADY_LINKED',
  )
  expect((await call('POST', `/accounts/${id}/unlink`)).body).toMatchObject({
    pending: false,
    deviceLeft: false,
  })
  await until(
    'the end',
    async () => told.parse((await call('GET', `/accounts/${id}`)).body).account.state === 'idle',
  )
})

it('a QR is asked for once, shown as PNG and SVG with its end, cancelled, asked for again, and scanned to the end; then unlinked', async () => {
  const { market, broker, key, call, claim } = await program()
  const { id } = await claim('17')
  expect((await call('GET', `/accounts/${id}/code`)).body['code']).toBe('NO_CODE')
  expect((await ask(broker, 'GET', `/accounts/${id}/qr.png`, undefined, key)).body['code']).toBe('NO_QR')
  const page = await market.page('17')
  await Promise.all([1, 2, 3].map(() => call('POST', `/accounts/${id}/qr`, { consent: CONSENT })))
  await until('a QR', () => lastState(page)?.qr != null)
  const qr = lastState(page)?.qr
  const picture = async (form: string) => {
    const response = await fetch(`${broker.url}/accounts/${id}/qr.${form}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }
  const png = await picture('png')
  expect(png.headers.get('content-type')).toBe('image/png')
  expect(png.headers.get('latchkey-expires-at')).toBe(String(qr?.expiresAt))
  expect(png.bytes.equals(qrPng(qr?.text ?? ''))).toBe(true)
  const svg = await picture('svg')
  expect(svg.headers.get('content-type')).toContain('image/svg+xml')
  expect(svg.bytes.toString()).toBe(qrSvg(qr?.text ?? ''))
  expect(told.parse((await call('POST', `/accounts/${id}/cancel`)).body).account.state).toBe('idle')
  expect((await call('POST', `/accounts/${id}/reconnect`)).body['code']).toBe('INVALID_REQUEST')

  const state = async () => told.parse((await call('GET', `/accounts/${id}`)).body).account
  await call('POST', `/accounts/${id}/qr`)
  await until('another QR', async () => (await picture('png')).headers.get('content-type') === 'image/png')
  const shown = lastState(page)?.qr?.text ?? ''
  expect((await picture('png')).bytes.equals(qrPng(shown))).toBe(true)
  const phone = market.wa.phone(PHONE)
  await phone.scanQr(shown)
  await until('the account', async () => (await state()).state === 'connected')
  expect(await state()).toMatchObject({ maskedPhone: maskedPhone(PHONE), advice: 'none', reason: null })
  expect((await picture('png')).headers.get('content-type')).toContain('json')
  // A connection that is lost comes back by itself.
  const opened = market.wa.clients.length
  for (const client of market.wa.live()) client.drop()
  await until('a new connection', () => market.wa.clients.length > opened)
  await until('its return', async () => (await state()).state === 'connected')
  expect((await call('POST', `/accounts/${id}/unlink`)).body).toMatchObject({ pending: false })
  await until('the end', async () => (await state()).state === 'idle')
  await until('the phone to have lost it', () => phone.devices.length === 0)
})

it('an account that WhatsApp refused until it was stopped is tried again by itself, and comes back', async () => {
  const quickly = { firstBackOffMs: 1, backOffMaxMs: 1, badSessionsMax: 2, stoppedAgainMs: 500 }
  const { market, call, claim } = await program(null, quickly)
  const { id } = await claim('17')
  const state = async () => told.parse((await call('GET', `/accounts/${id}`)).body).account
  const page = await market.page('17')
  await call('POST', `/accounts/${id}/qr`, { consent: CONSENT })
  await until('a QR', () => lastState(page)?.qr != null)
  await market.wa.phone(PHONE).scanQr(lastState(page)?.qr?.text ?? '')
  await until('the account', async () => (await state()).state === 'connected')
  market.wa.behaviour.refuse = () => 500
  for (const client of market.wa.live()) client.drop()
  await until('its stop', () => picturesOf(page).some((each) => each.state === 'stopped'))
  const opened = market.wa.clients.length
  await until('a try by itself', () => market.wa.clients.length > opened)
  market.wa.behaviour.refuse = () => null
  await until('its return', async () => (await state()).state === 'connected')
  expect((await state()).reason).toBeNull()
})

it('a stopped account says why and what to do, and is tried again', async () => {
  const { market, call, claim } = await program()
  const { id } = await claim('17')
  const state = async () => told.parse((await call('GET', `/accounts/${id}`)).body).account
  await call('POST', `/accounts/${id}/code`, { phoneNumber: PHONE, consent: CONSENT })
  await until('a code', async () => (await state()).state === 'code_shown')
  const { code } = (await call('GET', `/accounts/${id}/code`)).body
  await market.wa.phone(PHONE).enterCode(String(code).replace('-', ''))
  await until('the account', async () => (await state()).state === 'connected')
  market.wa.behaviour.refuse = () => 405
  for (const client of market.wa.live()) client.drop()
  await until('its stop', async () => (await state()).state === 'stopped')
  const stopped = await state()
  expect(stopped).toMatchObject({ reason: 'CLIENT_OUTDATED', advice: 'reconnect', since: expect.any(Number) })
  // Every account is refused until another release is here: no time is promised.
  expect(stopped.retryAt).toBeNull()
  market.wa.behaviour.refuse = () => null
  expect((await call('POST', `/accounts/${id}/reconnect`)).status).toBe(200)
  await until('its return', async () => (await state()).state === 'connected')
})

it('lists accounts page by page, names them, and refuses what is none', async () => {
  const { call, claim } = await program()
  for (const salon of ['a', 'b', 'c']) await claim(salon)
  const list = async (query: string) => (await call('GET', `/accounts?${query}`)).body
  const first = z.object({ accounts: z.array(accountView), next: z.string() }).parse(await list('limit=2'))
  expect(first.accounts.map(({ id }) => id)).toEqual(['company_a', 'company_b'])
  expect(await list(`limit=2&after=${first.next}`)).toMatchObject({
    accounts: [{ id: 'company_c' }],
    next: null,
  })
  const named = await call('PATCH', '/accounts/company_a', { companyName: 'Ä \u202e<b>' })
  expect(told.parse(named.body).account.companyName).toBe('Ä <b>')
  const refused = async (method: string, path: string, body?: unknown) =>
    (await call(method, path, body)).body['code']
  expect(await refused('GET', '/accounts/company_z')).toBe('NO_SUCH_ACCOUNT')
  expect(await refused('POST', '/accounts/company_z/qr')).toBe('NO_SUCH_ACCOUNT')
  expect(await refused('GET', '/accounts?limit=9999')).toBe('INVALID_FORMAT')
  expect(await refused('POST', '/accounts', { companyId: 'c', salonId: '../x' })).toBe('INVALID_FORMAT')
  expect(await refused('POST', '/accounts/company_a/code', {})).toBe('INVALID_FORMAT')
  expect(await refused('POST', '/accounts/company_a/code', { phoneNumber: '123', consent: CONSENT })).toMatch(
    /^PHONE_/,
  )
})

it('an account goes through its proxy, whose secrets are told to nobody, and a bad one is refused with a sentence', async () => {
  const proxy = await fakeSocksProxy()
  atCleanUp(() => proxy.stop())
  const { market, broker, call, claim } = await program()
  const { id } = await claim('17')
  const set = (to: unknown) => ask(broker, 'POST', `/accounts/${id}/proxy`, { proxy: to }, broker.operator)
  for (const [given, says] of [
    ['proxy.example:1080', 'begins with http:// or socks5://'],
    ['no address', 'looks like socks5://'],
    ['https://proxy.example:443', 'begins with http:// or socks5://'],
    ['socks5://proxy.example', 'a host and a port'],
    ['socks5://proxy.example:1080/path', 'nothing comes after the port'],
    [`socks5://${'a'.repeat(256)}@proxy.example:1080`, '255 bytes at most'],
    ['socks5://%ff:hidden@proxy.example:1080', 'percent-encoded'],
    ['http://name:hid%0d%0aden@proxy.example:3128', 'percent-encoded'],
    ['http://na%3Ame:hidden@proxy.example:3128', 'no colon'],
  ]) {
    const { status, body } = await set(given)
    expect([status, body['code']], given).toEqual([400, 'INVALID_FORMAT'])
    expect(body['detail'], given).toContain(says)
    expect(JSON.stringify(body), given).not.toMatch(/hidden|hid%0d/)
  }
  expect((await set(5)).status).toBe(400)
  // A proxy sends the broker to an address of somebody's choice: no key of a program will do.
  expect((await call('POST', `/accounts/${id}/proxy`, { proxy: proxy.url })).body['code']).toBe(
    'NOT_FOR_KEYS',
  )

  expect((await set(proxy.url)).body).toMatchObject({
    account: { proxy: `socks5://127.0.0.1:${proxy.port}` },
  })
  await call('POST', `/accounts/${id}/qr`, { consent: CONSENT, deviceName: 'Salon Ünique' })
  const state = async () => told.parse((await call('GET', `/accounts/${id}`)).body).account
  await until('a QR', async () => (await state()).state === 'qr')
  expect(market.wa.clients).toHaveLength(1)
  expect(proxy.asked).toEqual([`127.0.0.1:${market.wa.port}`])
  const names = await call('POST', `/accounts/${id}/qr`, { deviceName: 'a\u0007' })
  expect([names.status, names.body['code']]).toEqual([400, 'INVALID_FORMAT'])

  const password = new URL(proxy.url).password
  const all = [
    ...broker.log,
    JSON.stringify((await call('GET', '/accounts')).body),
    JSON.stringify((await ask(broker, 'GET', '/operator/audit', undefined, broker.operator)).body),
    ...['', '-wal'].map((end) => readFileSync(`${broker.dataDir}/broker.sqlite${end}`, 'latin1')),
  ].join('\n')
  expect(all).toContain(`127.0.0.1:${proxy.port}`)
  for (const secret of [password, decodeURIComponent(password)]) expect(all).not.toContain(secret)
  expect((await set(null)).body).toMatchObject({ account: { proxy: null } })
})
