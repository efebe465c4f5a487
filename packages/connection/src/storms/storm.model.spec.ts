import { describe, expect, it } from 'vitest'
import { playStorm, type StormFigures, type StormOptions } from './storm.fixture.ts'

/** Storms of each kind; CONTRIBUTING.md has the full number. */
const STORMS = Number(process.env['LATCHKEY_STORMS'] ?? 3)
const FIRST_SEED = Number(process.env['LATCHKEY_SCHEDULE_SEED'] ?? 1)

/** One client of the simulation stands for so many: it takes their time together. */
const EACH_STANDS_FOR = 10
const CLIENTS = 10_000 / EACH_STANDS_FOR
/** What one that comes back costs a broker on a busy core, milliseconds of its processor; docs/scale.md has the measured points. */
const COST_MS = 2
const HANDSHAKE_MS = 0.4

const CUT: Omit<StormOptions, 'seed'> = {
  clients: CLIENTS,
  behindOneAddress: CLIENTS / 5,
  brokers: 3,
  costMs: COST_MS * EACH_STANDS_FOR,
  handshakeMs: HANDSHAKE_MS * EACH_STANDS_FOR,
  away: [],
  cut: true,
}
const NOBODY_FOR_30_S = [0, 1, 2].map((broker) => ({ broker, fromMs: 0, untilMs: 30_000 }))

/** Plays one kind of storm with each seed; a failure names its seed. */
function eachStorm(options: Omit<StormOptions, 'seed'>, judge: (figures: StormFigures) => void): void {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + STORMS; seed++) {
    try {
      judge(playStorm({ ...options, seed }))
    } catch (problem) {
      throw new Error(`LATCHKEY_SCHEDULE_SEED=${seed}`, { cause: problem })
    }
  }
}

function expectAllBack({ neverBack, livesEnded, addressesBanned }: StormFigures): void {
  const lost = { neverBack, livesEnded, addressesBanned }
  expect(lost).toEqual({ neverBack: 0, livesEnded: 0, addressesBanned: 0 })
}

describe('ten thousand clients', () => {
  it('that are cut at once are all back on three brokers within ten seconds, each by its first try', () => {
    eachStorm(CUT, (figures) => {
      expectAllBack(figures)
      expect(figures.affected).toBe(CLIENTS)
      expect(figures.lastMs).toBeLessThanOrEqual(10_000)
      expect(figures.triesEach).toBe(1)
      expect(figures.madeInVain).toBe(0)
    })
  })

  it('that are cut at once are back on one broker within thirty seconds', () => {
    eachStorm({ ...CUT, brokers: 1 }, (figures) => {
      expectAllBack(figures)
      expect(figures.lastMs).toBeLessThanOrEqual(30_000)
    })
  })

  it('of a killed broker come back to the others, which believe in it until its lease is over', () => {
    const killed = [{ broker: 0, fromMs: 1_000, untilMs: 6_000 }]
    eachStorm({ ...CUT, cut: false, away: killed }, (figures) => {
      expectAllBack(figures)
      expect(figures.affected).toBeLessThan(CLIENTS / 2)
      expect(figures.lastMs).toBeLessThanOrEqual(10_000)
      expect(figures.believedMsMost).toBeLessThanOrEqual(10_000 + 10_000 / 3)
    })
  })

  it('come back to the last of seven brokers when six are killed within a minute', () => {
    const away = [0, 1, 2, 3, 4, 5].map((broker) => ({
      broker,
      fromMs: 1_000 + broker * 10_000,
      untilMs: null,
    }))
    eachStorm({ ...CUT, cut: false, brokers: 7, away }, (figures) => {
      expectAllBack(figures)
      expect(figures.lastMs).toBeLessThanOrEqual(30_000)
    })
  })

  it('find their pairings again after no broker was there for half a minute', () => {
    eachStorm({ ...CUT, cut: false, away: NOBODY_FOR_30_S }, (figures) => {
      expectAllBack(figures)
      expect(figures.lastMs, 'the longest wait').toBeLessThanOrEqual(30_000 + 10_000)
    })
  })

  it('of brokers that are rolled one by one come back at different times, and never stand in a queue', () => {
    const away = [0, 1, 2].map((broker) => ({
      broker,
      fromMs: broker * 40_000,
      untilMs: broker * 40_000 + 4_000,
      comeBackInMs: 6_000,
    }))
    eachStorm({ ...CUT, cut: false, away }, (figures) => {
      expectAllBack(figures)
      expect(figures.queueMost).toBeLessThan(CLIENTS / 20)
      expect(figures.madeInVain).toBe(0)
    })
  })
})

describe('one broker with more than it can take back', () => {
  it('has twenty-five thousand clients back, but not all within the grace of their pairings', () => {
    eachStorm({ ...CUT, brokers: 1, clients: 2.5 * CLIENTS }, ({ neverBack, livesEnded }) => {
      expect(neverBack).toBe(0)
      expect(livesEnded).toBeGreaterThan(0)
    })
  })

  it('never has fifty thousand back: it makes handshakes for those that have given up, and they come again', () => {
    eachStorm({ ...CUT, brokers: 1, clients: 5 * CLIENTS }, ({ neverBack }) =>
      expect(neverBack).toBeGreaterThan(CLIENTS),
    )
  })
})

it('wrong tickets of an office ban its address, and no address of one app: so only a broker that knows a machine calls one wrong', () => {
  eachStorm(
    { ...CUT, costMs: COST_MS, handshakeMs: HANDSHAKE_MS, unknownTicketsPercent: 100 },
    ({ addressesBanned }) => expect(addressesBanned).toBe(1),
  )
})

describe('the simulation', () => {
  it('says the same twice', () => {
    expect(playStorm({ ...CUT, seed: 7 })).toEqual(playStorm({ ...CUT, seed: 7 }))
  })

  it('sees waits without jitter: all stand before the broker at once', () => {
    eachStorm({ ...CUT, brokers: 1, waits: () => 1_000 }, ({ queueMost, madeInVain }) => {
      expect(queueMost, 'all but the one that is served').toBe(CLIENTS - 1)
      expect(madeInVain).toBeGreaterThan(CLIENTS / 4)
    })
  })

  it('sees waits that grow to two minutes: machines outlive their grace, and their pairings end', () => {
    const waits = (failures: number, fraction: number) => fraction * Math.min(1_000 * 2 ** failures, 120_000)
    eachStorm({ ...CUT, cut: false, away: NOBODY_FOR_30_S, waits }, ({ livesEnded }) =>
      expect(livesEnded).toBeGreaterThan(0),
    )
  })
})
