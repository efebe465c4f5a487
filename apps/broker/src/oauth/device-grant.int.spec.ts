import { devicesReply, meReply } from '@latchkey/protocol/device-pairing'
import { authorizationReply, DEVICE_GRANT, oauthRefusal, tokenReply } from '@latchkey/protocol/oauth'
import * as openid from 'openid-client'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, operatorOf } from '../testing/device.ts'
import { cleanUp, code, registerOurs, runnerKeys, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const CLIENT = 'runner-cli'

async function form(broker: TestBroker, path: string, fields: Readonly<Record<string, string>>) {
  const response = await fetch(`${broker.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
const authorize = async (broker: TestBroker, name = 'greenhouse-pi') =>
  authorizationReply.parse(
    (await form(broker, '/oauth/device_authorization', { client_id: CLIENT, device_name: name })).body,
  )
const poll = (broker: TestBroker, deviceCode: string, client = CLIENT, grant: string = DEVICE_GRANT) =>
  form(broker, '/oauth/token', { grant_type: grant, device_code: deviceCode, client_id: client })
const errorOf = async (asked: ReturnType<typeof poll>) => oauthRefusal.parse((await asked).body).error

describe('the device grant', () => {
  it('enrols a headless runner through a stock OAuth client, found by its metadata', async () => {
    const broker = await testBroker()
    const issuer = new URL(broker.broker.url)
    const config = await openid.discovery(issuer, CLIENT, undefined, openid.None(), {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    })
    const asked = await openid.initiateDeviceAuthorization(config, { scope: 'runner' })
    expect(new URL(asked.verification_uri_complete ?? '').searchParams.get('user_code')).toBe(asked.user_code)
    expect((await operatorOf(broker).consent(asked.user_code, true)).status).toBe(200)
    const tokens = await openid.pollDeviceAuthorizationGrant(config, { ...asked, interval: 0.01 })
    expect(tokens.access_token).toMatch(/^mpt_/)
    expect(tokens.expires_in).toBeGreaterThan(29 * 86_400)
    const runner = await broker.connect()
    const said = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret: tokens.access_token }
    expect(await registerOurs(runner, runnerKeys(), said)).toMatchObject({ success: true })
    const { nodes } = devicesReply.parse((await operatorOf(broker).nodes()).body)
    expect(nodes.map(({ name, runners }) => [name, runners.length])).toContainEqual([CLIENT, 1])
  })

  it('shows the operator who asks, and takes the user code as people type it', async () => {
    const broker = await testBroker()
    const { user_code } = await authorize(broker)
    const overview = await fetch(`${broker.url}/operator/overview`, {
      headers: { authorization: `Bearer ${broker.operator}` },
    })
    expect((await overview.json()).pairings).toMatchObject([
      { status: 'connected', method: 'consent', device: { name: 'greenhouse-pi', address: '127.0.0.1' } },
    ])
    expect(user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    const typed = user_code.toLowerCase().replace('-', ' ')
    expect((await operatorOf(broker).consent(typed, true)).status).toBe(200)
    expect((await operatorOf(broker).consent(typed, true)).body).toMatchObject({ code: 'USER_CODE_UNKNOWN' })
  })

  it('a poll that comes too soon slows all later ones down, for good', async () => {
    const broker = await testBroker()
    const { device_code, interval } = await authorize(broker)
    expect(interval).toBe(5)
    expect(await errorOf(poll(broker, device_code))).toBe('authorization_pending')
    const tooSoon = [await poll(broker, device_code), await poll(broker, device_code)]
    expect(tooSoon.map(({ body }) => body.error)).toEqual(['slow_down', 'slow_down'])
    expect(tooSoon.map(({ headers }) => headers.get('retry-after'))).toEqual(['10', '15'])
    expect(tooSoon.every(({ headers }) => headers.get('cache-control') === 'no-store')).toBe(true)
  })

  it('gives what the operator gives: to enrol runners, and more only when they say so', async () => {
    const broker = await testBroker()
    const askFor = (scope: string) =>
      form(broker, '/oauth/device_authorization', { client_id: CLIENT, device_name: 'pi', scope })
    for (const scope of ['everything', 'runner admin', 'RUNNER', ' runner', 'runner  app', ''])
      expect((await askFor(scope)).body, scope).toMatchObject({ error: 'invalid_scope' })
    const granted = async (more: Readonly<Record<string, unknown>>) => {
      const { device_code, user_code } = authorizationReply.parse((await askFor('runner app')).body)
      await operatorOf(broker).consent(user_code, true, more)
      return tokenReply.parse((await poll(broker, device_code)).body)
    }
    const runner = await granted({})
    expect(runner.scope).toBe('runner')
    const { node } = meReply.parse(
      (await ask(broker, 'GET', '/nodes/me', undefined, runner.access_token)).body,
    )
    expect(node.roles).toEqual(['runner'])
    const overview = await ask(broker, 'GET', '/operator/overview', undefined, broker.operator)
    expect(overview.body['pairings']).toMatchObject([{ status: 'registered', method: 'consent' }])
    expect((await granted({ roles: ['app', 'runner'] })).scope).toBe('app runner')
  })

  it('answers in its own form whatever is wrong, and names the issuer that was asked', async () => {
    const broker = await testBroker()
    const post = async (type: string, body: string) => {
      const headers = { 'content-type': type }
      const answer = await fetch(`${broker.url}/oauth/token`, { method: 'POST', headers, body })
      return { status: answer.status, body: await answer.json() }
    }
    for (const sent of [
      await post('application/json', '{'),
      await post('application/x-www-form-urlencoded', `a=${'x'.repeat(100_000)}`),
      await post('text/plain', 'hello'),
    ])
      expect(sent.body).toMatchObject({ error: expect.stringMatching(/^invalid_(request|client)$/) })
    const wrongMethod = await fetch(`${broker.url}/oauth/token`)
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST'])
    for (const host of ['localhost', '127.0.0.1']) {
      const url = `http://${host}:${new URL(broker.url).port}`
      const metadata = await (await fetch(`${url}/.well-known/oauth-authorization-server`)).json()
      expect(metadata).toMatchObject({ issuer: url, token_endpoint: `${url}/oauth/token` })
    }
  })

  it('gives the token once, to the client that asked', async () => {
    const broker = await testBroker()
    const { device_code, user_code } = await authorize(broker)
    expect(await errorOf(poll(broker, device_code, 'another'))).toBe('invalid_grant')
    await operatorOf(broker).consent(user_code, true)
    const polls = await Promise.all([1, 2, 3, 4].map(() => poll(broker, device_code)))
    const given = polls.filter(({ status }) => status === 200)
    expect(given).toHaveLength(1)
    tokenReply.parse(given[0]?.body)
    for (const { body } of polls.filter((each) => !given.includes(each)))
      expect(body).toMatchObject({ error: 'invalid_grant' })
  })

  it('says what is wrong in the words of the RFCs', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const denied = await authorize(broker)
    await operator.consent(denied.user_code, false)
    expect(await errorOf(poll(broker, denied.device_code))).toBe('access_denied')
    expect(await errorOf(poll(broker, 'A'.repeat(43)))).toBe('invalid_grant')
    expect(await errorOf(poll(broker, denied.device_code, CLIENT, 'password'))).toBe('unsupported_grant_type')
    expect(await errorOf(form(broker, '/oauth/token', { client_id: CLIENT }))).toBe('invalid_request')
    expect(await errorOf(form(broker, '/oauth/device_authorization', {}))).toBe('invalid_client')
    const twice = await fetch(`${broker.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=${DEVICE_GRANT}&device_code=a&device_code=b&client_id=${CLIENT}`,
    })
    expect(await twice.json()).toMatchObject({ error: 'invalid_request' })
  })

  it('a link’s token is no device code, and a device code joins nobody by PIN', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const { token } = (await operator.start()).body
    expect(await errorOf(poll(broker, String(token)))).toBe('invalid_grant')
    const { device_code } = await authorize(broker)
    expect((await operator.verify(device_code, '000000')).body).toMatchObject({ code: 'TOKEN_USED' })
  })

  it('lets nobody take all places: who asks too often is told to wait', async () => {
    const broker = await testBroker()
    const statuses: number[] = []
    for (let asked = 0; asked < 12; asked++)
      statuses.push((await form(broker, '/oauth/device_authorization', { client_id: CLIENT })).status)
    expect(statuses).toEqual([200, 200, 200, ...Array(9).fill(503)])
    const { headers } = await form(broker, '/oauth/device_authorization', { client_id: CLIENT })
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
