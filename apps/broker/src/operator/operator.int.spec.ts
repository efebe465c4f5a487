import { consoleEvent, PAGE_KEY_HEADER, problem, signInReply } from '@latchkey/protocol/console'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cleanUp,
  code,
  registerFounding,
  type TestBroker,
  testBroker,
  until,
  within,
} from '../testing/harness.ts'

afterEach(cleanUp)

const tokenOf = (consoleUrl: string): string => new URL(consoleUrl).hash.slice(1)

const signIn = (broker: TestBroker, token: unknown, headers: Record<string, string> = {}) =>
  fetch(`${broker.url}/operator/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  })

/** Both halves of a session, as headers. */
async function sessionOf(broker: TestBroker): Promise<{ cookie: string; [PAGE_KEY_HEADER]: string }> {
  const response = await signIn(broker, tokenOf(broker.broker.makeConsoleUrl()))
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  return { cookie, [PAGE_KEY_HEADER]: signInReply.parse(await response.json()).pageKey ?? '' }
}

describe('the console link', () => {
  it('signs in once, with a cookie that no script reads and no other site sends', async () => {
    const broker = await testBroker()
    const consoleUrl = broker.broker.makeConsoleUrl()
    expect(new URL(consoleUrl).pathname).toBe('/console')
    const first = await signIn(broker, tokenOf(consoleUrl))
    expect(first.status).toBe(200)
    const { signedInUntil } = signInReply.parse(await first.json())
    expect(signedInUntil - Date.now()).toBeGreaterThan(11.9 * 3_600_000)
    const cookie = first.headers.get('set-cookie') ?? ''
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(attribute)
    expect(cookie).not.toContain('Secure')
    const second = await signIn(broker, tokenOf(consoleUrl))
    expect(second.status).toBe(401)
    expect(second.headers.get('content-type')).toBe('application/problem+json')
    expect(problem.parse(await second.json())).toMatchObject({ status: 401, code: 'LINK_NOT_VALID' })
  })

  it('gives a Secure cookie where people use HTTPS', async () => {
    const broker = await testBroker({ 'public-url': 'https://term.example.com' })
    const response = await signIn(broker, tokenOf(broker.broker.makeConsoleUrl()))
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^__Host-latchkey-operator/)
    for (const attribute of ['; Secure', 'Path=/']) expect(cookie).toContain(attribute)
    expect(cookie).not.toContain('Domain')
    expect(broker.broker.makeConsoleUrl()).toMatch(/^https:\/\/term\.example\.com\/console#/)
  })

  it('cannot be guessed for long', async () => {
    const broker = await testBroker()
    const statuses: number[] = []
    // A console URL that was used is no guess, however often it is opened again.
    const used = tokenOf(broker.broker.makeConsoleUrl())
    for (let n = 0; n < 12; n++) expect((await signIn(broker, used)).status).toBe(n === 0 ? 200 : 401)
    for (let n = 0; n < 12; n++) statuses.push((await signIn(broker, `guess ${n}`)).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
    const right = await signIn(broker, tokenOf(broker.broker.makeConsoleUrl()))
    expect(right.status).toBe(429)
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('is replaced as soon as it was used', async () => {
    const broker = await testBroker()
    const announced: string[] = []
    broker.broker.announceConsoleUrls((consoleUrl) => announced.push(consoleUrl))
    await signIn(broker, 'wrong')
    expect(announced).toEqual([])
    await signIn(broker, tokenOf(broker.broker.makeConsoleUrl()))
    expect(announced).toHaveLength(1)
    expect((await signIn(broker, tokenOf(announced[0] ?? ''))).status).toBe(200)
  })

  it('is made anew for who knows the operator’s secret, and for nobody else', async () => {
    const broker = await testBroker()
    const ask = (authorization: string) =>
      fetch(`${broker.url}/operator/link`, { method: 'POST', headers: { authorization } })
    const right = await ask(`Bearer ${broker.operator}`)
    expect(right.status).toBe(200)
    const { consoleUrl } = await right.json()
    expect((await signIn(broker, tokenOf(consoleUrl))).status).toBe(200)
    for (const wrong of ['Bearer x', '', broker.operator, 'Bearer ', `Bearer ${broker.secret}`])
      expect((await ask(wrong)).status).toBe(401)
  })

  it('takes no malformed, foreign or oversized request', async () => {
    const broker = await testBroker()
    expect((await signIn(broker, 7)).status).toBe(400)
    expect((await signIn(broker, 'x'.repeat(20_000))).status).toBe(413)
    expect((await signIn(broker, 'x', { origin: 'https://evil.example' })).status).toBe(403)
    const post = (body: string) =>
      fetch(`${broker.url}/operator/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    for (const body of ['', '{', 'null', '[]', '{"__proto__":{"token":"x"}}'])
      expect((await post(body)).status).toBe(400)
  })
})

describe('what the operator sees', () => {
  it('is nothing without signing in, and nothing after signing out', async () => {
    const broker = await testBroker()
    const events = (headers: Record<string, string>) => fetch(`${broker.url}/console/events`, { headers })
    expect((await events({})).status).toBe(401)
    expect((await events({ cookie: 'latchkey-operator=x', [PAGE_KEY_HEADER]: 'x' })).status).toBe(401)
    const session = await sessionOf(broker)
    await fetch(`${broker.url}/operator/sign-out`, { method: 'POST', headers: session })
    expect((await events(session)).status).toBe(401)
    expect((await fetch(`${broker.url}/operator/overview`, { headers: session })).status).toBe(401)
  })

  it('is nothing for a cookie alone, which browsers send to every port of the host', async () => {
    const broker = await testBroker()
    const session = await sessionOf(broker)
    const other = await sessionOf(broker)
    const status = async (path: string, method: string, headers: Record<string, string>) =>
      (await fetch(`${broker.url}${path}`, { method, headers })).status
    for (const [path, method] of [
      ['/operator/overview', 'GET'],
      ['/console/events', 'GET'],
      ['/nodes', 'GET'],
      ['/pairing/start', 'POST'],
      ['/operator/history', 'GET'],
      ['/graphql?query={nodes{id}}', 'GET'],
    ] as const) {
      expect(await status(path, method, { cookie: session.cookie }), path).toBe(401)
      const [, key = ''] = Object.values(session)
      expect(await status(path, method, { [PAGE_KEY_HEADER]: key }), path).toBe(401)
      const mixed = { cookie: session.cookie, [PAGE_KEY_HEADER]: other[PAGE_KEY_HEADER] }
      expect(await status(path, method, mixed), path).toBe(401)
    }
    expect(await status('/operator/overview', 'GET', session)).toBe(200)
  })

  it('comes at once, again when something changes, and without a live code', async () => {
    const broker = await testBroker()
    const session = await sessionOf(broker)
    const stop = new AbortController()
    const response = await fetch(`${broker.url}/console/events`, { headers: session, signal: stop.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const seen: ReturnType<typeof consoleEvent.parse>[] = []
    let text = ''
    const reading = (async () => {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString()
        const events = text.split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) {
          if (event.startsWith('data: ')) seen.push(consoleEvent.parse(JSON.parse(event.slice(6))))
        }
      }
    })().catch(() => {})
    await until('the first picture', () => seen.length === 1)
    expect(seen[0]).toMatchObject({ runners: [], health: { store: { kind: 'sqlite', ok: true } } })
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect({ label: 'Pixel 8' })
    await app.call('app:pair', { pairingCode: code(1) })
    await until('the runner and its app', () => (seen.at(-1)?.runners[0]?.apps.length ?? 0) === 1)
    expect(seen.at(-1)?.runners[0]).toMatchObject({
      runnerId: 'runner-1',
      status: 'online',
      apps: [{ label: 'Pixel 8', address: '127.0.0.1', connected: true }],
    })
    expect(seen.at(-1)?.activity[0]).toMatchObject({ outcome: 'paired', runnerId: 'runner-1' })
    expect(JSON.stringify(seen)).not.toContain(code(1))
    const count = seen.length
    for (let n = 0; n < 40; n++) await app.call('app:pairing:status')
    for (let n = 0; n < 20; n++) (await broker.connect()).close()
    expect(seen.length - count, 'at most four a second').toBeLessThan(8)
    stop.abort()
    await within('the stream to end', reading)
  })

  it('is the same at once for who knows the operator’s secret', async () => {
    const broker = await testBroker()
    const headers = { authorization: `Bearer ${broker.operator}` }
    const response = await fetch(`${broker.url}/operator/overview`, { headers })
    expect(consoleEvent.parse(await response.json()).runners).toEqual([])
  })
})
