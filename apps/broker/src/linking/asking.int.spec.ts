import type { PhoneNumber } from '@latchkey/domain/linking/link'
import { afterEach, describe, expect, it } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { cleanUp } from '../testing/harness.ts'
import { total } from '../testing/link-counts.ts'
import { LinkWorld } from '../testing/linking-world.ts'
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
    const world = await LinkWorld.open({ accountOf: () => asDigits(SHORTER) })
    const node = world.node()
    await node.start('salon', LONGER)
    await world.reaches(node, 'salon', 'code_shown')
    await world.wa.phone(SHORTER).enterCode(node.code('salon'))
    await world.reaches(node, 'salon', 'connected')
    expect(node.session('salon').machine.link).toMatchObject({ phone: SHORTER })
    for (const number of [LONGER, SHORTER])
      expect(await node.start('rival', number)).toEqual(refusal('NUMBER_UNAVAILABLE'))
    await node.pool.unlink(sessionIdOf('salon'))
    await node.session('salon').settled()
    expect(await node.start('rival', LONGER)).toEqual({ ok: true, value: null })
  })

  it('has one budget: five codes an hour, however it is spelled', async () => {
    const world = await LinkWorld.open()
    const node = world.node()
    for (let n = 0; n < 5; n++) {
      await node.start(`salon${n}`, n % 2 === 0 ? LONGER : SHORTER)
      await world.reaches(node, `salon${n}`, 'code_shown')
    }
    expect(await node.start('sixth', LONGER)).toEqual(refusal('COOLDOWN'))
    expect(await node.start('sixth', SHORTER)).toEqual(refusal('COOLDOWN'))
  })

  it('is asked for by the other one when WhatsApp refuses the first, and by no third', async () => {
    const asked: string[] = []
    const world = await LinkWorld.open({
      onCodeRequest: (number) => {
        asked.push(number)
        return number === asDigits(SHORTER) ? 'accept' : { error: 400, text: 'bad-request' }
      },
    })
    const node = world.node()
    await node.start('salon', LONGER)
    await world.reaches(node, 'salon', 'code_shown')
    await world.wa.phone(SHORTER).enterCode(node.code('salon'))
    await world.reaches(node, 'salon', 'connected')
    expect(asked).toEqual([asDigits(LONGER), asDigits(SHORTER)])
    world.wa.behaviour.onCodeRequest = (number) => {
      asked.push(number)
      return { error: 400, text: 'bad-request' }
    }
    await node.start('other', '+5215512340001' as PhoneNumber)
    await world.reaches(node, 'other', 'failed')
    expect(asked.slice(2)).toEqual(['5215512340001', '525512340001'])
    expect(node.errors.map(({ reason }) => reason)).toEqual(['WA_REFUSED'])
  })
})

describe('an attempt that does not come about', () => {
  it('is cancelled also when its end is asked for right behind it', async () => {
    const world = await LinkWorld.open()
    const node = world.node()
    const [started, cancelled] = await Promise.all([
      node.start('salon', PHONE),
      node.pool.cancel(sessionIdOf('salon')),
    ])
    expect([started.ok, cancelled.ok]).toEqual([true, true])
    expect(node.status('salon')).toBe('idle')
    await node.session('salon').settled()
    expect(world.wa.codeRequestCount()).toBe(0)
    expect(await total(node.counters, 'wa_link_abandoned_total')).toBe(1)
  })

  it('while WhatsApp is away is on no budget, by code and by QR', async () => {
    const world = await LinkWorld.open({ refuse: () => 503 })
    const node = world.node({ rules: { retriesMax: 0 } })
    for (let n = 0; n < 31; n++) {
      expect(await node.start('salon', n < 6 ? PHONE : undefined)).toEqual({ ok: true, value: null })
      await world.reaches(node, 'salon', 'failed')
    }
    world.wa.behaviour.refuse = () => null
    expect(await node.start('salon', PHONE)).toEqual({ ok: true, value: null })
    await world.reaches(node, 'salon', 'code_shown')
  })

  it('because WhatsApp wants a pause of connections is told with its end, and the next waits for it', async () => {
    const world = await LinkWorld.open({ refuse: () => 429 })
    const node = world.node()
    await node.start('salon')
    await world.reaches(node, 'salon', 'failed')
    const [told] = node.errors
    expect(told).toMatchObject({ reason: 'WA_RATE_LIMITED', retryAt: expect.any(Number) })
    const next = { ok: false, refusal: { reason: 'COOLDOWN', retryAt: told?.retryAt } }
    expect(await node.start('salon')).toEqual(next)
    expect(await node.start('salon', PHONE)).toEqual(next)
    expect(world.wa.clients).toHaveLength(1)
  })
})
