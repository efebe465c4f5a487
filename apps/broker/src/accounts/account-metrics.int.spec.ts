import { afterEach, expect, it } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { standing, total } from '../testing/account-counts.ts'
import { type AccountInstance, AccountWorld } from '../testing/account-world.ts'
import { cleanUp, until } from '../testing/harness.ts'
import { sessionIdOf } from './marketplace-peer.ts'

/** What each thing that happens to an account counts, and nothing else: the real client and a WhatsApp-shaped server. */
afterEach(cleanUp)

/** What a scenario moves, and by how much. */
async function moved(
  instance: AccountInstance,
  scenario: () => Promise<unknown>,
): Promise<readonly string[]> {
  const before = await standing(instance.counters)
  await scenario()
  const after = await standing(instance.counters)
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((name) => {
    const by = (after.get(name) ?? 0) - (before.get(name) ?? 0)
    // A login goes on writing for a while after it is one.
    if (by === 0 || name === 'wa_store_write_seconds') return []
    return [`${name} ${by > 0 ? '+' : ''}${by}`]
  })
}

it('each scenario moves its own counters by one, and no other (sentence 50)', async () => {
  const world = await AccountWorld.open()
  const instance = world.node({ rules: { codeAnswerMs: 1_000, firstBackOffMs: 1, newCodeAfterMs: 0 } })
  let number = 0
  /** of a new company and a new number */
  const code = async (salon: string, status: string) => {
    await instance.start(salon, phoneNumber(++number))
    await world.reaches(instance, salon, status)
  }
  const qr = async (salon: string) => {
    await instance.start(salon)
    await world.reaches(instance, salon, 'qr')
  }
  const linkedBy = (method: string) => [
    'wa_disconnect_total 515 +1',
    'wa_lease_held +1',
    `wa_link_seconds ${method} +1`,
    `wa_link_started_total ${method} +1`,
    `wa_link_succeeded_total ${method} +1`,
    'wa_sessions connected +1',
  ]
  const settled = async (salon: string) => {
    await instance.session(salon).settled()
    await until('its lease to be free', () => !instance.pool.isHere(sessionIdOf(salon)))
  }

  expect(await moved(instance, () => world.link(instance, 'qr', phoneNumber(++number)))).toEqual(
    linkedBy('qr'),
  )
  expect((await standing(instance.counters)).get('wa_store_write_seconds')).toBeGreaterThan(0)
  expect(
    await moved(instance, async () => {
      await code('code', 'code_shown')
      await world.wa.phone(phoneNumber(number)).enterCode(instance.code('code'))
      await world.reaches(instance, 'code', 'connected')
    }),
  ).toEqual([...linkedBy('code'), 'wa_link_code_issued_total +1'].toSorted())

  for (const [answer, reason] of [
    [{ error: 400, text: 'no' }, 'WA_REFUSED'],
    [{ error: 429, text: 'no' }, 'WA_RATE_LIMITED'],
    ['silent', 'WA_NO_ANSWER'],
  ] as const) {
    world.wa.behaviour.onCodeRequest = () => answer
    const asking = async () => {
      await code(reason, 'failed')
      await settled(reason)
    }
    expect(await moved(instance, asking)).toEqual([
      `wa_link_failed_total code ${reason} +1`,
      'wa_link_started_total code +1',
      'wa_sessions failed +1',
    ])
  }
  world.wa.behaviour.onCodeRequest = () => 'accept'

  expect(await moved(instance, () => qr('switch'))).toEqual([
    'wa_lease_held +1',
    'wa_link_started_total qr +1',
    'wa_sessions qr +1',
  ])
  expect(await moved(instance, () => instance.start('switch'))).toEqual([])
  expect(await moved(instance, () => code('switch', 'code_shown'))).toEqual([
    'wa_link_abandoned_total +1',
    'wa_link_code_issued_total +1',
    'wa_link_method_switch_total qr code +1',
    'wa_link_started_total code +1',
    'wa_sessions code_shown +1',
    'wa_sessions qr -1',
  ])
  const cancelling = async () => {
    await instance.pool.cancel(sessionIdOf('switch'))
    await settled('switch')
  }
  expect(await moved(instance, cancelling)).toEqual([
    'wa_lease_held -1',
    'wa_link_abandoned_total +1',
    'wa_sessions code_shown -1',
    'wa_sessions idle +1',
  ])

  const losing = async () => {
    const phone = phoneNumber(1).slice(1)
    world.wa
      .live()
      .find(({ device }) => device?.jid.startsWith(phone))
      ?.drop()
    await until('it to come back', async () => (await total(instance.counters, 'wa_reconnect_total')) === 1)
    await world.reaches(instance, 'qr', 'connected')
  }
  const lost = await moved(instance, losing)
  expect(lost.filter((each) => !each.startsWith('wa_disconnect_total'))).toEqual(['wa_reconnect_total +1'])
  expect(lost.filter((each) => each.startsWith('wa_disconnect_total'))).toHaveLength(1)
})

it('started is succeeded, failed, abandoned and in progress, whatever happens (sentence 51)', async () => {
  const world = await AccountWorld.open()
  const instance = world.node()
  await world.link(instance, 'a', phoneNumber(1))
  await instance.start('b', phoneNumber(2))
  await world.reaches(instance, 'b', 'code_shown')
  await instance.pool.cancel(sessionIdOf('b'))
  world.wa.behaviour.onCodeRequest = () => ({ error: 400, text: 'no' })
  await instance.start('c', phoneNumber(3))
  await world.reaches(instance, 'c', 'failed')
  await instance.start('d')
  await world.reaches(instance, 'd', 'qr')
  world.wa.behaviour.onCodeRequest = () => 'accept'
  await instance.start('d', phoneNumber(4))
  await world.reaches(instance, 'd', 'code_shown')
  const series = await standing(instance.counters)
  expect(
    [...series].map((each) => each.join(' ')).filter((each) => /^wa_link_[a-z_]+_total/.test(each)),
  ).toEqual([
    'wa_link_started_total qr 2',
    'wa_link_started_total code 3',
    'wa_link_code_issued_total 2',
    'wa_link_succeeded_total qr 1',
    'wa_link_failed_total code WA_REFUSED 1',
    'wa_link_method_switch_total qr code 1',
    'wa_link_abandoned_total 2',
  ])
  expect(series.get('wa_sessions code_shown')).toBe(1)
})
