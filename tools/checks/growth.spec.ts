import { describe, expect, it } from 'vitest'
import { breaksAt, COST, growthOf, LIMITS } from './growth.ts'

/** What `bench/storms/cut.mjs` printed first, on 1 December 2026: three brokers behind a front that carries two of three terminal links. */
const MEASURED = [
  {
    machines: 20,
    apps: 20,
    files: 146,
    redisCommandsPerSecond: 21.4,
    redisBytesEach: 11_978,
    redisChannels: 5,
  },
  {
    machines: 60,
    apps: 60,
    files: 416,
    redisCommandsPerSecond: 26.3,
    redisBytesEach: 6_353,
    redisChannels: 5,
  },
  {
    machines: 100,
    apps: 100,
    files: 685,
    redisCommandsPerSecond: 29.3,
    redisBytesEach: 5_795,
    redisChannels: 5,
  },
]

const expectWithin = (figure: number, measured: number, share: number) => {
  expect(figure).toBeGreaterThan(measured * (1 - share))
  expect(figure).toBeLessThan(measured * (1 + share))
}

describe.each(MEASURED)('the formulas at $machines machines with $apps apps', (measured) => {
  const { machines, apps } = measured
  const growth = growthOf(machines, { apps, brokers: 3, carriedShare: 2 / 3 })

  it('say as many open files, channels and commands of Redis', () => {
    expectWithin(3 * growth.filesEach, measured.files, 0.1)
    expect(growth.redisChannels).toBe(measured.redisChannels)
    expectWithin(growth.redisCommandsPerSecond, measured.redisCommandsPerSecond, 0.1)
  })

  it('say as much memory of Redis', () => {
    expectWithin((growth.redisMib * 2 ** 20) / machines, measured.redisBytesEach, 0.1)
  })
})

it('a broker has no more than its clients have patience for, and one of all may be gone', () => {
  for (const machines of [1_000, 10_000, 100_000, 1_000_000]) {
    const { allBackSeconds, oneBrokerBackSeconds, brokers, ends } = growthOf(machines)
    expect(allBackSeconds).toBeLessThanOrEqual(30)
    expect(oneBrokerBackSeconds).toBeLessThanOrEqual(30)
    expect(ends / (brokers - 1)).toBeLessThanOrEqual(10_000)
    expect((ends / brokers) * COST.comeBackMs).toBeLessThanOrEqual(20_000)
  }
})

it('each limit names the first number of machines that is too much', () => {
  for (const limit of LIMITS) {
    const at = breaksAt(limit)
    expect(at).not.toBeNull()
    expect(limit.load(growthOf((at ?? 0) * 1.1))).toBeGreaterThan(1)
    expect(limit.load(growthOf((at ?? 0) * 0.8))).toBeLessThanOrEqual(1)
  }
})
