import { afterEach, expect, it } from 'vitest'
import { phoneNumber } from '../../../../packages/whatsapp/src/testing/companion.ts'
import { cleanUp, until } from '../testing/harness.ts'
import { standing, total } from '../testing/link-counts.ts'
import { type LinkNode, LinkWorld } from '../testing/linking-world.ts'
import { sessionIdOf } from './marketplace-peer.ts'

/** What each thing that happens to a link counts, and nothing else: the real client and a WhatsApp-shaped server. */
afterEach(cleanUp)

/** What a scenario moves, and by how much. */
async function moved(node: LinkNode, scenario: () => Promise<unknown>): Promise<readonly string[]> {
  const before = await standing(node.counters)
  await scenario()
  const after = await standing(node.counters)
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((name) => {
    const by = (after.get(name) ?? 0) - (before.get(name) ?? 0)
    // A login goes on writing for a while after it is one.
    if (by === 0 || name === 'wa_store_write_seconds') return []
    return [`${name} ${by > 0 ? '+' : ''}${by}`]
  })
}

it('each scenario moves its own counters by one, and no other (sentence 50)', async () => {
  const world = await LinkWorld.open()
  const node = world.node({ rules: { codeAnswerMs: 1_000, firstBackOffMs: 1, newCodeAfterMs: 0 } })
  let number = 0
  /** of a new company and a new number */
  const code = async (salon: string, status: string) => {
    await node.start(salon, phoneNumber(++number))
    await world.reaches(node, salon, status)
  }
  const qr = async (salon: string) => {
    await node.start(salon)
    await world.reaches(node, salon, 'qr')
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
    await node.session(salon).settled()
    await until('its lease to be free', () => !node.pool.isHere(sessionIdOf(salon)))
  }

  expect(await moved(node, () => world.link(node, 'qr', phoneNumber(++number)))).toEqual(linkedBy('qr'))
  expect((await standing(node.counters)).get('wa_store_write_seconds')).toBeGreaterThan(0)
  expect(
    await moved(node, async () => {
      await code('code', 'code_shown')
      await world.wa.phone(phoneNumber(number)).enterCode(node.code('code'))
      await world.reaches(node, 'code', 'connected')
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
    expect(await moved(node, asking)).toEqual([
      `wa_link_failed_total code ${reason} +1`,
      'wa_link_started_total code +1',
      'wa_sessions failed +1',
    ])
  }
  world.wa.behaviour.onCodeRequest = () => 'accept'

  expect(await moved(node, () => qr('switch'))).toEqual([
    'wa_lease_held +1',
    'wa_link_started_total qr +1',
    'wa_sessions qr +1',
  ])
  expect(await moved(node, () => node.start('switch'))).toEqual([])
  expect(await moved(node, () => code('switch', 'code_shown'))).toEqual([
    'wa_link_abandoned_total +1',
    'wa_link_code_issued_total +1',
    'wa_link_method_switch_total qr code +1',
    'wa_link_started_total code +1',
    'wa_sessions code_shown +1',
    'wa_sessions qr -1',
  ])
  const cancelling = async () => {
    await node.pool.cancel(sessionIdOf('switch'))
    await settled('switch')
  }
  expect(await moved(node, cancelling)).toEqual([
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
    await until('it to come back', async () => (await total(node.counters, 'wa_reconnect_total')) === 1)
    await world.reaches(node, 'qr', 'connected')
  }
  const lost = await moved(node, losing)
  expect(lost.filter((each) => !each.startsWith('wa_disconnect_total'))).toEqual(['wa_reconnect_total +1'])
  expect(lost.filter((each) => each.startsWith('wa_disconnect_total'))).toHaveLength(1)
})

it('started is succeeded, failed, abandoned and in progress, whatever happens (sentence 51)', async () => {
  const world = await LinkWorld.open()
  const node = world.node()
  await world.link(node, 'a', phoneNumber(1))
  await node.start('b', phoneNumber(2))
  await world.reaches(node, 'b', 'code_shown')
  await node.pool.cancel(sessionIdOf('b'))
  world.wa.behaviour.onCodeRequest = () => ({ error: 400, text: 'no' })
  await node.start('c', phoneNumber(3))
  await world.reaches(node, 'c', 'failed')
  await node.start('d')
  await world.reaches(node, 'd', 'qr')
  world.wa.behaviour.onCodeRequest = () => 'accept'
  await node.start('d', phoneNumber(4))
  await world.reaches(node, 'd', 'code_shown')
  const series = await standing(node.counters)
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
