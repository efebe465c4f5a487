import { encodeFrame, FrameType } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import { handBroker, handPlatform, refused, settled } from '../hand-platform.fixture.ts'
import { type RunnerLinkEvent, startRunnerLink } from './runner-link.ts'

const INCARNATION = 'ab'.repeat(16)
const registered = (code: string, more: object = {}) => ({
  success: true,
  runnerId: 'forge',
  pairingCode: code,
  message: '',
  expiresAt: 2_000,
  serverTime: 1_000,
  epoch: 1,
  resumed: false,
  terminal: { ticket: 'a-ticket', expiresAt: 1 },
  ...more,
})
const nonce = { success: true, nonce: 'n' }

function link() {
  const hand = handPlatform()
  const broker = handBroker()
  const events: RunnerLinkEvent[] = []
  const codes = ['AAA-000-000', 'BBB-000-000', 'CCC-000-000', 'DDD-000-000', 'EEE-000-000']
  const made = startRunnerLink(
    {
      brokerUrl: 'http://house.example',
      who: {
        runnerId: 'forge',
        publicKey: new Uint8Array(64),
        sign: () => new Uint8Array(64),
        incarnation: INCARNATION,
        label: 'forge',
        routeTickets: () => ['aa'],
      },
      freshCode: () => codes.shift() ?? 'ZZZ-000-000',
      platform: hand.platform,
      accept: () => ({ onEnvelope: () => {}, onPaused: () => {}, onEnd: () => {} }),
      onEvent: (event) => events.push(event),
    },
    broker.open,
  )
  const asked = (name: string) =>
    broker
      .last()
      .said.filter((each) => each.name === name)
      .map(({ request }) => request)
  const connects = async (...answers: object[]) => {
    broker.last().answers('runner:challenge', ...answers.map(() => nonce))
    broker.last().answers('runner:register', ...answers)
    broker.last().accept()
    await settled()
  }
  const types = () => events.map(({ type }) => type)
  return { ...hand, broker, events, types, made, asked, connects }
}

it('registers with a fresh code, and later with the same one first', async () => {
  const { broker, events, asked, connects, passes } = link()
  await connects(registered('AAA-000-000'))
  expect(asked('runner:register')).toMatchObject([
    { pairingCode: 'AAA-000-000', incarnation: INCARNATION, nonce: 'n' },
  ])
  expect(events[0]).toMatchObject({ type: 'registered', code: 'AAA-000-000', resumed: false })
  broker.last().lose()
  await passes(999)
  await connects(registered('AAA-000-000', { resumed: true }))
  expect(asked('runner:register')).toMatchObject([{ pairingCode: 'AAA-000-000' }])
})

it('a code that another runner holds is left to it: three fresh ones are tried, then it waits', async () => {
  const { broker, events, asked, connects, passes } = link()
  await connects(registered('AAA-000-000'))
  broker.last().lose()
  await passes(999)
  await connects(...Array(4).fill(refused('DUPLICATE_CODE')))
  expect(asked('runner:register')).toMatchObject(
    ['AAA-000-000', 'BBB-000-000', 'CCC-000-000', 'DDD-000-000'].map((pairingCode) => ({ pairingCode })),
  )
  expect(events.at(-1)).toMatchObject({ type: 'waiting', code: 'DUPLICATE_CODE', delayMs: 1_999 })
  await passes(1_999)
  await connects(registered('EEE-000-000'))
  expect(asked('runner:register'), 'the spent code is not tried again').toMatchObject([
    { pairingCode: 'EEE-000-000' },
  ])
})

it('a refusal that says nothing about the code keeps it, and a ban is waited for', async () => {
  const { events, asked, connects, passes, broker } = link()
  await connects(registered('AAA-000-000'))
  broker.last().lose()
  await passes(999)
  await connects(refused('RATE_LIMITED', { remainingBanTime: 8 }))
  expect(events.at(-1)).toMatchObject({ type: 'waiting', code: 'RATE_LIMITED', delayMs: 9_999 })
  await passes(9_999)
  await connects(registered('AAA-000-000'))
  expect(asked('runner:register')).toMatchObject([{ pairingCode: 'AAA-000-000' }])
})

it('a wrong secret is final, and so is another process that took over', async () => {
  const wrong = link()
  await wrong.connects(refused('INVALID_SECRET'))
  expect(wrong.events).toMatchObject([{ type: 'failed', code: 'INVALID_SECRET' }])
  const superseded = link()
  await superseded.connects(registered('AAA-000-000'))
  superseded.broker.last().tells('runner:superseded', { runnerId: 'forge' })
  expect(superseded.events.at(-1)).toMatchObject({ type: 'failed', code: 'SUPERSEDED' })
  for (const { passes, broker, timers } of [wrong, superseded]) {
    await passes(60_000)
    expect([broker.openings.length, broker.last().state.isClosed, timers.size]).toEqual([1, true, 0])
  }
})

it('beats every ten seconds while registered; a refused beat makes a new connection', async () => {
  const { broker, events, asked, connects, passes } = link()
  await connects(registered('AAA-000-000'))
  broker.last().answers('runner:heartbeat', { success: true, serverTime: 1 }, refused('INVALID_SECRET'))
  await passes(10_000)
  expect(asked('runner:heartbeat')).toEqual([{ runnerId: 'forge' }])
  await passes(10_000)
  expect(events.at(-1)).toMatchObject({ type: 'waiting', code: 'INVALID_SECRET' })
  expect(broker.last().state.isClosed).toBe(true)
  await passes(999)
  expect(broker.openings).toHaveLength(2)
})

it('tickets that change while it registers are deposited all the same', async () => {
  const { broker, made, asked } = link()
  made.depositRouteTickets()
  broker.last().answers('runner:challenge', nonce)
  broker.last().accept()
  await settled()
  made.depositRouteTickets()
  expect(asked('runner:route-tickets')).toEqual([{ routeTickets: ['aa'] }])
})

it('deposits of one moment are two: the first, and one of the newest tickets once that is answered', async () => {
  const { broker, made, asked, connects } = link()
  await connects(registered('AAA-000-000'))
  broker.last().answers('runner:route-tickets', { success: true }, { success: true })
  for (let app = 0; app < 20; app++) made.depositRouteTickets()
  expect(asked('runner:route-tickets')).toHaveLength(1)
  await settled()
  expect(asked('runner:route-tickets')).toHaveLength(2)
})

it('a deposit that a lost connection never answers keeps none from the next connection', async () => {
  const { broker, made, asked, connects, passes } = link()
  await connects(registered('AAA-000-000'))
  made.depositRouteTickets()
  broker.last().lose()
  await passes(999)
  await connects(registered('AAA-000-000', { resumed: true }))
  made.depositRouteTickets()
  expect(asked('runner:route-tickets')).toHaveLength(1)
})

it('a new code is asked for at the broker’s word, and told', async () => {
  const { broker, events, asked, connects } = link()
  await connects(registered('AAA-000-000'))
  broker.last().answers('runner:rotate', {
    success: true,
    pairingCode: 'BBB-000-000',
    expiresAt: 3_000,
    serverTime: 2_000,
  })
  broker.last().tells('runner:code:renew', { reason: 'age' })
  await settled()
  expect(asked('runner:rotate')).toEqual([{ pairingCode: 'BBB-000-000' }])
  expect(events.at(-1)).toEqual({ type: 'code', code: 'BBB-000-000', expiresAt: 3_000, serverTime: 2_000 })
})

it('revocations wait for the broker until it has confirmed them; a new life has none left', async () => {
  const { broker, made, asked, connects, passes } = link()
  made.revoke(['early'])
  await connects(registered('AAA-000-000', { resumed: true }))
  expect(asked('runner:revoke')).toEqual([{ appSessionIds: ['early'] }])
  broker.last().lose()
  await passes(999)
  broker.last().answers('runner:revoke', refused('NETWORK_ERROR'))
  await connects(registered('AAA-000-000', { resumed: true }))
  expect(asked('runner:revoke')).toEqual([{ appSessionIds: ['early'] }])
  broker.last().lose()
  await passes(1_999)
  broker.last().answers('runner:revoke', { success: true })
  await connects(registered('AAA-000-000', { resumed: true }))
  made.revoke(['late'])
  expect(asked('runner:revoke')).toEqual([{ appSessionIds: ['early'] }, { appSessionIds: ['late'] }])
  broker.last().lose()
  await passes(3_999)
  await connects(registered('BBB-000-000'))
  expect(asked('runner:revoke')).toEqual([])
})

it('a notification goes to the broker while this runner is registered, and is refused at once while it is not', async () => {
  const { broker, made, asked, connects } = link()
  const notification = {
    endpoint: 'https://push.test/x',
    body: 'AA',
    ttlSeconds: 1,
    urgency: 'high',
  } as const
  expect(await made.push(notification)).toMatchObject({ success: false, code: 'NETWORK_ERROR' })
  await connects(registered('AAA-000-000'))
  const taken = { success: true, outcome: 'taken', status: 201, tookMs: 5 }
  broker.last().answers('runner:push', taken, refused('INVALID_FORMAT'))
  expect(await made.push(notification)).toEqual(taken)
  expect(asked('runner:push')).toEqual([notification])
  expect(await made.push(notification), 'an older broker').toMatchObject({ code: 'INVALID_FORMAT' })
  broker.last().lose()
  expect(await made.push(notification)).toMatchObject({ success: false, code: 'NETWORK_ERROR' })
})

it('its terminal connection is opened by the ticket, said to be online, and renewed by another ticket', async () => {
  const { broker, types, asked, connects, sockets, passes } = link()
  await connects(registered('AAA-000-000'))
  sockets[0]?.onFrame(encodeFrame(FrameType.opened, 0))
  await settled()
  expect(types()).toEqual(['registered', 'link'])
  broker.last().answers('terminal:ticket', { success: true, terminal: { ticket: 'b', expiresAt: 1 } })
  sockets[0]?.close()
  await passes(999)
  expect(asked('terminal:ticket')).toHaveLength(1)
  expect(sockets).toHaveLength(2)
  sockets[1]?.onFrame(encodeFrame(FrameType.opened, 0))
  await settled()
  broker.last().lose()
  expect(types()).toEqual(['registered', 'link', 'link', 'link', 'link', 'waiting'])
  expect(sockets[1]?.isClosed).toBe(true)
})

it('when it is stopped both connections end, and nothing is tried or told after', async () => {
  const { broker, events, made, connects, passes, sockets, timers } = link()
  await connects(registered('AAA-000-000'))
  made.stop()
  await passes(60_000)
  expect(events.map(({ type }) => type)).toEqual(['registered'])
  expect([broker.last().state.isClosed, sockets.length, timers.size]).toEqual([true, 1, 0])
})
