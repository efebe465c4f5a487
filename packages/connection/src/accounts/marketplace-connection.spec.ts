import type { AccountRefusalReply, AccountState } from '@latchkey/protocol/accounts'
import type { io } from 'socket.io-client'
import { expect, it } from 'vitest'
import { handPlatform, settled } from '../hand-platform.fixture.ts'
import { type MarketplaceView, openMarketplace } from './marketplace-connection.ts'

const idle: AccountState = {
  state: 'idle',
  method: null,
  qr: null,
  code: null,
  phoneNumber: null,
  reason: null,
  retryAt: null,
  consented: true,
  company: 'Salon',
  region: 'DE',
  serverTime: 5_000,
}
const refusal = (correlationId: string): AccountRefusalReply => ({
  success: false,
  error: 'no',
  code: 'COOLDOWN',
  reason: 'COOLDOWN',
  message: 'no',
  retryAt: 9_000,
  correlationId,
})

/** A page's connection whose broker is played by the test. */
function page() {
  const hand = handPlatform()
  const heard = new Map<string, (told: unknown) => void>()
  const asked: { name: string; request: object; answer: (answer: unknown) => void }[] = []
  const calls: string[] = []
  const socket = {
    on: (name: string, listener: (told: unknown) => void) => heard.set(name, listener),
    off: () => heard.clear(),
    connect: () => calls.push('connect'),
    disconnect: () => calls.push('disconnect'),
    timeout: () => ({
      emitWithAck: (name: string, request: object) =>
        new Promise((answer) => asked.push({ name, request, answer })),
    }),
  }
  const link = openMarketplace(
    {
      brokerUrl: 'http://house.example',
      token: 't',
      nowMs: hand.platform.nowMs,
      after: hand.platform.after,
    },
    (() => socket) as unknown as typeof io,
  )
  const views: MarketplaceView[] = []
  link.view.subscribe((view) => views.push(view))
  const tells = (name: string, told?: unknown) => heard.get(name)?.(told)
  return { ...hand, link, views, tells, asked, calls }
}

it('the same refusal, as an answer and as an event, is told once', async () => {
  const { link, views, tells, asked } = page()
  link.requestCode('+4930123456', 'v1')
  expect(link.view.current.waitingFor).toBe('code')
  tells('pairing-code-error', refusal('a1'))
  expect(link.view.current).toMatchObject({
    waitingFor: null,
    trouble: { reason: 'COOLDOWN', retryAt: 9_000, correlationId: 'a1', method: 'code' },
  })
  const toldOnce = views.length
  asked[0]?.answer(refusal('a1'))
  await settled()
  expect(views).toHaveLength(toldOnce)
  tells('pairing-code-error', refusal('b2'))
  expect(link.view.current.trouble?.correlationId, 'another one is').toBe('b2')
})

it('what is asked for twice is asked once, and given up when the broker stays silent', async () => {
  const { link, asked, passes } = page()
  link.requestQr('v1')
  link.requestQr('v1')
  expect(asked.map(({ name, request }) => [name, request])).toEqual([['request-qr', { consent: 'v1' }]])
  await passes(14_999)
  expect(link.view.current.trouble).toBe(null)
  await passes(1)
  expect(link.view.current).toMatchObject({
    waitingFor: null,
    trouble: { reason: 'NO_BROKER', method: 'qr', correlationId: null },
  })
})

it('what another page began is waited for, and settled when it is called off', async () => {
  const { link, tells } = page()
  tells('link-state', { ...idle, state: 'starting', method: 'qr' })
  expect(link.view.current.waitingFor).toBe('qr')
  tells('link-state', { ...idle, company: null })
  expect(link.view.current).toMatchObject({ waitingFor: null, state: { company: 'Salon' } })
})

it('comes back after the broker ended it, and not after the broker refused it', () => {
  const { link, tells, calls } = page()
  tells('connect')
  expect(link.view.current.status).toBe('online')
  tells('disconnect', 'io server disconnect')
  expect([link.view.current.status, calls]).toEqual(['away', ['connect']])
  tells('disconnect', 'transport close')
  expect(calls, 'Socket.IO does that by itself').toEqual(['connect'])
  tells('connect_error', Object.assign(new Error('LINK_EXPIRED'), { data: {} }))
  expect(link.view.current).toMatchObject({ status: 'refused', refusedBy: 'LINK_EXPIRED' })
  expect(calls).toEqual(['connect', 'disconnect'])
})

it('unlinking says whether WhatsApp can be told later only, and whether a device stays', async () => {
  const { link, asked } = page()
  const done = link.unlink()
  asked[0]?.answer({ success: true, pending: true, deviceLeft: true })
  expect(await done).toBe(true)
  expect(link.view.current.deviceLeft).toBe(true)
  const refused = link.unlink()
  asked[1]?.answer(refusal('c3'))
  expect(await refused).toBe(null)
  expect(link.view.current.trouble?.correlationId).toBe('c3')
})
