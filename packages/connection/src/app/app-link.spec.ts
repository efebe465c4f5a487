import { decodeFirstFrame } from '@latchkey/protocol/terminal/first-frame'
import { CloseReason, encodeFrame, FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { expect, it } from 'vitest'
import { type HandSocket, handBroker, handPlatform, refused, settled } from '../hand-platform.fixture.ts'
import { openAppLink } from './app-link.ts'
import { handMachine } from './hand-machine.fixture.ts'
import type { AppLinkOptions, Paired, PairingStatus, Refusal } from './link.ts'
import type { LinkState } from './link-state.ts'
import type { Sealer, SealHandshake } from './sealer.ts'

const terminal = { ticket: 'a-ticket', expiresAt: 1 }
const paired = (runnerId = 'forge'): Paired => ({
  success: true,
  runnerId,
  pairedAt: 1,
  message: '',
  runnerLabel: 'Forge',
  pid: 'ab'.repeat(16),
  terminal,
})
const there: PairingStatus = {
  success: true,
  paired: true,
  runnerId: 'forge',
  runnerLabel: 'Forge',
  runnerOnline: true,
  message: '',
}
/** The broker has not said how it stands. */
const unpairedYet = refused('TIMEOUT')
const unpaired: PairingStatus = { success: true, paired: false, message: '' }

/** A sealer that knows these machines, and whose attempts never get further than their first step. */
function sealerOf(known: readonly string[], pairingName: string | null = null) {
  const met: string[] = []
  const waiting = async () => ({ status: 'waiting', send: [] as Uint8Array[] }) as const
  const handshake: SealHandshake = { begin: waiting, hear: waiting, enterPin: waiting, cancel: waiting }
  const sealer: Sealer = {
    knows: async (runnerId) => known.includes(runnerId),
    routeTicket: async (runnerId) => (known.includes(runnerId) ? `ticket of ${runnerId}` : null),
    pairingUrlTicket: () => null,
    pairingName: async () => pairingName,
    handshake: ({ runnerId }) => {
      met.push(runnerId)
      return handshake
    },
  }
  return { sealer, met }
}

async function link(
  options: Partial<AppLinkOptions> = {},
  status: PairingStatus | Refusal = unpaired,
  ticketAnswer?: object,
) {
  const hand = handPlatform()
  const broker = handBroker()
  const made = openAppLink(
    {
      brokerUrl: 'http://house.example',
      credential: null,
      label: 'phone',
      locale: 'en',
      platform: hand.platform,
      seal: null,
      onCredential: () => {},
      ...options,
    },
    broker.open,
  )
  const states: LinkState[] = []
  made.state.subscribe((state) => states.push(state))
  broker.last().answers('app:pairing:status', status)
  if (ticketAnswer !== undefined) broker.last().answers('terminal:ticket', ticketAnswer)
  broker.last().accept()
  await settled()
  const machine = () => {
    const socket = hand.sockets.at(-1)
    if (socket === undefined) throw new Error('no connection was opened')
    return { ...handMachine(socket), socket }
  }
  const asked = (name: string) => broker.last().said.filter((each) => each.name === name)
  return { ...hand, broker, made, states, machine, asked }
}

/** The text of the first frame of a terminal connection. */
const firstShown = (socket: HandSocket | undefined) => {
  const [frame] = socket?.frames() ?? []
  return frame === undefined ? null : decodeFirstFrame(frame, 4_096)?.ticket
}

/** A link that is live, paired by its code. */
async function live() {
  const one = await link()
  one.broker.last().answers('app:pair', paired())
  await one.made.pair('ABC-123-XYZ')
  await settled()
  await one.machine().admit()
  one.machine().welcome()
  expect(one.made.state.current.status).toBe('live')
  return one
}

it('pairs by a code, opens the channel with the ticket that comes along, and is live once the machine answers', async () => {
  const { made, states, sockets } = await live()
  expect(sockets).toHaveLength(1)
  expect(made.pairing.current).toEqual({ runnerId: 'forge', runnerLabel: 'Forge' })
  expect(made.machine.current).toMatchObject({ name: 'forge' })
  expect(states.map(({ status }) => status)).toEqual(['unpaired', 'connecting', 'live'])
})

it('goes on with a pairing that the broker knows, by a ticket that it asks for', async () => {
  const { made, asked, machine } = await link({ credential: 'mine' }, there, { success: true, terminal })
  expect(asked('terminal:ticket')).toHaveLength(1)
  await machine().admit()
  machine().welcome()
  expect(made.state.current.status).toBe('live')
})

it('a ticket that is not answered shows that the control connection is dead', async () => {
  const { broker, passes } = await link({ credential: 'mine' }, there, refused('TIMEOUT'))
  await passes(0)
  expect(broker.openings).toHaveLength(2)
})

it('no state is told twice', async () => {
  const { states, broker, made, asked } = await live()
  states.length = 0
  broker.last().tells('runner:online', { runnerId: 'forge' })
  broker.last().answers('app:pairing:status', there, there)
  await made.status()
  await made.status()
  expect(asked('app:pairing:status').length).toBeGreaterThan(2)
  expect(states).toEqual([])
})

it('stays live while only the control connection is lost', async () => {
  const { made, broker, machine, passes } = await live()
  broker.last().lose()
  await passes(500)
  expect(made.state.current.status).toBe('live')
  machine().close()
  expect(made.state.current).toMatchObject({ status: 'reconnecting' })
})

it('another connection of the same app ends it, until somebody wants it here', async () => {
  const { made, machine, passes, sockets } = await live()
  machine().close(CloseReason.superseded)
  await passes(60_000)
  expect(made.state.current).toEqual({ status: 'ended', reason: 'superseded' })
  expect(sockets).toHaveLength(1)
  made.reconnectNow()
  expect(made.state.current.status).not.toBe('ended')
})

it('a device that the broker does not know any more tries nothing by itself', async () => {
  const { made, broker, passes } = await link()
  broker.last().lose()
  await passes(999)
  broker.last().refuse('INVALID_SECRET')
  await passes(60_000)
  expect(made.state.current).toEqual({ status: 'ended', reason: 'not-a-node' })
  expect(broker.openings).toHaveLength(2)
})

it('a machine that breaks the protocol loses its channel; one that does not want this app ends the link', async () => {
  const broken = await live()
  broken.machine().says({ type: 'error', code: 'MALFORMED', message: '' })
  expect(broken.machine().socket.isClosed).toBe(true)
  expect(broken.made.state.current.status).toBe('reconnecting')
  const old = await live()
  old.machine().says({ type: 'error', code: 'VERSION', message: '' })
  expect(old.made.state.current).toEqual({ status: 'ended', reason: 'version' })
})

it('a pairing that is over ends a link without a key', async () => {
  const { made, broker, machine } = await live()
  broker.last().tells('runner:offline', { runnerId: 'forge', paired: false })
  expect(made.state.current).toEqual({ status: 'ended', reason: 'unpaired' })
  expect([made.pairing.current, machine().socket.isClosed]).toEqual([null, true])
})

it('with a key it comes back to its machine, and to no other that the broker leads it to', async () => {
  for (const { leadsTo, met, state } of [
    { leadsTo: 'forge', met: ['forge'], state: { status: 'connecting', failure: null, nextTryAtMs: null } },
    { leadsTo: 'mill', met: [], state: { status: 'refused', refusal: 'runner-changed' } },
  ]) {
    const { sealer, met: spoken } = sealerOf(['forge', 'mill'])
    const seal = { sealer, runnerId: null, allowUnsealed: false }
    const { made, broker, asked, machine } = await link({ credential: 'mine', seal }, there)
    expect(made.pairing.current?.runnerId).toBe('forge')
    broker.last().answers('app:pair', paired(leadsTo))
    broker.last().tells('runner:offline', { runnerId: 'forge', paired: false })
    await settled()
    expect(asked('app:pair').map(({ request }) => request)).toEqual([
      { runnerId: 'forge', routeTicket: 'ticket of forge' },
    ])
    await machine().admit(leadsTo)
    expect(spoken).toEqual(met)
    expect(made.state.current).toEqual(state)
  }
})

it('comes back by its credential, without a ticket, where the broker takes that', async () => {
  const { sealer, met } = sealerOf(['forge'], 'ab'.repeat(16))
  const seal = { sealer, runnerId: 'forge', allowUnsealed: false }
  const { sockets, broker, asked, machine } = await link({ credential: 'mine', seal }, there)
  broker.last().tells('terminal:ready', { ...paired(), terminal })
  await settled()
  const shown = { label: 'phone', protocol: PROTOCOL_VERSION, clientToken: 'mine' }
  expect(sockets.map(firstShown)).toEqual([JSON.stringify(shown)])
  await machine().admit()
  expect([met, asked('terminal:ticket'), sockets.length]).toEqual([['forge'], [], 1])
})

it('where its credential is not taken it goes by the ticket that has come meanwhile', async () => {
  for (const pairingName of ['ab'.repeat(16), null]) {
    const { sealer } = sealerOf(['forge'], pairingName)
    const seal = { sealer, runnerId: 'forge', allowUnsealed: false }
    const { sockets, broker, asked } = await link({ credential: 'mine', seal }, unpairedYet)
    broker.last().tells('terminal:ready', { ...paired(), terminal })
    await settled()
    if (pairingName !== null) {
      const refusal = Uint8Array.of(CloseReason.badTicket)
      sockets[0]?.onFrame(encodeFrame(FrameType.close, NO_CHANNEL, refusal))
      await settled()
    }
    expect(firstShown(sockets.at(-1))).toBe('a-ticket')
    expect([asked('terminal:ticket'), sockets.length]).toEqual([[], pairingName === null ? 1 : 2])
  }
})

it('an app that its machine does not take back is told so', async () => {
  const { sealer } = sealerOf(['forge'])
  const seal = { sealer, runnerId: 'forge', allowUnsealed: false }
  const { made, broker, passes } = await link({ credential: 'mine', seal }, there)
  broker.last().answers('app:pair', refused('CODE_NOT_FOUND'), refused('CODE_NOT_FOUND'))
  broker.last().tells('runner:offline', { runnerId: 'forge', paired: false })
  await passes(60_000)
  expect(made.state.current).toEqual({ status: 'refused', refusal: 'revoked' })
})

it('a come-back that a new pairing has overtaken changes nothing', async () => {
  const { sealer } = sealerOf(['forge'])
  const seal = { sealer, runnerId: 'forge', allowUnsealed: false }
  const { made, broker, passes } = await link({ credential: 'mine', seal }, there)
  broker.last().answers('app:pair', refused('RUNNER_OFFLINE'), paired('mill'), paired('forge'))
  broker.last().tells('runner:offline', { runnerId: 'forge', paired: false })
  await settled()
  await made.pair('DEF-456-UVW')
  await passes(10_000)
  expect(made.pairing.current?.runnerId).toBe('mill')
})

it('after its end nothing is tried, and no timer is left', async () => {
  const { made, broker, passes, timers, machine } = await live()
  made.close()
  expect(made.state.current).toEqual({ status: 'ended', reason: 'closed' })
  expect([machine().socket.isClosed, broker.last().state.isClosed]).toEqual([true, true])
  await passes(60_000)
  expect([broker.openings.length, timers.size]).toEqual([1, 0])
})
