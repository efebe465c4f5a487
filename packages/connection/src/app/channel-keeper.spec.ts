import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import { handPlatform, settled } from '../hand-platform.fixture.ts'
import { ChannelKeeper, type Ticket } from './channel-keeper.ts'
import { handMachine } from './hand-machine.fixture.ts'
import { SealKeeper } from './seal-keeper.ts'
import { WatchedRunner } from './watched-runner.ts'

const ticket = { terminal: { ticket: 'a-ticket', expiresAt: 1 } }

function kept(tickets: Ticket[] = []) {
  const hand = handPlatform()
  const told: string[] = []
  const asked = { times: 0 }
  const { platform } = hand
  const ignored = { changed: () => {}, machineBroken: () => {}, machineRefused: () => {} }
  const keeper = new ChannelKeeper({
    brokerUrl: 'http://house.example',
    runnerId: () => 'forge',
    platform,
    watched: new WatchedRunner({ platform, label: 'phone', locale: 'en', features: [], events: ignored }),
    seal: new SealKeeper(null, platform, 'phone', () => {}),
    ticket: async () => {
      asked.times += 1
      return tickets.shift() ?? ticket
    },
    events: {
      channelLost: (reason) => void told.push(`lost ${reason}`),
      machineSilent: () => void told.push('silent'),
      slept: () => void told.push('slept'),
      changed: () => {},
    },
  })
  /** The machine at the other end of the connection that was opened last. */
  const machine = () => {
    const socket = hand.sockets.at(-1)
    if (socket === undefined) throw new Error('no connection was opened')
    return { ...handMachine(socket), socket }
  }
  const live = async () => {
    keeper.openNow(ticket)
    await settled()
    await machine().admit()
    machine().welcome()
  }
  return { ...hand, keeper, told, asked, machine, live }
}

it('opens with a ticket, says hello, and is alive once the machine has answered', async () => {
  const { keeper, machine, asked } = kept()
  keeper.open()
  await settled()
  expect(asked.times).toBe(1)
  await machine().admit()
  expect(keeper.facts).toMatchObject({ status: 'up', proof: 'unproven', sealed: false, caughtUp: false })
  expect(machine().heard()[0]).toMatchObject({ type: 'hello', label: 'phone' })
  machine().welcome()
  expect(keeper.facts).toMatchObject({ status: 'up', proof: 'alive', caughtUp: true })
})

it('without a ticket it waits for the next wish, or for a while', async () => {
  const { keeper, sockets, asked, passes } = kept(['stop', 'later'])
  keeper.open()
  await passes(60_000)
  expect([asked.times, sockets.length]).toEqual([1, 0])
  keeper.open()
  await passes(998)
  expect(asked.times).toBe(2)
  await passes(1)
  expect([asked.times, sockets.length]).toEqual([3, 1])
})

it('a machine that is silent is told once, and given up after that', async () => {
  const { keeper, told, passes, live, sockets } = kept()
  await live()
  await passes(5_000)
  expect(told, 'it is asked now').toEqual([])
  await passes(4_000)
  expect(told).toEqual(['silent'])
  expect(keeper.isSilent).toBe(true)
  await passes(3_000)
  expect(told).toEqual(['silent', 'lost timeout'])
  await passes(999)
  expect(sockets).toHaveLength(2)
})

it('a machine that answers is kept, asked every five seconds', async () => {
  const { told, passes, live, machine, sockets } = kept()
  await live()
  for (let rounds = 1; rounds <= 12; rounds++) {
    await passes(5_000)
    machine().pong()
    expect(
      machine()
        .heard()
        .filter(({ type }) => type === 'ping'),
    ).toHaveLength(rounds + 1)
  }
  expect([told, sockets.length]).toEqual([[], 1])
})

it('after a sleep the silence proves nothing: it is said, and the channel stays', async () => {
  const { keeper, told, sleeps, live } = kept()
  await live()
  await sleeps(3_600_000)
  expect(told).toEqual(['slept'])
  expect(keeper.facts.status).toBe('up')
})

it('a probe gives up a channel that does not answer within two seconds, and keeps one that does', async () => {
  const { keeper, told, passes, live, machine } = kept()
  await live()
  keeper.probe()
  machine().pong()
  await passes(2_000)
  expect(told).toEqual([])
  keeper.probe()
  await passes(1_999)
  expect(told).toEqual([])
  await passes(1)
  expect(told).toEqual(['lost timeout'])
})

it('a channel that is lost is opened again, later each time while none lasts', async () => {
  const { told, passes, live, machine, sockets } = kept()
  await live()
  for (const waitMs of [999, 1_999, 3_999, 3_999]) {
    machine().close()
    const before = sockets.length
    await passes(waitMs - 1)
    expect(sockets).toHaveLength(before)
    await passes(1)
    expect(sockets).toHaveLength(before + 1)
    await machine().admit()
  }
  expect(told).toEqual(Array(4).fill(`lost ${CloseReason.appGone}`))
})

it('a channel whose pairing ended is not opened again', async () => {
  const { keeper, told, passes, live, machine, sockets } = kept()
  await live()
  machine().close(CloseReason.unpaired)
  await passes(60_000)
  expect([told, sockets.length]).toEqual([[`lost ${CloseReason.unpaired}`], 1])
  expect(keeper.facts).toEqual({ status: 'down', nextTryAtMs: null })
})

it('shut ends what is open and all tries, and tells nothing of it', async () => {
  const open = kept()
  await open.live()
  open.keeper.shut()
  expect(open.sockets[0]?.isClosed).toBe(true)
  const trying = kept()
  trying.keeper.open()
  await settled()
  trying.keeper.shut()
  await trying.machine().admit()
  expect(trying.sockets[0]?.isClosed, 'a try that is admitted late').toBe(true)
  for (const { passes, told, sockets } of [open, trying]) {
    await passes(60_000)
    expect([told, sockets.length]).toEqual([[], 1])
  }
})

it('hold leaves what is open, and ends the waiting for a try', async () => {
  const { keeper, passes, live, machine, sockets } = kept()
  await live()
  keeper.hold()
  expect(keeper.facts.status).toBe('up')
  machine().close()
  keeper.hold()
  await passes(60_000)
  expect(sockets).toHaveLength(1)
})

it('news of the machine begin a try anew that was not admitted, a further wish does not', async () => {
  const { keeper, sockets, machine } = kept()
  keeper.open()
  await settled()
  keeper.open()
  keeper.openNow(null)
  await settled()
  expect(sockets).toHaveLength(1)
  keeper.openAnew()
  await settled()
  expect(sockets).toHaveLength(2)
  await machine().admit()
  expect(keeper.facts.status).toBe('up')
  keeper.openAnew()
  await settled()
  expect(sockets, 'not while one is open').toHaveLength(2)
})

it('a broker that cannot be reached is tried again with back-off', async () => {
  const { keeper, state, passes, asked, told } = kept()
  state.unreachable = true
  keeper.open()
  await passes(999)
  expect(asked.times).toBe(2)
  await passes(1_998)
  expect(asked.times).toBe(2)
  await passes(1)
  expect([asked.times, told]).toEqual([3, []])
})
