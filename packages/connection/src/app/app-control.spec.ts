import { expect, it } from 'vitest'
import { handBroker, handPlatform, refused, settled } from '../hand-platform.fixture.ts'
import { appControl, pairBy, probe } from './app-control.ts'
import type { LinkEvents } from './link-events.ts'
import type { PairingUrlSecret, Sealer } from './sealer.ts'

const secret: PairingUrlSecret = {
  reach: new Uint8Array(32),
  oneTimeSecret: new Uint8Array(16),
  runnerId: 'forge',
}
const sealer = { pairingUrlTicket: ({ runnerId }) => runnerId && 'a-ticket' } as Partial<Sealer> as Sealer

async function control(credential: string | null = null, token: string | null = null) {
  const hand = handPlatform()
  const broker = handBroker()
  const kept: string[] = []
  const seen: object[] = []
  const events = {
    brokerReached: () => {},
    brokerAway: () => {},
    turnedAway: () => {},
    changed: () => {},
    machineSeen: (news: object) => void seen.push(news),
  } as Partial<LinkEvents> as LinkEvents
  const made = appControl(
    {
      brokerUrl: 'http://house.example',
      credential,
      peerToken: () => token,
      label: 'phone',
      locale: 'en',
      platform: hand.platform,
      seal: null,
      onCredential: (each) => void kept.push(each),
    },
    () => 'forge',
    events,
    broker.open,
  )
  made.start()
  broker.last().accept()
  await settled()
  return { ...hand, broker, made, kept, seen }
}

it('shows the credential and the peer token that there are, and the newest credential later', async () => {
  const { broker, made, kept, passes } = await control('old', 'mpt_1')
  expect(broker.last().auth).toEqual({
    label: 'phone',
    protocol: 1,
    clientToken: 'old',
    token: 'mpt_1',
  })
  broker.last().tells('app:session', { clientToken: 'old' })
  broker.last().tells('app:session', { clientToken: 'new' })
  expect(kept, 'the same one is not kept again').toEqual(['new'])
  made.replace()
  await passes(0)
  expect(broker.last().auth).toMatchObject({ clientToken: 'new' })
  expect((await control()).broker.last().auth).toEqual({ label: 'phone', protocol: 1 })
})

it('tells what the broker says of the machine', async () => {
  const { broker, seen } = await control()
  broker.last().tells('runner:online', { runnerId: 'forge' })
  broker.last().tells('runner:offline', { runnerId: 'forge', paired: true, until: 5 })
  broker.last().tells('runner:offline', { runnerId: 'forge', paired: false })
  expect(seen).toEqual([
    { online: true, paired: true, untilMs: null },
    { online: false, paired: true, untilMs: 5 },
    { online: false, paired: false, untilMs: null },
  ])
})

it('a probe replaces a connection that answers nothing, and no other', async () => {
  const { broker, made, passes } = await control()
  broker.last().answers('app:pairing:status', refused('NETWORK_ERROR'), refused('TIMEOUT'))
  await probe(made)
  expect([made.isUp, broker.last().state.isClosed]).toEqual([true, false])
  await probe(made)
  expect([made.isUp, broker.last().state.isClosed]).toEqual([false, true])
  await passes(0)
  expect(broker.openings).toHaveLength(2)
})

it('a pairing URL leads by its ticket, and by its code only when the ticket is used up', async () => {
  for (const { secret: by, answers, asked } of [
    { secret: null, answers: ['RUNNER_OFFLINE'], asked: [{ pairingCode: 'ABC' }] },
    { secret, answers: ['RUNNER_OFFLINE'], asked: [{ runnerId: 'forge', routeTicket: 'a-ticket' }] },
    {
      secret,
      answers: ['CODE_NOT_FOUND', 'RUNNER_OFFLINE'],
      asked: [{ runnerId: 'forge', routeTicket: 'a-ticket' }, { pairingCode: 'ABC' }],
    },
    { secret: { ...secret, runnerId: null }, answers: ['RUNNER_OFFLINE'], asked: [{ pairingCode: 'ABC' }] },
  ] as const) {
    const { broker, made } = await control()
    broker.last().answers('app:pair', ...answers.map((code) => refused(code)))
    expect(await pairBy('ABC', by, sealer, made)).toMatchObject({ code: 'RUNNER_OFFLINE' })
    expect(broker.last().said.map(({ request }) => request)).toEqual(asked)
  }
})
