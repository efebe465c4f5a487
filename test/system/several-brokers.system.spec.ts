import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { startRunner } from '../../apps/runner/src/host.ts'
import { loadIdentity } from '../../apps/runner/src/identity.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'
import { type EchoingApp, echoingApp, holds } from './echoing-app.ts'
import { startThreeBrokers, type ThreeBrokers } from './three-brokers.ts'
import { temporaryFolder } from './up-process.ts'

afterEach(cleanUp)

const MACHINES = 3
const APPS_EACH = 2
/** Longer than a broker instance's lease. */
const OUTAGE_MS = 12_000

/** A machine at `brokerUrl`; answers with its code. */
async function machine({ secret }: ThreeBrokers, brokerUrl: string): Promise<string> {
  const folder = temporaryFolder()
  atCleanUp(() => folder.remove())
  let code = ''
  let online = false
  const host = await startRunner({
    brokerUrl,
    identity: loadIdentity(`${folder.path}/identity.json`),
    secret,
    shell: '/bin/sh',
    folder: '/tmp',
    allowUnsealed: true,
    onEvent: (event) => {
      if (event.type === 'registered' || event.type === 'code') code = event.code
      if (event.type === 'link') online = event.status === 'online'
      if (event.type === 'pin' && event.pin !== null && event.unsealed) host.accept(event.pin)
    },
  })
  atCleanUp(() => host.stop())
  await holds('the machine to be online', () => online)
  return code
}

/** Types without pause until told to stop. */
function typing(apps: readonly EchoingApp[]): { stop(): void } {
  const timer = setInterval(() => {
    for (const app of apps) app.type()
  }, 50)
  atCleanUp(() => clearInterval(timer))
  return { stop: () => clearInterval(timer) }
}

/** How long it takes from now until each of them has typed something and seen it come back. */
async function untilAllType(apps: readonly EchoingApp[]): Promise<number> {
  const began = performance.now()
  const marks = apps.map((app) => app.typed().length)
  await holds(
    'everybody to type again',
    () => apps.every((app, index) => app.drawn().length > (marks[index] ?? 0)),
    60_000,
  )
  return performance.now() - began
}

async function expectNothingLost(apps: readonly EchoingApp[]): Promise<void> {
  await holds('all of it to come back', () => apps.every((app) => app.drawn().length >= app.typed().length))
  for (const app of apps) {
    expect(app.drawn().toString()).toBe(app.typed().toString())
    expect(app.breaks).toEqual([])
  }
}

/** The broker that has opened most channels. */
function busiest({ brokers, pidOf, logged }: ThreeBrokers): string {
  const channels = (name: string) => logged('terminal.channel-opened', pidOf(name))
  return brokers
    .map(({ name }) => name)
    .reduce((most, name) => (channels(name) > channels(most) ? name : most))
}

describe('three brokers', () => {
  let three: ThreeBrokers
  beforeAll(async () => {
    three = await startThreeBrokers()
  })
  beforeEach(() => three.whole())

  /** Machines and apps behind the load balancer, all at work. */
  async function atWork(machines: number, appsEach: number): Promise<EchoingApp[]> {
    const codes = await Promise.all(Array.from({ length: machines }, () => machine(three, three.url)))
    const apps: Promise<EchoingApp>[] = codes.flatMap((code, at) =>
      Array.from({ length: appsEach }, (_, n) => echoingApp(three.url, code, `app ${at}.${n}`)),
    )
    return Promise.all(apps)
  }

  it('carry a terminal from the broker that its app reached to the one that its machine reached', async () => {
    const [first, second] = three.brokers
    const code = await machine(three, first?.url ?? '')
    const before = three.logged('terminal.carried')
    const apps = [
      await echoingApp(second?.url ?? '', code, 'elsewhere'),
      await echoingApp(first?.url ?? '', code, 'here'),
    ]
    expect(three.logged('terminal.carried') - before).toBe(1)
    const typists = typing(apps)
    await holds('some work', () => apps.every((app) => app.drawn().length > 500))
    typists.stop()
    await expectNothingLost(apps)
  })

  it('are reached so that both ends of a terminal meet at one, without a detour', async () => {
    const before = three.logged('terminal.carried')
    const apps = await atWork(2, 2)
    expect(three.logged('terminal.carried')).toBe(before)
    const typists = typing(apps)
    await untilAllType(apps)
    typists.stop()
    await expectNothingLost(apps)
  })

  it('lose no byte when one of them is killed, and everybody types again', async () => {
    const apps = await atWork(MACHINES, APPS_EACH)
    const typists = typing(apps)
    await untilAllType(apps)
    three.end(busiest(three), 'SIGKILL')
    await untilAllType(apps)
    typists.stop()
    await expectNothingLost(apps)
  })

  it('lose no byte when one of them is stopped and started again in good order', async () => {
    const apps = await atWork(3, 1)
    const typists = typing(apps)
    await untilAllType(apps)
    let stopped = three.logged('broker.stopped')
    for (const { name } of three.brokers) {
      await three.whole()
      three.end(name, 'SIGTERM')
      await holds(`${name} to end`, () => three.logged('broker.stopped') > stopped)
      stopped++
      await untilAllType(apps)
    }
    typists.stop()
    await expectNothingLost(apps)
  })

  it('go on with the terminals that are open while Redis answers nobody, and find those that were cut off when it is back', async () => {
    const [first, second] = three.brokers
    const code = await machine(three, first?.url ?? '')
    const proxy = new FaultProxy(Number(new URL(second?.url ?? '').port))
    const proxied = await proxy.listen()
    atCleanUp(() => proxy.close())
    const attached = [
      await echoingApp(second?.url ?? '', code, 'elsewhere'),
      await echoingApp(first?.url ?? '', code, 'here'),
    ]
    const cutOff = await echoingApp(proxied, code, 'cut off')
    const all = [...attached, cutOff]
    const typists = typing(all)
    await untilAllType(all)
    const opened = three.logged('terminal.channel-opened')
    process.kill(three.redisPid, 'SIGSTOP')
    proxy.cutAll()
    const stopped = performance.now()
    while (performance.now() - stopped < OUTAGE_MS) await untilAllType(attached)
    expect(three.logged('terminal.channel-opened'), 'nobody had to come back, and nobody could').toBe(opened)
    expect(cutOff.link.state.current.status).not.toBe('live')
    process.kill(three.redisPid, 'SIGCONT')
    await untilAllType(all)
    typists.stop()
    await expectNothingLost(all)
  })
})

it('three brokers that people reach one by one: a terminal goes straight to the one that has its machine', async () => {
  const three = await startThreeBrokers(['--direct'])
  atCleanUp(() => three.stop())
  const [first, second] = three.brokers
  const code = await machine(three, first?.url ?? '')
  const apps = [
    await echoingApp(second?.url ?? '', code, 'elsewhere'),
    await echoingApp(three.url, code, 'anywhere'),
  ]
  const typists = typing(apps)
  await holds('some work', () => apps.every((app) => app.drawn().length > 500))
  typists.stop()
  await expectNothingLost(apps)
  expect(three.logged('terminal.carried')).toBe(0)
})
