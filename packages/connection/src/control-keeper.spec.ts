import { runnerCalls } from '@latchkey/protocol/runner-pairing'
import { expect, it } from 'vitest'
import { ControlKeeper, type ControlKeeperOptions } from './control-keeper.ts'
import { handBroker, handPlatform, refused, settled } from './hand-platform.fixture.ts'

type Options = ControlKeeperOptions<typeof runnerCalls>

function kept(options: Partial<Options> = {}) {
  const hand = handPlatform()
  const broker = handBroker()
  const told: string[] = []
  const keeper = new ControlKeeper<typeof runnerCalls>(
    {
      brokerUrl: 'http://house.example',
      platform: hand.platform,
      calls: runnerCalls,
      auth: () => ({ label: 'forge' }),
      runnerId: () => null,
      onFact: {},
      finalCodes: new Set(['INVALID_SECRET']),
      connectWithinMs: 8_000,
      answerWithinMs: 5_000,
      events: {
        brokerReached: () => void told.push('reached'),
        brokerAway: (code, _message, delayMs) => void told.push(`away ${code} ${delayMs}`),
        turnedAway: (code) => void told.push(`turned away ${code}`),
        changed: () => {},
      },
      ...options,
    },
    broker.open,
  )
  keeper.start()
  const up = async () => {
    broker.last().accept()
    await settled()
  }
  return { ...hand, broker, told, keeper, up }
}

it('is up once the broker is reached, and calls go over the connection there is', async () => {
  const { keeper, broker, told, up } = kept()
  expect(keeper.status).toEqual({ status: 'down', failure: null, nextTryAtMs: null })
  expect(await keeper.call('runner:challenge', {})).toMatchObject({ code: 'NETWORK_ERROR' })
  await up()
  expect(keeper.status).toEqual({ status: 'up' })
  expect(told).toEqual(['reached'])
  broker.last().answers('runner:challenge', { success: true, nonce: 'n' })
  expect(await keeper.call('runner:challenge', {})).toMatchObject({ nonce: 'n' })
})

it('a try that fails is followed by another, later each time, and the state says why and when', async () => {
  const { keeper, broker, told, passes, state } = kept()
  for (const waitMs of [999, 1_999, 3_999]) {
    broker.last().refuse('NETWORK_ERROR', 'unreachable')
    await settled()
    expect(keeper.status).toEqual({
      status: 'down',
      failure: { kind: 'unreachable', message: 'no: NETWORK_ERROR' },
      nextTryAtMs: state.nowMs + waitMs,
    })
    await passes(waitMs)
  }
  expect(told).toEqual(['away NETWORK_ERROR 999', 'away NETWORK_ERROR 1999', 'away NETWORK_ERROR 3999'])
  expect(broker.openings).toHaveLength(4)
})

it('connections that end at once do not begin the waits anew', async () => {
  const { broker, told, passes, up } = kept()
  for (const waitMs of [999, 1_999, 3_999, 3_999]) {
    await up()
    broker.last().lose()
    await passes(waitMs)
  }
  expect(told.filter((each) => each !== 'reached')).toEqual([
    'away NETWORK_ERROR 999',
    'away NETWORK_ERROR 1999',
    'away NETWORK_ERROR 3999',
    'away NETWORK_ERROR 3999',
  ])
})

it('a broker that restarts says when to come back, once', async () => {
  const { broker, told, passes, up } = kept()
  await up()
  broker.last().tells('broker:restarting', { comeBackInMs: 10_000 })
  broker.last().lose()
  expect(told.at(-1)).toBe('away NETWORK_ERROR 12499')
  await passes(12_499)
  broker.last().refuse('NETWORK_ERROR', 'timeout')
  await settled()
  expect(told.at(-1)).toBe('away NETWORK_ERROR 999')
})

it('a refusal that no try cures ends the tries, until one is asked for', async () => {
  const { keeper, broker, told, passes } = kept()
  broker.last().refuse('INVALID_SECRET')
  await passes(60_000)
  expect(told).toEqual(['turned away INVALID_SECRET'])
  expect(broker.openings).toHaveLength(1)
  keeper.tryNow()
  await passes(0)
  expect(broker.openings).toHaveLength(2)
})

it('is not up before its greeting is taken; a refused one closes the connection and waits as long as the ban', async () => {
  const greetings = [refused('RATE_LIMITED', { remainingBanTime: 20 }), null]
  const { keeper, broker, told, passes, up } = kept({ greet: async () => greetings.shift() ?? null })
  await up()
  expect(keeper.isUp).toBe(false)
  expect(broker.last().state.isClosed).toBe(true)
  expect(told).toEqual(['away RATE_LIMITED 24999'])
  await passes(24_999)
  await up()
  expect(keeper.isUp).toBe(true)
  expect(told.at(-1)).toBe('reached')
})

it('a greeting that is refused for good ends the tries', async () => {
  const { told, passes, up, broker } = kept({ greet: async () => refused('INVALID_SECRET') })
  await up()
  await passes(60_000)
  expect(told).toEqual(['turned away INVALID_SECRET'])
  expect(broker.openings).toHaveLength(1)
})

it('a connection that is lost while it greets is not up, whatever the greeting becomes', async () => {
  let answer: (refusal: null) => void = () => {}
  const { keeper, broker, told, up } = kept({ greet: () => new Promise((resolve) => (answer = resolve)) })
  await up()
  broker.last().lose()
  answer(null)
  await settled()
  expect(keeper.isUp).toBe(false)
  expect(told).toEqual(['away NETWORK_ERROR 999'])
})

it('a dead connection is replaced at once, a useless one after a while', async () => {
  const { keeper, broker, told, passes, up } = kept()
  await up()
  keeper.replace()
  expect(broker.last().state.isClosed).toBe(true)
  await passes(0)
  expect(broker.openings).toHaveLength(2)
  await up()
  keeper.fail({ code: 'TIMEOUT', message: 'silent' })
  expect(told.at(-1)).toBe('away TIMEOUT 999')
  expect(broker.openings).toHaveLength(2)
})

it('a try from before a sleep is dropped, and its connection closed', async () => {
  const { keeper, broker, passes } = kept()
  const before = broker.last()
  keeper.settleAndTry()
  await passes(750)
  expect(broker.openings).toHaveLength(2)
  before.accept()
  await settled()
  expect([before.state.isClosed, keeper.isUp]).toEqual([true, false])
  broker.last().accept()
  await settled()
  expect(keeper.isUp).toBe(true)
})

it('after its end nothing is tried or told, and a connection that opens late is closed', async () => {
  const { keeper, broker, told, passes } = kept()
  keeper.close()
  broker.last().accept()
  await passes(60_000)
  expect(broker.last().state.isClosed).toBe(true)
  keeper.tryNow()
  keeper.settleAndTry()
  await passes(60_000)
  expect([told, broker.openings.length]).toEqual([[], 1])
})
