import { accountView } from '@latchkey/protocol/accounts-api'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { ask } from '../testing/device.ts'
import { cleanUp, until } from '../testing/harness.ts'
import { CONSENT, lastState, marketplace } from '../testing/marketplace.ts'
import { type WebhookReceiver, webhookReceiver } from '../testing/webhook-receiver.ts'
import { qrPng, qrSvg } from './qr-picture.ts'

/** Accounts over HTTP, with the real client and a WhatsApp-shaped server. */
afterEach(cleanUp)

const PHONE = phoneNumber(0)
const told = z.object({ account: accountView })

async function program(receiver: WebhookReceiver | null = null) {
  const flags = receiver === null ? {} : { 'webhook-targets': receiver.origin }
  const market = await marketplace({}, {}, { flags })
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

it('a QR is asked for once, shown as PNG and SVG with its end, the same one that a page shows, and cancelled', async () => {
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
