import type { PhoneNumber } from '@latchkey/domain/accounts/account'
import { afterEach, describe, expect, it } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { total } from '../testing/account-counts.ts'
import { AccountWorld } from '../testing/account-world.ts'
import { cleanUp } from '../testing/harness.ts'
import { sessionIdOf } from './marketplace-peer.ts'

/** Requests to WhatsApp, and which of them count: the real client and a WhatsApp-shaped server. */
afterEach(cleanUp)

const PHONE = phoneNumber(0)
const refusal = (reason: string) => ({ ok: false, refusal: expect.objectContaining({ reason }) })

describe('a number with two spellings', () => {
  const LONGER = '+5567998470001' as PhoneNumber
  const SHORTER = '+556798470001' as PhoneNumber
  const asDigits = (number: PhoneNumber) => number.slice(1)

  it('links the account that has it by the other one, and is that company’s by both', async () => {
    const world = await AccountWorld.open({ accountOf: () => asDigits(SHORTER) })
    const instance = world.node()
    await instance.start('salon', LONGER)
    await world.reaches(instance, 'salon', 'code_shown')
    await world.wa.phone(SHORTER).enterCode(instance.code('salon'))
    await world.reaches(instance, 'salon', 'connected')
    expect(instance.session('salon').machine.account).toMatchObject({ phone: SHORTER })
    for (const number of [LONGER, SHORTER])
      expect(await instance.start('rival', number)).toEqual(refusal('NUMBER_UNAVAILABLE'))
    await instance.pool.unlink(sessionIdOf('salon'))
    await instance.session('salon').settled()
    expect(await instance.start('rival', LONGER)).toEqual({ ok: true, value: null })
  })

  it('has one budget: five codes an hour, however it is spelled', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    for (let n = 0; n < 5; n++) {
      await instance.start(`salon${n}`, n % 2 === 0 ? LONGER : SHORTER)
      await world.reaches(instance, `salon${n}`, 'code_shown')
    }
    expect(await instance.start('sixth', LONGER)).toEqual(refusal('COOLDOWN'))
    expect(await instance.start('sixth', SHORTER)).toEqual(refusal('COOLDOWN'))
  })

  it('is asked for by the other one when WhatsApp refuses the first, and by no third', async () => {
    const asked: string[] = []
    const world = await AccountWorld.open({
      onCodeRequest: (number) => {
        asked.push(number)
        return number === asDigits(SHORTER) ? 'accept' : { error: 400, text: 'bad-request' }
      },
    })
    const instance = world.node()
    await instance.start('salon', LONGER)
    await world.reaches(instance, 'salon', 'code_shown')
    await world.wa.phone(SHORTER).enterCode(instance.code('salon'))
    await world.reaches(instance, 'salon', 'connected')
    expect(asked).toEqual([asDigits(LONGER), asDigits(SHORTER)])
    world.wa.behaviour.onCodeRequest = (number) => {
      asked.push(number)
      return { error: 400, text: 'bad-request' }
    }
    await instance.start('other', '+5215512340001' as PhoneNumber)
    await world.reaches(instance, 'other', 'failed')
    expect(asked.slice(2)).toEqual(['5215512340001', '525512340001'])
    expect(instance.errors.map(({ reason }) => reason)).toEqual(['WA_REFUSED'])
  })
})

describe('an attempt that does not come about', () => {
  it('is cancelled also when its end is asked for right behind it', async () => {
    const world = await AccountWorld.open()
    const instance = world.node()
    const [started, cancelled] = await Promise.all([
      instance.start('salon', PHONE),
      instance.pool.cancel(sessionIdOf('salon')),
    ])
    expect([started.ok, cancelled.ok]).toEqual([true, true])
    expect(instance.status('salon')).toBe('idle')
    await instance.session('salon').settled()
    expect(world.wa.codeRequestCount()).toBe(0)
    expect(await total(instance.counters, 'wa_link_abandoned_total')).toBe(1)
  })

  it('while WhatsApp is away is on no budget, by code and by QR', async () => {
    const world = await AccountWorld.open({ refuse: () => 503 })
    const instance = world.node({ rules: { retriesMax: 0 } })
    for (let n = 0; n < 31; n++) {
      expect(await instance.start('salon', n < 6 ? PHONE : undefined)).toEqual({ ok: true, value: null })
      await world.reaches(instance, 'salon', 'failed')
    }
    world.wa.behaviour.refuse = () => null
    expect(await instance.start('salon', PHONE)).toEqual({ ok: true, value: null })
    await world.reaches(instance, 'salon', 'code_shown')
  })

  it('because WhatsApp wants a pause of connections is told with its end, and the next waits for it', async () => {
    const world = await AccountWorld.open({ refuse: () => 429 })
    const instance = world.node()
    await instance.start('salon')
    await world.reaches(instance, 'salon', 'failed')
    const [told] = instance.errors
    expect(told).toMatchObject({ reason: 'WA_RATE_LIMITED', retryAt: expect.any(Number) })
    const next = { ok: false, refusal: { reason: 'COOLDOWN', retryAt: told?.retryAt } }
    expect(await instance.start('salon')).toEqual(next)
    expect(await instance.start('salon', PHONE)).toEqual(next)
    expect(world.wa.clients).toHaveLength(1)
  })
})
