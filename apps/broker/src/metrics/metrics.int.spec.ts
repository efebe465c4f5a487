import { afterEach, describe, expect, it } from 'vitest'
import { joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import { cleanUp, registerOurs, runnerKeys, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const TOKEN = 'a token to scrape with'
const CODE = 'K7M-2PQ-X3B'

async function scraped(broker: TestBroker): Promise<string> {
  const answer = await fetch(`${broker.url}/metrics`, {
    headers: { authorization: `Bearer ${broker.operator}` },
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/plain')
  return answer.text()
}

/** The value of one line; undefined when there is none. */
const valueIn = (text: string, series: string): number | undefined => {
  const found = text.split('\n').find((line) => line.startsWith(`${series} `))
  return found === undefined ? undefined : Number(found.slice(series.length))
}

async function pairedOnce(broker: TestBroker) {
  const keys = runnerKeys()
  const runner = await broker.connect()
  await registerOurs(runner, keys, { pairingCode: CODE, incarnation: 'a'.repeat(32), secret: broker.secret })
  const app = await broker.connect()
  await app.call('app:pair', { pairingCode: 'WRN-GWR-NGW' })
  await app.call('app:pair', { pairingCode: CODE })
  return { keys, app }
}

describe('what is measured', () => {
  it('tells attempts by outcome, connections, limits, the store and the event loop', async () => {
    const broker = await testBroker()
    await pairedOnce(broker)
    const text = await scraped(broker)
    expect(valueIn(text, 'latchkey_pairing_attempts_total{outcome="success"}')).toBe(1)
    expect(valueIn(text, 'latchkey_pairing_attempts_total{outcome="CODE_NOT_FOUND"}')).toBe(1)
    expect(valueIn(text, 'latchkey_calls_total{call="runner:register",outcome="success"}')).toBe(1)
    expect(valueIn(text, 'latchkey_sockets{plane="control"}')).toBe(2)
    expect(valueIn(text, 'latchkey_sockets{plane="terminal"}')).toBe(0)
    expect(valueIn(text, 'latchkey_terminal_channels')).toBe(0)
    expect(valueIn(text, 'latchkey_wrong_guesses_total{what="code"}')).toBe(1)
    expect(valueIn(text, 'latchkey_bans_total')).toBe(0)
    expect(valueIn(text, 'latchkey_store_up')).toBe(1)
    const stored = 'latchkey_store_seconds_count{operation="transaction",about="session",outcome="ok"}'
    expect(valueIn(text, stored)).toBeGreaterThan(0)
    expect(valueIn(text, 'latchkey_event_loop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0)
    expect(valueIn(text, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
  })

  it('tells what was asked of device pairing, by step and answer', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    const operator = operatorOf(broker)
    const { token } = (await operator.start()).body
    await operator.verify(token, '000000')
    await operator.revoke(device.nodeId)
    const text = await scraped(broker)
    const counted = (step: string, outcome = 'success') =>
      valueIn(text, `latchkey_device_pairing_total{step="${step}",outcome="${outcome}"}`)
    expect([counted('start'), counted('connect'), counted('verify'), counted('revoke')]).toEqual([2, 1, 1, 1])
    expect(counted('verify', 'DEVICE_NOT_CONNECTED')).toBe(1)
    expect(valueIn(text, 'latchkey_device_clean_ups_total')).toBe(0)
    for (const secret of [device.nodeId, device.peerToken, String(token)]) expect(text).not.toContain(secret)
  })

  it('shows the ban that too many wrong codes bring', async () => {
    const broker = await testBroker()
    const app = await broker.connect()
    for (let guess = 0; guess < 8; guess++) await app.call('app:pair', { pairingCode: `WRN-GWR-NG${guess}` })
    const text = await scraped(broker)
    expect(valueIn(text, 'latchkey_bans_total')).toBe(1)
    expect(valueIn(text, 'latchkey_held_off_total')).toBe(2)
    expect(valueIn(text, 'latchkey_pairing_attempts_total{outcome="RATE_LIMITED"}')).toBe(2)
  })

  it('names nobody: no code, id, address or secret is in it', async () => {
    const broker = await testBroker()
    const { keys, app } = await pairedOnce(broker)
    const status = await app.call('app:pairing:status')
    const text = await scraped(broker)
    expect(status['runnerId']).toBe(keys.runnerId)
    for (const secret of [CODE, keys.runnerId, broker.secret, broker.operator, '127.0.0.1'])
      expect(text).not.toContain(secret)
  })

  it('is in lines that a scraper can read', async () => {
    const text = await scraped(await testBroker())
    const line = /^([a-z_]+)(\{([a-z_]+="[^"\n]*",?)+\})? (-?[\d.e+-]+|NaN|\+Inf)$/
    const wrong = text.split('\n').filter((each) => each !== '' && !each.startsWith('# ') && !line.test(each))
    expect(wrong).toEqual([])
  })
})

describe('who may read it', () => {
  const status = async (broker: TestBroker, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization }
    return (await fetch(`${broker.url}/metrics`, { headers })).status
  }

  it('is the operator alone, unless a token is set for it', async () => {
    const broker = await testBroker()
    expect(await status(broker)).toBe(401)
    expect(await status(broker, `Bearer ${TOKEN.replaceAll(' ', '-')}`)).toBe(401)
    expect(await status(broker, `Bearer ${broker.operator}`)).toBe(200)
  })

  it('is whoever has the token, which opens nothing else', async () => {
    const token = TOKEN.replaceAll(' ', '-')
    const broker = await testBroker({}, { LATCHKEY_METRICS_TOKEN: token })
    expect(await status(broker)).toBe(401)
    expect(await status(broker, `Bearer ${token}`)).toBe(200)
    expect(await status(broker, `Bearer ${token}x`)).toBe(401)
    const elsewhere = await fetch(`${broker.url}/operator/history`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(elsewhere.status).toBe(401)
  })
})
