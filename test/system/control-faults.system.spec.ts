import { CloseReason, encodeFrame, FrameType } from '@latchkey/protocol/terminal/frames'
import { openRedis } from '@latchkey/stores/redis/connection'
import type { RedisServer } from '@latchkey/stores/testing/redis-server'
import { afterAll, afterEach, assert, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  appToken,
  cleanUp,
  code,
  connect,
  pause,
  runnerKeys,
  until,
  within,
} from '../../apps/broker/src/testing/harness.ts'
import { NO_FAULT, seeded } from '../faults/fault-proxy.ts'
import { Figures, inMs, inSeconds, isFull, quantile } from '../faults/figures.ts'
import { type Fleet, type FleetBroker, startFleet } from './broker-fleet.ts'
import { holds } from './echoing-app.ts'
import { linkedRunner, openTerminal, registerAs, stream } from './fleet-clients.ts'

const figures = new Figures()
/** The same brokers for all tests, the one in which a broker is killed being the last. */
let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet()
})
afterEach(async () => {
  fleet.heal()
  await cleanUp()
})
afterAll(async () => {
  figures.publish()
  await fleet.stop()
})

const MACHINES = isFull ? 100 : 8
const TEST_MS_MAX = isFull ? 600_000 : 90_000

/** Refusals that tell a client to try again, or to ask what came of it. */
const RETRYABLE = ['NETWORK_ERROR', 'TIMEOUT']

/** Asks for something that needs the store; answers with how long it took and what it came to. */
async function attempt(broker: FleetBroker): Promise<{ readonly ms: number; readonly code: string }> {
  const app = await connect(broker.url)
  const began = performance.now()
  const answer = await app.call('app:pair', { pairingCode: '000-000-000' })
  app.close()
  return { ms: performance.now() - began, code: String(answer['code']) }
}

const isReady = async (broker: FleetBroker): Promise<boolean> =>
  (await fetch(`${broker.url}/readyz`)).status === 200

/** Runs an outage of Redis: what must hold in it, and how soon all is well afterwards. */
async function outage(fault: string, ms: number, away: () => () => void) {
  const [home, other] = fleet.brokers
  const terminals = [await openTerminal(home, other), await openTerminal(other, home)]
  const streams = terminals.map(stream)
  const before = Math.max(home.residentMiB(), other.residentMiB())
  const back = away()
  const began = performance.now()
  const failures: { ms: number; code: string }[] = []
  while (performance.now() - began < ms) {
    failures.push(await attempt(home), await attempt(other))
    for (const { runner, keys } of terminals) {
      const heard = await runner.call('runner:heartbeat', { runnerId: keys.runnerId })
      expect(heard, 'a heartbeat needs no store').toMatchObject({ success: true })
    }
    expect(await isReady(home)).toBe(false)
    const overview = await fetch(`${home.url}/operator/overview`, {
      headers: { cookie: 'latchkey-operator=x', 'x-latchkey-page': 'x' },
    })
    expect([overview.status, overview.headers.get('retry-after')]).toEqual([503, '1'])
    await pause(500)
  }
  const grownMiB = Math.max(home.residentMiB(), other.residentMiB()) - before
  back()
  const healed = performance.now()
  await until('a call to succeed', async () => (await attempt(home)).code === 'CODE_NOT_FOUND')
  const firstMs = performance.now() - healed
  await until('both brokers to be ready', async () => (await isReady(home)) && (await isReady(other)))
  for (const { app } of terminals) {
    await until('the machine to be online', async () => {
      const status = await app.call('app:pairing:status')
      return status['runnerOnline'] === true
    })
  }
  const onlineMs = performance.now() - healed
  const counts = await Promise.all(streams.map((each) => each.stop()))
  const lost = counts.reduce((sum, count) => sum + count.lost, 0)
  const worstMs = Math.max(...failures.map((failure) => failure.ms))
  for (const { code: told } of failures) expect(RETRYABLE).toContain(told)
  expect(lost).toBe(0)
  figures.note(fault, 'frames lost on open terminals', lost, '0')
  figures.note(fault, `slowest of ${failures.length} calls that failed`, inMs(worstMs), '< 600 ms')
  figures.note(fault, 'first call that succeeds after it', inMs(firstMs), '< 2 s')
  figures.note(fault, 'all machines online again after it', inSeconds(onlineMs), '< 15 s')
  figures.note(fault, "growth of a broker's memory", `${Math.max(0, grownMiB).toFixed(1)} MiB`, '< 20 MiB')
}

describe('Redis', () => {
  it(
    'may answer nobody for a while: terminals go on, calls fail soon, and all is well soon after',
    async () => {
      const ms = isFull ? 30_000 : 4_000
      await outage(`F2: Redis silent for ${ms / 1_000} s`, ms, () => {
        fleet.redis.pause()
        return () => fleet.redis.resume()
      })
    },
    TEST_MS_MAX,
  )

  it.each(isFull ? [8_000, 30_000, 120_000] : [3_000])(
    'may be out of reach for %i ms',
    async (ms) => {
      await outage(`F7: no way to Redis for ${ms / 1_000} s`, ms, () => {
        const { way } = fleet
        way.plan = () => ({ kind: 'stall', afterBytes: 0 })
        way.stallAll()
        return () => {
          way.plan = () => NO_FAULT
          way.cutAll()
        }
      })
    },
    TEST_MS_MAX,
  )

  it(
    'may come back empty: machines announce themselves anew, and nothing that was ended comes back',
    async () => {
      const { brokers, redis } = fleet
      const [home, other] = brokers
      const machines = await Promise.all(
        Array.from({ length: MACHINES }, (_, n) =>
          linkedRunner((n % 2 === 0 ? home : other).url, home.secret),
        ),
      )
      const [machine] = machines
      const left = await connect(home.url)
      const token = await appToken(left)
      const oldCode = machine?.code() ?? ''
      await left.call('app:pair', { pairingCode: oldCode })
      await left.call('app:unpair')
      await redis.restartEmpty()
      const began = performance.now()
      await holds('every machine to announce itself', () =>
        machines.every((each) => each.registeredAtMs.length > 1),
      )
      const tookMs = machines.map((each) => (each.registeredAtMs[1] ?? 0) - began)
      const app = await connect(other.url, { clientToken: token })
      expect(await app.call('app:pairing:status')).toMatchObject({ paired: false })
      const old = await app.call('app:pair', { pairingCode: oldCode })
      expect(old['success'], 'a code of the life before').toBe(oldCode === machine?.code())
      const fault = 'F3: Redis comes back empty'
      figures.note(
        fault,
        `99 % of ${MACHINES} machines announced anew`,
        inSeconds(quantile(tookMs, 0.99)),
        '< 15 s',
      )
      figures.note(fault, 'unpaired apps with access', 0, '0')
    },
    TEST_MS_MAX,
  )

  it(
    'may lose its answers: nothing is done twice, and no machine is told that its own code is taken',
    async () => {
      const { brokers, way, redis } = fleet
      const [home, other] = brokers
      const operations = isFull ? 10_000 : 400
      const random = seeded(7)
      const keys = runnerKeys()
      const runner = await connect(home.url)
      const pairingCode = code(900_000)
      way.plan = () => ({ kind: 'cut', afterBytes: 4_000 + Math.floor(random() * 200_000) })
      way.cutAll()
      await until('the machine to register', async () => {
        const answer = await registerAs(runner, keys, pairingCode, home.secret)
        expect(answer['code'] ?? 'success', 'its own code').not.toBe('DUPLICATE_CODE')
        return answer['success'] === true
      })
      const apps = await Promise.all(
        Array.from({ length: 20 }, (_, n) => connect((n % 2 ? home : other).url)),
      )
      const told = { acknowledged: 0, unknown: 0, refused: 0 }
      for (let done = 0; done < operations; done += apps.length) {
        const answers = await Promise.all(apps.map((app) => app.call('app:pair', { pairingCode })))
        for (const answer of answers) {
          if (answer['success'] === true) told.acknowledged++
          else if (answer['code'] === 'TIMEOUT') told.unknown++
          else {
            // While the broker could not renew its own lease, its machines look away: honest, and nothing was done.
            assert.oneOf(answer['code'], ['NETWORK_ERROR', 'RUNNER_OFFLINE'])
            told.refused++
          }
        }
      }
      const cuts = way.cuts
      way.plan = () => NO_FAULT
      way.cutAll()
      const { usedCount, listed } = await foundingView(redis, pairingCode, keys.runnerId)
      expect(cuts).toBeGreaterThan(operations / 400)
      expect(usedCount, 'uses that were acknowledged').toBeGreaterThanOrEqual(told.acknowledged)
      expect(usedCount, 'uses that anybody asked for').toBeLessThanOrEqual(told.acknowledged + told.unknown)
      expect(listed).toBeLessThanOrEqual(apps.length)
      const fault = `F6: connections to Redis cut ${cuts} times in ${operations} pairings`
      figures.note(fault, 'effects beyond those acknowledged or told to be unknown', 0, '0')
      figures.note(
        fault,
        'acknowledged / outcome unknown / nothing done',
        Object.values(told).join(' / '),
        '',
      )
      figures.note(fault, 'own codes told to be taken', 0, '0')
    },
    TEST_MS_MAX,
  )
})

describe('PostgreSQL', () => {
  it(
    'may answer nobody for a while: what is paired goes on, and nothing is given or taken',
    async () => {
      const { brokers, postgres } = fleet
      const [home, other] = brokers
      const { app, keys, runner, pairingCode, ...terminal } = await openTerminal(home, other)
      const typed = stream({ app, keys, runner, pairingCode, ...terminal })
      postgres.pause()
      const stranger = await connect(other.url)
      const began = performance.now()
      const refused = await stranger.call('app:pair', { pairingCode })
      const refusedMs = performance.now() - began
      expect(RETRYABLE).toContain(refused['code'])
      expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: true })
      expect(await app.call('terminal:ticket')).toMatchObject({ success: true })
      expect(await runner.call('runner:heartbeat', { runnerId: keys.runnerId })).toMatchObject({
        success: true,
      })
      postgres.resume()
      const healed = performance.now()
      await until('a stranger to pair', async () => {
        const answer = await stranger.call('app:pair', { pairingCode })
        return answer['success'] === true
      })
      const fault = 'PostgreSQL silent'
      const { sent, lost } = await typed.stop()
      expect(sent).toBeGreaterThan(0)
      expect(lost).toBe(0)
      figures.note(fault, 'a pairing is refused within', inMs(refusedMs), '< 1 s')
      figures.note(fault, 'first pairing that succeeds after it', inMs(performance.now() - healed), '< 2 s')
    },
    TEST_MS_MAX,
  )
})

describe('an app that is unpaired at one broker', () => {
  it(
    'has its terminal at another one closed',
    async () => {
      const { brokers } = fleet
      const [home, other] = brokers
      const tookMs: number[] = []
      const times = isFull ? 100 : 5
      for (let time = 0; time < times; time++) {
        const { app, appEnd } = await openTerminal(home, other)
        expect(await app.call('app:unpair')).toMatchObject({ success: true })
        const acknowledged = performance.now()
        const frame = await appEnd.next()
        expect([frame.type, frame.payload[0]]).toEqual([FrameType.close, CloseReason.unpaired])
        tookMs.push(performance.now() - acknowledged)
      }
      const fault = 'an app is unpaired at one broker'
      figures.note(
        fault,
        `its terminal at another closed after, p99 of ${times}`,
        inMs(quantile(tookMs, 0.99)),
        '< 1 s',
      )
    },
    TEST_MS_MAX,
  )
})

describe('a broker that is stopped for longer than its lease', () => {
  it(
    'passes on nothing of what waited, and changes nothing that others decided meanwhile',
    async () => {
      const { brokers } = fleet
      const [sleeper, other] = brokers
      const sleptMs = isFull ? 35_000 : 13_000
      const { keys, runner, app, runnerEnd, appEnd, channel, pairingCode } = await openTerminal(
        sleeper,
        other,
      )
      sleeper.pause()
      const began = performance.now()
      const typed = encodeFrame(FrameType.data, channel, Buffer.from('typed into the dark'))
      const second = await connect(other.url)
      const returned = registerAs(second, keys, pairingCode, sleeper.secret)
      expect(await returned).toMatchObject({ success: true, resumed: true, pairingCode })
      const homeMs = performance.now() - began
      expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: true })
      expect(await app.call('app:unpair')).toMatchObject({ success: true })
      for (let frame = 0; frame < 50; frame++) appEnd.socket.send(typed)
      await pause(sleptMs - (performance.now() - began))
      const before = runnerEnd.received.length
      sleeper.resume()
      const late = await runner
        .call('runner:rotate', { pairingCode: code(900_001) })
        .catch(() => ({ success: false }))
      expect(late).toMatchObject({ success: false })
      await within('the old terminal to end', runnerEnd.ended, 60_000)
      await within('the old connection to end', runner.ended, 60_000)
      const passed = runnerEnd.received.slice(before).filter((frame) => frame[0] === FrameType.data)
      expect(passed).toEqual([])
      expect(await second.call('runner:heartbeat', { runnerId: keys.runnerId })).toMatchObject({
        success: true,
      })
      const again = await connect(sleeper.url)
      // Its own connections slept too: until they are replaced it may refuse, as in any outage, with "try again".
      const refusals: string[] = []
      await until('the broker that woke to pair', async () => {
        const answer = await again.call('app:pair', { pairingCode })
        if (answer['success'] !== true) refusals.push(String(answer['code']))
        return answer['success'] === true
      })
      for (const told of refusals) expect(RETRYABLE).toContain(told)
      const fault = `F8: a broker stopped for ${sleptMs / 1_000} s`
      figures.note(fault, 'frames of a stale connection passed on', passed.length, '0')
      figures.note(fault, 'writes of a stale connection accepted', 0, '0')
      figures.note(fault, 'its machine at home with another broker after', inMs(homeMs), '< 10 s')
    },
    TEST_MS_MAX,
  )

  it(
    'is taken for dead when it stays away: its machines come back elsewhere, and those that do not, end',
    async () => {
      const { brokers } = fleet
      const [victim, other] = brokers
      const terminal = await openTerminal(victim, other)
      const began = performance.now()
      await victim.kill()
      const offline = () => terminal.app.heard.find(({ event }) => event === 'runner:offline')
      await holds('its apps to hear', () => offline() !== undefined)
      expect(offline()?.data).toMatchObject({ runnerId: terminal.keys.runnerId, paired: true })
      const heardMs = performance.now() - began
      const second = await connect(other.url)
      const back = await registerAs(second, terminal.keys, terminal.pairingCode, other.secret)
      expect(back).toMatchObject({ success: true, resumed: true, pairingCode: terminal.pairingCode })
      expect(await terminal.app.next('runner:online')).toEqual({ runnerId: terminal.keys.runnerId })
      const fault = 'a broker is killed'
      figures.note(
        fault,
        'apps at other brokers hear that the machine is away after',
        inSeconds(heardMs),
        '< 15 s',
      )
    },
    TEST_MS_MAX,
  )
})

/** The founding keys of a code and its pairings, as any client of that Redis sees them. */
async function foundingView(redis: RedisServer, pairingCode: string, runnerId: string) {
  const connection = await openRedis({ url: redis.url })
  const entry = z.object({ usedCount: z.number() })
  const { usedCount } = entry.parse(
    JSON.parse((await connection.redis.get(`pairing:code:${pairingCode}`)) ?? ''),
  )
  const listed = await connection.redis.scard(`pairing:apps:${runnerId}`)
  await connection.close()
  return { usedCount, listed }
}
