import { describe, expect, it } from 'vitest'
import { instant } from '../kernel.ts'
import { type Attempted, type Delivery, settle } from './delivery.ts'
import { goodSecrets, rotated, switched, type WebhookEndpoint } from './endpoint.ts'
import { defaultWebhookRules } from './rules.ts'

const at = instant(1_000_000)
const endpoint: WebhookEndpoint = {
  id: 'wh_1',
  url: 'https://hooks.example.net/',
  name: 'ops',
  types: null,
  secrets: [{ number: 1, endsAt: null }],
  madeAt: at,
  status: { is: 'on' },
  failingSince: null,
  lastDeliveredAt: at,
}
const delivery: Delivery = {
  endpointId: 'wh_1',
  number: 1,
  subject: 'broker',
  status: 'pending',
  attempts: 0,
  dueAt: at,
  lastAt: null,
  lastOutcome: null,
}
const answered = (status: number, retryAfterMs: number | null = null): Attempted => ({
  kind: 'answered',
  status,
  retryAfterMs,
})
const after = (attempted: Attempted, more: Partial<Delivery> = {}, of = endpoint) =>
  settle({ delivery: { ...delivery, ...more }, endpoint: of }, attempted, {
    now: at,
    chance: 0,
    rules: defaultWebhookRules,
  })

describe('an attempt', () => {
  it('is taken with any 2xx, and with nothing else', () => {
    for (const status of [200, 202, 204, 299])
      expect(after(answered(status)).delivery.status).toBe('delivered')
    for (const status of [100, 199, 301, 302, 400, 404, 429, 500])
      expect(after(answered(status)).delivery.status).toBe('pending')
    expect(after({ kind: 'timeout' }).delivery).toMatchObject({ status: 'pending', lastOutcome: 'timeout' })
  })

  it('is made again later and later, and given up after a day and a half at most', () => {
    const waits = defaultWebhookRules.retryAfterMs.map(
      (_, attempts) => after(answered(500), { attempts }).delivery.dueAt - at,
    )
    expect(waits).toEqual(defaultWebhookRules.retryAfterMs)
    expect(after(answered(500), { attempts: waits.length }).delivery.status).toBe('dead')
    const inAllMs = waits.reduce((sum, ms) => sum + ms, 0)
    expect(inAllMs).toBeLessThan(36 * 60 * 60_000)
  })

  it('follows the wish of a target that wants a pause, up to an hour', () => {
    expect(after(answered(429, 60_000)).delivery.dueAt - at).toBe(60_000)
    expect(after(answered(503, 1_000)).delivery.dueAt - at).toBe(5_000)
    expect(after(answered(429, 9e9)).delivery.dueAt - at).toBe(60 * 60_000)
  })

  it('changes nothing of a delivery that was settled meanwhile', () => {
    const settled = after(answered(500), { status: 'dead' })
    expect(settled).toEqual({ delivery: { ...delivery, status: 'dead' }, endpoint })
  })

  it('does not write the endpoint for each success', () => {
    expect(after(answered(200)).endpoint).toBe(endpoint)
    const failing = { ...endpoint, failingSince: at }
    expect(after(answered(200), {}, failing).endpoint.failingSince).toBeNull()
  })
})

describe('a secret', () => {
  it('is replaced with an overlap, never longer than four versions', () => {
    let turned = endpoint
    for (let n = 0; n < 6; n++) turned = rotated(turned, 1_000, at)
    expect(goodSecrets(turned, at)).toEqual([7, 6, 5, 4])
    expect(goodSecrets(turned, instant(at + 1_000))).toEqual([7])
    expect(goodSecrets(rotated(turned, 0, at), at)).toEqual([8])
  })
})

it('an endpoint that is switched on again has no failures', () => {
  const failed: WebhookEndpoint = {
    ...endpoint,
    failingSince: at,
    status: { is: 'failed', at, outcome: '410' },
  }
  expect(switched(failed, true, at)).toEqual(endpoint)
  expect(switched(failed, false, at).status).toEqual({ is: 'off', at })
  expect(switched(endpoint, true, at)).toBe(endpoint)
})
