import { isHeld } from '@latchkey/domain/accounts/lease'
import { readSession } from '@latchkey/domain/accounts/operations'
import { instant } from '@latchkey/domain/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { AccountWorld } from '../testing/account-world.ts'
import { cleanUp, turns, until } from '../testing/harness.ts'
import { watchFileWrites, watchTimers } from '../testing/watched.ts'
import { sessionIdOf } from './marketplace-peer.ts'

/** Linked accounts stay linked, on one broker instance at a time: the real client and a WhatsApp-shaped server. */
afterEach(cleanUp)

const PHONE = phoneNumber(0)
const LEASE_MS = 2_400
const refusal = (reason: string) => ({ ok: false, refusal: expect.objectContaining({ reason }) })
const openCount = (world: AccountWorld) => world.wa.live().filter(({ device }) => device !== null).length
const recordOf = (world: AccountWorld, salon: string) => {
  return world.store.run(readSession(sessionIdOf(salon)))
}

describe('a linked session', () => {
  it('that WhatsApp stopped is tried again when somebody asks, and says that unlinking leaves a device', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await world.link(instance, 'salon', PHONE)
    const stop = async () => {
      world.wa.behaviour.refuse = () => 405
      for (const client of world.wa.live()) client.drop()
      await world.reaches(instance, 'salon', 'stopped')
    }
    await stop()
    expect(await instance.pool.retry(sessionIdOf('salon'))).toEqual({ ok: true, value: null })
    await until('it to be stopped again', () => instance.errors.length === 2)
    world.wa.behaviour.refuse = () => null
    await instance.pool.retry(sessionIdOf('salon'))
    await world.reaches(instance, 'salon', 'connected')
    expect(await instance.pool.retry(sessionIdOf('nobody'))).toEqual(refusal('INVALID_REQUEST'))
    await stop()
    expect(await instance.pool.unlink(sessionIdOf('salon'))).toEqual({
      ok: true,
      value: { pending: false, deviceLeft: true },
    })
    expect(world.wa.phone(PHONE).devices).toHaveLength(1)
  })

  it('removed on the phone is deleted here, told, and linked anew without a restart (sentence 64)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await world.link(instance, 'salon', PHONE)
    world.wa.phone(PHONE).unlink(world.wa.phone(PHONE).devices[0] ?? expect.fail())
    await world.reaches(instance, 'salon', 'logged_out')
    await instance.session('salon').settled()
    expect(await world.store.readCredentials(sessionIdOf('salon'), 'all')).toEqual([])
    expect(instance.errors).toEqual([expect.objectContaining({ reason: 'LOGGED_OUT' })])
    expect(await recordOf(world, 'salon')).toMatchObject({ phone: null })
    const opened = world.wa.clients.length
    await turns()
    expect(world.wa.clients).toHaveLength(opened)
    expect(instance.session('salon').timerCount).toBe(0)
    await world.link(instance, 'salon', PHONE)
    world.wa.phone(PHONE).unlink(world.wa.phone(PHONE).devices[0] ?? expect.fail())
    await world.reaches(instance, 'salon', 'logged_out')
    // At once, while the store may still be forgetting.
    expect(await instance.start('salon')).toEqual({ ok: true, value: null })
  })

  it('comes back after a lost network, and stops where its credentials are used elsewhere (sentence 63)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { firstBackOffMs: 30 } })
    await world.link(instance, 'salon', PHONE)
    for (const client of world.wa.live()) client.drop()
    await world.reaches(instance, 'salon', 'reconnecting')
    await world.reaches(instance, 'salon', 'connected')
    const [client] = world.wa.live()
    client?.streamError(null, { tag: 'conflict', attrs: { type: 'replaced' } })
    await world.reaches(instance, 'salon', 'replaced')
    const opened = world.wa.clients.length
    await turns()
    expect(world.wa.clients).toHaveLength(opened)
    expect(instance.captured.map(({ operation }) => operation)).toEqual(['replaced'])
  })

  it('unlinked here is no device at WhatsApp any more, at once or when there is a connection again (sentence 65)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { firstBackOffMs: 150 } })
    await world.link(instance, 'salon', PHONE)
    expect(await instance.pool.unlink(sessionIdOf('salon'))).toEqual({ ok: true, value: { pending: false } })
    await until('no device', () => world.wa.phone(PHONE).devices.length === 0)
    await world.link(instance, 'away', phoneNumber(1))
    for (const client of world.wa.live()) client.drop()
    await world.reaches(instance, 'away', 'reconnecting')
    expect(await instance.pool.unlink(sessionIdOf('away'))).toEqual({ ok: true, value: { pending: true } })
    await until('no device either', () => world.wa.phone(phoneNumber(1)).devices.length === 0)
    await until('nothing kept', async () => (await recordOf(world, 'away')).phone === null)
  })

  it('of ten is not touched by one malformed frame to another (sentences 24, 72)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { firstBackOffMs: 20 } })
    for (let n = 0; n < 10; n++) await world.link(instance, `salon${n}`, phoneNumber(n))
    const openedBefore = world.wa.clients.length
    const victim = world.wa.live().find((client) => client.device?.jid.startsWith(phoneNumber(3).slice(1)))
    victim?.sendGarbage()
    await until('the one to come back', () => world.wa.clients.length === openedBefore + 1)
    await world.reaches(instance, 'salon3', 'connected')
    expect(world.wa.live()).toHaveLength(10)
    expect(instance.captured.map(({ operation, linkSessionId }) => [operation, linkSessionId])).toEqual([
      ['undecodable-frame', 'company_salon3'],
    ])
  })

  it('is told of an outdated client in one alert for all (sentence 66)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { firstBackOffMs: 20 } })
    for (let n = 0; n < 3; n++) await world.link(instance, `salon${n}`, phoneNumber(n))
    world.wa.behaviour.refuse = () => 405
    for (const client of world.wa.live()) client.drop()
    for (let n = 0; n < 3; n++) await world.reaches(instance, `salon${n}`, 'stopped')
    expect(instance.captured.map(({ operation }) => operation)).toEqual(['client-outdated'])
  })

  it('that WhatsApp will not have three times is stopped, and another company’s comes back meanwhile (sentence 67)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { firstBackOffMs: 1 } })
    await world.link(instance, 'broken', phoneNumber(1))
    await world.link(instance, 'sound', phoneNumber(2))
    world.wa.behaviour.refuse = ({ username }) => (String(username) === phoneNumber(1).slice(1) ? 500 : null)
    for (let n = 0; n < 2; n++) {
      for (const client of world.wa.live()) client.drop()
      await world.reaches(instance, 'sound', 'reconnecting')
      await world.reaches(instance, 'sound', 'connected')
    }
    await world.reaches(instance, 'broken', 'stopped')
    const opened = world.wa.clients.length
    await turns()
    expect(world.wa.clients).toHaveLength(opened)
    // It is tried again by itself hours later.
    expect(instance.session('broken').timerCount).toBe(1)
    expect(instance.status('sound')).toBe('connected')
    expect(instance.captured.map(({ operation, linkSessionId }) => [operation, linkSessionId])).toEqual([
      ['bad-session', 'company_broken'],
    ])
  })

  it('lives through a store that is away for a while if it wrote nothing, begins anew if a write was lost, and writes no file (sentence 75)', async () => {
    const world = await AccountWorld.open()
    let isAway = false
    const asked = { away: 0, here: 0 }
    let lostWrites = 0
    const reached = <T>(run: () => Promise<T>): Promise<T> => {
      asked[isAway ? 'away' : 'here']++
      return isAway ? Promise.reject(new Error('the store is away')) : run()
    }
    const instance = world.node({
      leaseMs: LEASE_MS,
      rules: { firstBackOffMs: 1 },
      store: {
        ...world.store,
        run: (operation) => reached(() => world.store.run(operation)),
        writeCredentials: (...args) => {
          if (isAway) lostWrites++
          return reached(() => world.store.writeCredentials(...args))
        },
        sessions: () => reached(() => world.store.sessions()),
      },
    })
    await world.link(instance, 'salon', PHONE)
    const writing = watchFileWrites()
    const passes = async () => {
      const { away } = asked
      isAway = true
      await until('questions in vain', () => asked.away > away + 2)
      isAway = false
      const { here } = asked
      await until('answers again', () => asked.here > here + 2)
      await world.reaches(instance, 'salon', 'connected')
    }
    let opened = 0
    // A login goes on writing for a while: the outage that counts is one in which nothing was to be kept.
    do {
      lostWrites = 0
      opened = world.wa.clients.length
      await passes()
    } while (lostWrites > 0)
    expect(world.wa.clients).toHaveLength(opened)
    const capturedBefore = instance.captured.length
    // Whatever makes the client keep something while there is nothing to keep it in.
    isAway = true
    world.wa.live()[0]?.send({ tag: 'success', attrs: { t: '1', lid: '1:1@lid' } })
    await until('the connection to end', () => world.wa.live()[0]?.id !== opened - 1)
    isAway = false
    await world.reaches(instance, 'salon', 'connected')
    expect(instance.captured.slice(capturedBefore).map(({ operation }) => operation)).toEqual([
      'write-credentials',
    ])
    isAway = true
    await until('the node to let go', () => instance.status('salon') === 'none')
    await until('its connection to end', () => world.wa.live().length === 0)
    expect(writing.stop()).toEqual([])
  })
})

describe('restarts and several brokers', () => {
  it('every linked session is restored without a QR, and what was unlinked is not (sentence 61)', async () => {
    const world = await AccountWorld.open()
    const first = world.node({ leaseMs: LEASE_MS })
    for (let n = 0; n < 4; n++) await world.link(first, `salon${n}`, phoneNumber(n))
    await first.pool.unlink(sessionIdOf('salon3'))
    await until('three devices', () => world.wa.devices.size === 3)
    await first.pool.stop()
    expect(world.wa.live()).toHaveLength(0)
    const second = world.node({ leaseMs: LEASE_MS })
    for (let n = 0; n < 3; n++) await world.reaches(second, `salon${n}`, 'connected')
    expect(second.status('salon3')).toBe('none')
    expect(second.pool.progress).toEqual({ held: 3, toRestore: 0 })
  })

  it('is restored beside a few others at once, and no more (sentence 61)', async () => {
    const world = await AccountWorld.open()
    const first = world.node({ leaseMs: LEASE_MS })
    for (let n = 0; n < 7; n++) await world.link(first, `salon${n}`, phoneNumber(n))
    await first.pool.stop()
    world.wa.behaviour.isMute = true
    const before = world.wa.clients.length
    const second = world.node({ leaseMs: LEASE_MS, rules: { firstBackOffMs: 60_000 } })
    await until('five to be opened', () => world.wa.clients.length === before + 5)
    expect(second.pool.progress.toRestore).toBe(2)
    world.wa.behaviour.isMute = false
    for (const client of world.wa.live()) client.drop()
    await until('the others to be opened', () => world.wa.devices.size === 7 && openCount(world) === 2)
    expect(second.pool.progress.toRestore).toBe(0)
  })

  it('whose credentials are gone is told as logged out, and can be linked anew', async () => {
    const world = await AccountWorld.open()
    const first = world.node({ leaseMs: LEASE_MS })
    await world.link(first, 'salon', PHONE)
    const { epoch } = first.session('salon')
    await first.pool.stop()
    await world.store.writeCredentials(sessionIdOf('salon'), epoch, [], { replace: true })
    const second = world.node({ leaseMs: LEASE_MS })
    await world.reaches(second, 'salon', 'logged_out')
    expect(await second.start('salon')).toEqual({ ok: true, value: null })
    await world.reaches(second, 'salon', 'qr')
  })

  it('a code on the screen of a process that died leaves no loop and no "logged out" (sentence 60)', async () => {
    const world = await AccountWorld.open()
    let isDead = false
    const dead = <T>(): Promise<T> => new Promise<T>(() => {})
    const first = world.node({
      leaseMs: LEASE_MS,
      // Nothing that a dead process would have said reaches the store.
      store: {
        ...world.store,
        run: (operation) => (isDead ? dead() : world.store.run(operation)),
        writeCredentials: (...args) => (isDead ? dead() : world.store.writeCredentials(...args)),
      },
    })
    await first.start('salon', PHONE)
    await world.reaches(first, 'salon', 'code_shown')
    expect(await world.store.readCredentials(sessionIdOf('salon'), 'all')).toEqual([])
    isDead = true
    for (const client of world.wa.live()) client.drop()
    const opened = world.wa.clients.length
    const second = world.node({ leaseMs: LEASE_MS })
    await until('the lease to be over', async () => (await second.start('salon')).ok)
    expect(world.wa.clients.length - opened).toBeLessThanOrEqual(2)
    await world.reaches(second, 'salon', 'qr')
    expect(second.errors).toEqual([])
  })

  it('a broker without the session answers OTHER_NODE, and there is one request at WhatsApp (sentence 10)', async () => {
    const world = await AccountWorld.open()
    const one = world.node()
    const two = world.node()
    await one.start('salon', PHONE)
    await world.reaches(one, 'salon', 'code_shown')
    expect(await two.start('salon', PHONE)).toEqual(refusal('OTHER_NODE'))
    expect(world.wa.codeRequestCount()).toBe(1)
  })

  it('a broker that lost its store lets go in time, another takes over, and never are two connections open (sentence 62)', async () => {
    const world = await AccountWorld.open()
    let isAway = false
    const away = <T>(): Promise<T> => Promise.reject(new Error('the store is away'))
    const one = world.node({
      leaseMs: LEASE_MS,
      store: {
        ...world.store,
        run: (operation) => (isAway ? away() : world.store.run(operation)),
        writeCredentials: (...args) => (isAway ? away() : world.store.writeCredentials(...args)),
        sessions: () => (isAway ? away() : world.store.sessions()),
      },
    })
    await world.link(one, 'salon', PHONE)
    const two = world.node({ leaseMs: LEASE_MS })
    let openAtOnce = 0
    const watch = setInterval(() => {
      openAtOnce = Math.max(openAtOnce, world.wa.live().filter((client) => client.device !== null).length)
    }, 5)
    isAway = true
    await world.reaches(two, 'salon', 'connected')
    clearInterval(watch)
    expect(one.status('salon')).toBe('none')
    expect(openAtOnce).toBe(1)
    expect(world.wa.devices.size).toBe(1)
  })

  it('another key for credentials keeps the sessions; a wrong one fails loudly and overwrites nothing (sentence 74)', async () => {
    const world = await AccountWorld.open()
    const first = world.node({ leaseMs: LEASE_MS })
    await world.link(first, 'salon', PHONE)
    await first.pool.stop()
    const rowsOf = () => world.store.readCredentials(sessionIdOf('salon'), 'all')
    const kept = await rowsOf()
    for (const { sealed } of kept) expect(Buffer.from(sealed).toString('latin1')).not.toContain('noiseKey')
    const wrong = world.node({ leaseMs: LEASE_MS, sealKeys: ['A'.repeat(43)], rules: { firstBackOffMs: 10 } })
    await world.reaches(wrong, 'salon', 'stopped')
    expect(wrong.log.join('\n')).toContain('SealKeyMissing')
    expect(wrong.captured.map(({ operation }) => operation)).toEqual(['bad-session'])
    await wrong.pool.stop()
    expect(await rowsOf()).toEqual(kept)
    const newKey = 'B'.repeat(42) + 'A'
    const rotated = world.node({ leaseMs: LEASE_MS, sealKeys: [newKey, world.sealKey] })
    await world.reaches(rotated, 'salon', 'connected')
    await rotated.pool.stop()
    const alone = world.node({ leaseMs: LEASE_MS, sealKeys: [newKey] })
    await world.reaches(alone, 'salon', 'connected')
  })

  it('a stop tells attempts to try again, keeps links with all that was written, frees leases, and leaves nothing open (sentences 30, 77)', async () => {
    const timers = watchTimers()
    const world = await AccountWorld.open()
    let letGo = (): void => {}
    let held: Promise<void> | null = null
    let waiting = 0
    const instance = world.node({
      store: {
        ...world.store,
        writeCredentials: async (...args) => {
          if (held !== null) waiting++
          await held
          return world.store.writeCredentials(...args)
        },
      },
    })
    await world.link(instance, 'linked', phoneNumber(1))
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    const sessions = ['linked', 'salon'].map((salon) => instance.session(salon))
    const kept = () => world.store.readCredentials(sessionIdOf('linked'), 'all')
    const before = await kept()
    held = new Promise((resolve) => {
      letGo = resolve
    })
    world.wa
      .live()
      .find(({ device }) => device !== null)
      ?.send({ tag: 'success', attrs: { t: '1', lid: '1:1@lid' } })
    await until('a write that waits', () => waiting > 0)
    let isStopped = false
    const stopping = instance.pool.stop().then(() => {
      isStopped = true
    })
    expect(await instance.start('later', phoneNumber(3))).toEqual(refusal('RESTART'))
    // Its connections are gone, and it waits for what they had to write.
    await until('no connection', () => world.wa.live().length === 0)
    await turns()
    expect(isStopped).toBe(false)
    letGo()
    await stopping
    expect(await kept()).not.toEqual(before)
    expect(instance.errors).toEqual([expect.objectContaining({ reason: 'RESTART' })])
    expect(sessions.map(({ timerCount, hasSocket }) => [timerCount, hasSocket])).toEqual(
      sessions.map(() => [0, false]),
    )
    expect(timers.stop()).toEqual([])
    for (const [salon, phone] of [
      ['linked', phoneNumber(1)],
      ['salon', null],
    ] as const) {
      const record = await recordOf(world, salon)
      expect(record.phone).toBe(phone)
      expect(isHeld(record.lease, instant(world.clock()))).toBe(false)
    }
    expect(await instance.start('salon')).toEqual(refusal('RESTART'))
  })
})
