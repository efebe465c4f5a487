import { afterEach, describe, expect, it } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { total } from '../testing/account-counts.ts'
import { AccountWorld } from '../testing/account-world.ts'
import { cleanUp, turns, until, within } from '../testing/harness.ts'
import { sessionIdOf } from './marketplace-peer.ts'

/** The pool on the real client and a WhatsApp-shaped server. */
afterEach(cleanUp)

const PHONE = phoneNumber(0)
const refusal = (reason: string) => ({ ok: false, refusal: expect.objectContaining({ reason }) })

describe('asking for a code', () => {
  it('three times within 100 ms is one request at WhatsApp and one code (sentence 1)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    const answers = await Promise.all([1, 2, 3].map(() => instance.start('salon', PHONE)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.slice(1)).toEqual([refusal('REQUEST_IN_PROGRESS'), refusal('REQUEST_IN_PROGRESS')])
    await world.reaches(instance, 'salon', 'code_shown')
    expect(await instance.start('salon', PHONE)).toEqual(refusal('REQUEST_IN_PROGRESS'))
    expect(world.wa.codeRequestCount()).toBe(1)
    expect(await total(instance.counters, 'wa_link_code_issued_total')).toBe(1)
  })

  it('is over when WhatsApp refuses, limits, says nothing or goes, and the next one is accepted; counted, not captured (sentences 2, 3, 12, 21)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { codeAnswerMs: 2_000 } })
    let salon = 0
    for (const [answer, reason] of [
      [{ error: 400, text: 'bad-request' }, 'WA_REFUSED'],
      [{ error: 429, text: 'rate-overlimit' }, 'WA_RATE_LIMITED'],
      ['silent', 'WA_NO_ANSWER'],
      ['drop', 'WA_UNREACHABLE'],
    ] as const) {
      const name = `salon${++salon}`
      world.wa.behaviour.onCodeRequest = () => answer
      await instance.start(name, phoneNumber(salon))
      await world.reaches(instance, name, 'failed')
      expect(instance.errors.at(-1)).toMatchObject({ method: 'code', reason })
      world.wa.behaviour.onCodeRequest = () => 'accept'
      const next = await instance.start(name, phoneNumber(salon))
      if (reason === 'WA_RATE_LIMITED') expect(next).toEqual(refusal('COOLDOWN'))
      else {
        expect(next.ok).toBe(true)
        await world.reaches(instance, name, 'code_shown')
      }
    }
    expect(instance.errors).toHaveLength(4)
    expect(instance.captured).toEqual([])
    expect(await total(instance.counters, 'wa_link_failed_total')).toBe(4)
  })

  it('again, after thirty seconds, voids the code before it: the phone does not take it (sentence 7)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { newCodeAfterMs: 50 } })
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    const old = instance.code('salon')
    await until('it may be asked again', async () => (await instance.start('salon', PHONE)).ok)
    await until(
      'another code',
      () => instance.status('salon') === 'code_shown' && instance.code('salon') !== old,
    )
    await expect(world.wa.phone(PHONE).enterCode(old)).rejects.toThrow('wrong code')
    expect(world.wa.live()).toHaveLength(1)
  })

  it('with another number begins from nothing: the first number’s credentials are never used (sentences 6, 40)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    expect(await instance.start('salon', phoneNumber(1))).toEqual(refusal('REQUEST_IN_PROGRESS'))
    await instance.pool.cancel(sessionIdOf('salon'))
    await instance.start('salon', phoneNumber(1))
    await world.reaches(instance, 'salon', 'code_shown')
    await world.wa.phone(phoneNumber(1)).enterCode(instance.code('salon'))
    await world.reaches(instance, 'salon', 'connected')
    expect(world.wa.phone(PHONE).devices).toHaveLength(0)
  })

  it('for a number that another company has linked is refused without saying so (sentence 39)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await world.link(instance, 'salon', PHONE)
    expect(await instance.start('rival', PHONE)).toEqual(refusal('NUMBER_UNAVAILABLE'))
    await instance.start('rival')
    await world.reaches(instance, 'rival', 'qr')
    await world.wa.phone(PHONE).scanQr(instance.qr('rival'))
    await world.reaches(instance, 'rival', 'failed')
    expect(instance.errors.at(-1)?.reason).toBe('NUMBER_UNAVAILABLE')
    expect(instance.status('salon')).toBe('connected')
  })

  it('of a connected session is answered ALREADY_LINKED, and its connection is not touched (sentence 9)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await world.link(instance, 'salon', PHONE)
    const opened = world.wa.clients.length
    expect(await instance.start('salon', PHONE)).toEqual(refusal('ALREADY_LINKED'))
    expect(await instance.start('salon')).toEqual(refusal('ALREADY_LINKED'))
    expect(world.wa.clients).toHaveLength(opened)
  })

  it('can be cancelled within two seconds, also against a peer that stopped reading (sentence 11)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    world.wa.live()[0]?.ws.pause()
    await instance.pool.cancel(sessionIdOf('salon'))
    expect(instance.status('salon')).toBe('idle')
    await within('its end', instance.session('salon').settled())
    expect(instance.session('salon').hasSocket).toBe(false)
  })
})

describe('linking to the end', () => {
  it('cannot be called off once the phone said yes: cancelling and unlinking are refused, and it links', async () => {
    const world = await AccountWorld.open()
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    let isHeld = false
    const instance = world.node({
      store: {
        ...world.store,
        writeCredentials: async (...args) => {
          if (isHeld) await held
          return world.store.writeCredentials(...args)
        },
      },
    })
    await instance.start('salon')
    await world.reaches(instance, 'salon', 'qr')
    isHeld = true
    await world.wa.phone(PHONE).scanQr(instance.qr('salon'))
    await world.reaches(instance, 'salon', 'finishing')
    expect(await instance.pool.unlink(sessionIdOf('salon'))).toEqual(refusal('REQUEST_IN_PROGRESS'))
    expect(await instance.pool.cancel(sessionIdOf('salon'))).toEqual(refusal('ALREADY_LINKED'))
    letGo()
    await world.reaches(instance, 'salon', 'connected')
  })

  it('by QR and by code, a hundred times in turn unless fewer are asked for, and all succeed (sentence 54)', async () => {
    const times = Number(process.env['LATCHKEY_LINKS'] ?? 10)
    const world = await AccountWorld.open()
    const instance = world.node()
    for (let n = 0; n < times; n++) {
      const salon = `salon${n}`
      const phone = phoneNumber(n % 100)
      if (n % 2 === 0) await world.link(instance, salon, phone)
      else {
        await instance.start(salon, phone)
        await world.reaches(instance, salon, 'code_shown')
        // At once: a person may type within a second, and links as well.
        await world.wa.phone(phone).enterCode(instance.code(salon))
        await world.reaches(instance, salon, 'connected')
      }
    }
    expect(instance.linked).toHaveLength(times)
    expect(instance.errors).toEqual([])
    expect(await total(instance.counters, 'wa_link_succeeded_total')).toBe(times)
  })

  it('scanning the QR while a code is shown links once and voids the code, and the reverse (sentence 59)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    const code = instance.code('salon')
    await world.wa.phone(PHONE).scanQr(instance.qr('salon'))
    await world.reaches(instance, 'salon', 'connected')
    await expect(world.wa.phone(PHONE).enterCode(code)).rejects.toThrow('no device is waiting')
    expect(instance.linked).toHaveLength(1)
    expect(world.wa.phone(PHONE).devices).toHaveLength(1)
    await instance.start('reverse', phoneNumber(1))
    await world.reaches(instance, 'reverse', 'code_shown')
    const qr = instance.qr('reverse')
    await world.wa.phone(phoneNumber(1)).enterCode(instance.code('reverse'))
    await world.reaches(instance, 'reverse', 'connected')
    await expect(world.wa.phone(phoneNumber(1)).scanQr(qr)).rejects.toThrow('not valid')
    expect(instance.linked).toHaveLength(2)
    expect(instance.errors).toEqual([])
  })

  it('a code that was typed as it ended is waited for, and no longer than a phone needs (sentence 29)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { codeLifeMs: 1_500, typedMs: 2_500 } })
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    const otherCode = (code: string) => (code.startsWith('1') ? `2${code.slice(1)}` : `1${code.slice(1)}`)
    const wrong = world.wa.phone(PHONE).enterCode(otherCode(instance.code('salon')))
    await expect(wrong).rejects.toThrow('wrong code')
    const { account } = instance.session('salon').machine
    const expiresAt = account.status === 'code_shown' ? account.expiresAt : expect.fail()
    await world.reaches(instance, 'salon', 'expired')
    // The phone had typed something: its time is over before the session's is.
    expect(world.clock()).toBeGreaterThan(expiresAt)
    expect(instance.errors).toEqual([expect.objectContaining({ reason: 'CODE_EXPIRED' })])
    await until('the connection to be gone', () => world.wa.live().length === 0)
  })

  it('QR and code asked for in turn open one connection at a time and leave nothing behind (sentence 45)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    for (let n = 0; n < 4; n++) {
      await instance.start('salon')
      await world.reaches(instance, 'salon', 'qr')
      const opened = world.wa.clients.length
      expect(await instance.start('salon')).toEqual({ ok: true, value: null })
      expect(world.wa.clients).toHaveLength(opened)
      await instance.start('salon', PHONE)
      await world.reaches(instance, 'salon', 'code_shown')
      await until('one connection', () => world.wa.live().length === 1)
      expect(instance.session('salon').timerCount).toBe(1)
    }
    expect(world.wa.clients).toHaveLength(8)
  })

  it('another phone than the one a code was asked for is logged out again, and told', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    await world.wa.phone(phoneNumber(1)).scanQr(instance.qr('salon'))
    await world.reaches(instance, 'salon', 'failed')
    expect(instance.errors.at(-1)).toMatchObject({ method: 'code', reason: 'NUMBER_MISMATCH' })
    await until('no device', () => world.wa.devices.size === 0)
    await instance.session('salon').settled()
    expect(await world.store.readCredentials(sessionIdOf('salon'), 'all')).toEqual([])
  })

  it('five seconds before its end a code links, and no expiry is told, also when the phone answers after it (sentences 27, 28)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ leaseMs: 3_600_000 })
    const answers: (() => void)[] = []
    world.wa.behaviour.beforePairSuccess = () =>
      new Promise((resolve) => {
        answers.push(resolve)
      })
    const passes = (ms: number) => {
      world.aheadMs += ms
      instance.session('salon').take({ type: 'due' })
    }
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    passes(175_000)
    const linking = world.wa.phone(PHONE).enterCode(instance.code('salon'))
    await until('the phone to have its answer ready', () => answers.length === 1)
    passes(10_000)
    expect(instance.status('salon')).toBe('code_shown')
    answers[0]?.()
    await linking
    await world.reaches(instance, 'salon', 'connected')
    passes(180_000)
    expect(instance.errors).toEqual([])
    expect(instance.session('salon').timerCount).toBe(0)
  })

  it('a code lives its 180 seconds on one connection, is shown for none after, and cannot be typed then (sentence 27)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ leaseMs: 3_600_000 })
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    const code = instance.code('salon')
    const { account } = instance.session('salon').machine
    const { qr, expiresAt, shownAt } = account.status === 'code_shown' ? account : expect.fail()
    expect(expiresAt - shownAt).toBe(180_000)
    // Six references of a minute each outlive it.
    expect(world.wa.live()[0]?.registration?.refs).toHaveLength(6)
    expect(qr.expiresAt - shownAt).toBeLessThanOrEqual(60_000)
    world.aheadMs += 180_000
    instance.session('salon').take({ type: 'due' })
    expect(instance.status('salon')).toBe('expired')
    await until('the connection to be gone', () => world.wa.live().length === 0)
    await expect(world.wa.phone(PHONE).enterCode(code)).rejects.toThrow('no device is waiting')
  })

  it('credentials that cannot be kept are told, and nothing logs in with them (sentence 55)', async () => {
    const world = await AccountWorld.open()
    let isBroken = false
    const broken = {
      ...world.store,
      writeCredentials: (...args: Parameters<typeof world.store.writeCredentials>) =>
        isBroken ? Promise.reject(new Error('no store')) : world.store.writeCredentials(...args),
    }
    const instance = world.node({ store: broken })
    await instance.start('salon')
    await world.reaches(instance, 'salon', 'qr')
    isBroken = true
    await world.wa.phone(PHONE).scanQr(instance.qr('salon'))
    await world.reaches(instance, 'salon', 'failed')
    expect(instance.errors).toEqual([expect.objectContaining({ reason: 'NOT_SAVED' })])
    expect(instance.captured.map(({ operation }) => operation)).toEqual(['save-credentials'])
  })

  it('nobody watching for a code’s life and a minute ends an attempt; a link needs no page (sentence 57)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node({ rules: { codeLifeMs: 100, unwatchedExtraMs: 100 } })
    await world.link(instance, 'linked', phoneNumber(1))
    await instance.start('salon')
    await world.reaches(instance, 'salon', 'qr')
    instance.pool.watch(sessionIdOf('salon'), false)
    instance.pool.watch(sessionIdOf('linked'), false)
    await until(
      'the attempt to be given up',
      async () => (await total(instance.counters, 'wa_link_abandoned_total')) === 1,
    )
    await until('its connection to end', () => world.wa.live().length === 1)
    expect(instance.status('linked')).toBe('connected')
  })

  it('after the last QR nothing is opened again until somebody asks (sentence 32)', async () => {
    const world = await AccountWorld.open({ refs: 1 })
    const instance = world.node({ rules: { codeModeQrMs: 80, codeLifeMs: 60_000 } })
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'expired')
    const opened = world.wa.clients.length
    await turns()
    expect(world.wa.clients).toHaveLength(opened)
    expect((await instance.start('salon')).ok).toBe(true)
  })

  it('WhatsApp wanting another code gets one more request on a connection of its own, three times; the old code is void (sentence 70)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    await instance.start('salon', PHONE)
    await world.reaches(instance, 'salon', 'code_shown')
    const wantsAnother = () => world.wa.phone(PHONE).askForFreshCode(world.wa.codes.at(-1) ?? expect.fail())
    for (let renewal = 1; renewal <= 3; renewal++) {
      const old = instance.code('salon')
      wantsAnother()
      await until('another code', () => !['', old].includes(instance.code('salon')))
      expect(world.wa.codeRequestCount()).toBe(1 + renewal)
      expect(world.wa.live()).toHaveLength(1)
      await expect(world.wa.phone(PHONE).enterCode(old)).rejects.toThrow('wrong code')
    }
    expect(instance.errors).toEqual([])
    wantsAnother()
    await world.reaches(instance, 'salon', 'expired')
    expect(world.wa.codeRequestCount()).toBe(4)
    expect(instance.errors).toEqual([expect.objectContaining({ reason: 'CODE_EXPIRED' })])
  })

  it('an account that wants a passkey is told within two seconds (sentence 68)', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    world.wa.phone(PHONE).needsPasskey = true
    await instance.start('salon')
    await world.reaches(instance, 'salon', 'qr')
    await expect(world.wa.phone(PHONE).scanQr(instance.qr('salon'))).rejects.toThrow('passkey')
    await world.reaches(instance, 'salon', 'failed')
    expect(instance.errors.at(-1)?.reason).toBe('PASSKEY_REQUIRED')
  })
})
