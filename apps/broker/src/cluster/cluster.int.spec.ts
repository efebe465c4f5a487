import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { consoleEvent, PAGE_KEY_HEADER, signInReply } from '@latchkey/protocol/console'
import { CloseReason, FrameType } from '@latchkey/protocol/terminal/frames'
import { openRedis } from '@latchkey/stores/redis/connection'
import { redisPairingStore } from '@latchkey/stores/redis/pairing.store'
import { describe, expect, it } from 'vitest'
import { PairingSessionService } from '../runner-pairing/pairing-session.service.ts'
import { twoBrokers } from '../testing/cluster.ts'
import {
  appToken,
  atCleanUp,
  code,
  registerOurs,
  runnerKeys,
  type TestBroker,
  type TestClient,
  ticketOf,
  until,
  within,
} from '../testing/harness.ts'
import { enterTerminal, type TerminalClient } from '../testing/terminal-client.ts'

let a: TestBroker
let b: TestBroker
const stores = twoBrokers((one, other) => {
  a = one
  b = other
})

/** names a runner's process: 128 bits */
const PROCESS = 'a'.repeat(32)
let codes = 0
const nextCode = (): string => code(++codes)

/** A runner on one broker and an app on another, paired. */
async function pairedAcross(runnerOn: TestBroker, appOn: TestBroker) {
  const keys = runnerKeys()
  const runner = await runnerOn.connect()
  const pairingCode = nextCode()
  const registered = await registerOurs(runner, keys, {
    pairingCode,
    incarnation: PROCESS,
    secret: a.secret,
  })
  expect(registered).toMatchObject({ success: true })
  const app = await appOn.connect({ label: 'a phone' })
  const token = await appToken(app)
  const paired = await app.call('app:pair', { pairingCode })
  expect(paired).toMatchObject({ success: true, runnerId: keys.runnerId })
  return { keys, runner, app, token, pairingCode, registered, paired }
}

/** Both ends' terminal sockets at the runner's broker, and the channel between them. */
async function openChannel(
  home: TestBroker,
  registered: Readonly<Record<string, unknown>>,
  app: TestClient,
): Promise<{ runnerEnd: TerminalClient; appEnd: TerminalClient; channel: number }> {
  const runnerEnd = await enterTerminal(home.port, ticketOf(registered))
  expect((await runnerEnd.next()).type).toBe(FrameType.opened)
  const appEnd = await enterTerminal(home.port, ticketOf(await app.call('terminal:ticket')))
  const opened = await appEnd.next()
  expect(opened.type).toBe(FrameType.opened)
  expect((await runnerEnd.next()).type).toBe(FrameType.open)
  return { runnerEnd, appEnd, channel: opened.channel }
}

describe('a runner on one broker and an app on another', () => {
  it('pair, ask how it stands, and unpair, and each end hears of it', async () => {
    const { keys, runner, app, pairingCode } = await pairedAcross(a, b)
    const { runnerId } = keys
    const told = await runner.next('runner:app:paired')
    expect(told).toHaveProperty('appSessionId')
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerId, runnerOnline: true })
    expect(await app.call('app:unpair')).toMatchObject({ success: true, runnerId })
    expect(await runner.next('runner:app:unpaired')).toEqual({ appSessionId: told['appSessionId'] })
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: false })
    expect(await app.call('app:pair', { pairingCode }), 'the code lives on').toMatchObject({ success: true })
  })

  it('hear of its loss, its return to the other broker, and its end', async () => {
    const { keys, runner, app, pairingCode } = await pairedAcross(a, b)
    const { runnerId } = keys
    runner.socket.io.engine.close()
    expect(await app.next('runner:offline')).toMatchObject({ runnerId, paired: true })
    const back = await b.connect()
    const again = await registerOurs(back, keys, { pairingCode: nextCode(), incarnation: PROCESS })
    expect(again).toMatchObject({ success: true, resumed: true, pairingCode })
    expect(await app.next('runner:online')).toEqual({ runnerId })
    back.close()
    expect(await app.next('runner:offline')).toEqual({ runnerId, paired: false })
  })

  it('keep their pairing when the app comes to yet another broker', async () => {
    const { keys, app, token } = await pairedAcross(a, b)
    app.close()
    const back = await a.connect({ clientToken: token })
    expect(await back.next('app:pairing:status:response')).toMatchObject({
      paired: true,
      runnerId: keys.runnerId,
    })
  })

  it('lose their terminal at once when the app is unpaired anywhere', async () => {
    const { registered, app, token } = await pairedAcross(a, b)
    const { appEnd, channel } = await openChannel(a, registered, app)
    const elsewhere = await b.connect({ clientToken: token })
    expect(await elsewhere.call('app:unpair')).toMatchObject({ success: true })
    const frame = await appEnd.next()
    expect([frame.type, frame.channel, frame.payload[0]]).toEqual([
      FrameType.close,
      channel,
      CloseReason.unpaired,
    ])
    await appEnd.ended
  })

  it('lose their terminal within seconds even when no broker says a word of it', async () => {
    const { registered, app } = await pairedAcross(a, b)
    const { appEnd } = await openChannel(a, registered, app)
    const decision = await app.call('app:pairing:status')
    const store = redisPairingStore(await openRedis({ url: stores().REDIS_URL }))
    atCleanUp(() => store.close())
    const sessions = new PairingSessionService(store, defaultPairingRules)
    await sessions.removeAllSessionsForRunner(String(decision['runnerId']))
    const frame = await within('the channel to end', appEnd.next())
    expect([frame.type, frame.payload[0]]).toEqual([FrameType.close, CloseReason.unpaired])
  })

  it('are counted together: wrong codes at one broker ban at the other', async () => {
    const first = await a.connect()
    const token = await appToken(first)
    const second = await b.connect({ clientToken: token })
    const answers: unknown[] = []
    for (let n = 0; n < 7; n++) {
      const at = n % 2 === 0 ? first : second
      answers.push((await at.call('app:pair', { pairingCode: 'ZZZ-ZZZ-ZZZ' }))['code'])
    }
    expect(answers).toEqual([...Array.from({ length: 6 }, () => 'CODE_NOT_FOUND'), 'RATE_LIMITED'])
  })
})

it('guesses that run in parallel over two brokers are counted as if there were one', async () => {
  const first = await a.connect()
  const token = await appToken(first)
  const apps = [
    first,
    ...(await Promise.all([b, a, b].map((broker) => broker.connect({ clientToken: token })))),
  ]
  const guesses = Array.from({ length: 10 }, (_, n) => 100 + n).flatMap((n) =>
    apps.map((app) => app.call('app:pair', { pairingCode: `ZZZ-ZZZ-${n}` })),
  )
  const codes = (await Promise.all(guesses)).map((answer) => answer['code'])
  expect(codes.filter((each) => each === 'CODE_NOT_FOUND')).toHaveLength(6)
  expect(codes.filter((each) => each === 'RATE_LIMITED')).toHaveLength(34)
})

describe('a runner that connects to a second broker', () => {
  it('is the one, and its connection to the first is told and closed', async () => {
    const { keys, runner, registered, app } = await pairedAcross(a, b)
    const { runnerEnd } = await openChannel(a, registered, app)
    const second = await b.connect()
    const again = await registerOurs(second, keys, { pairingCode: nextCode(), incarnation: PROCESS })
    expect(again).toMatchObject({ success: true, resumed: true })
    expect(await runner.next('runner:superseded')).toEqual({ runnerId: keys.runnerId })
    await within('the first connection to end', runner.ended)
    await within('its terminal to end', runnerEnd.ended)
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: true })
    expect(await second.call('runner:heartbeat', { runnerId: keys.runnerId })).toMatchObject({
      success: true,
    })
  })

  it.each(['the same', 'the other'])(
    'as another process at %s broker ends the first for good',
    async (where) => {
      const { keys, runner } = await pairedAcross(a, b)
      const second = await (where === 'the same' ? a : b).connect()
      const said = { pairingCode: nextCode(), incarnation: 'b'.repeat(32) }
      expect(await registerOurs(second, keys, said)).toMatchObject({ success: true, resumed: false })
      // Only cut off, it would come back and take over again, and so would the other.
      expect(await runner.next('runner:superseded')).toEqual({ runnerId: keys.runnerId })
      await within('the first connection to end', runner.ended)
    },
  )
})

describe('the console', () => {
  const tokenOf = (consoleUrl: string): string => new URL(consoleUrl).hash.slice(1)
  const signIn = (broker: TestBroker, token: string) =>
    fetch(`${broker.url}/operator/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  const sessionIn = async (response: Response) => {
    const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
    return { cookie, [PAGE_KEY_HEADER]: signInReply.parse(await response.json()).pageKey ?? '' }
  }
  const overview = (broker: TestBroker, headers: Record<string, string>) =>
    fetch(`${broker.url}/operator/overview`, { headers })

  it('opens by a link of one broker at another, once, and signing out holds everywhere', async () => {
    const token = tokenOf(a.broker.makeConsoleUrl())
    const response = await signIn(b, token)
    expect(response.status).toBe(200)
    expect((await signIn(a, token)).status).toBe(401)
    const session = await sessionIn(response)
    for (const broker of [a, b]) expect((await overview(broker, session)).status).toBe(200)
    await fetch(`${a.url}/operator/sign-out`, { method: 'POST', headers: session })
    for (const broker of [a, b]) expect((await overview(broker, session)).status).toBe(401)
  })

  it('shows runners, apps, history and brokers alike, whichever broker is asked', async () => {
    const { keys, registered, app } = await pairedAcross(a, b)
    await openChannel(a, registered, app)
    const response = await signIn(a, tokenOf(a.broker.makeConsoleUrl()))
    const session = await sessionIn(response)
    for (const broker of [a, b]) {
      const read = async () => consoleEvent.parse(await (await overview(broker, session)).json())
      await until('both brokers to know each other', async () => {
        const living = (await read()).nodes ?? []
        return living.filter((instance) => instance.address !== null).length === 2
      })
      const view = await read()
      const runner = view.runners.find(({ runnerId }) => runnerId === keys.runnerId)
      expect(runner).toMatchObject({ status: 'online', channels: 1, apps: [{ connected: true }] })
      expect(view.activity[0]).toMatchObject({ outcome: 'paired', runnerId: keys.runnerId })
      expect(view.nodes?.[0]).toMatchObject({ isHere: true, address: broker.url })
      expect(view.health.store.kind).toBe('redis+postgres')
    }
    app.close()
    await until('the app to be shown as away, by the name it had', async () => {
      const view = consoleEvent.parse(await (await overview(a, session)).json())
      const shown = view.runners.find(({ runnerId }) => runnerId === keys.runnerId)?.apps[0]
      return shown?.connected === false && shown.label === 'a phone' && shown.address === '127.0.0.1'
    })
  })
})

describe('several brokers', () => {
  it('speak WebSocket only, and say so', async () => {
    const response = await fetch(`${a.url}/socket.io/?EIO=4&transport=polling`)
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('WebSocket only')
  })

  it('each tell their clients when to come back, and hold nobody back by a lease when they stop', async () => {
    const { runner, app, keys } = await pairedAcross(a, b)
    const others = await Promise.all(Array.from({ length: 60 }, () => a.connect()))
    const stopped = a.stop()
    const hints = await Promise.all(
      [runner, ...others].map(async (each) => Number((await each.next('broker:restarting'))['comeBackInMs'])),
    )
    await stopped
    // Spread over twice the time of all handshakes, 1.5 ms each, from zero on.
    expect(Math.max(...hints)).toBeLessThanOrEqual(2 * 1.5 * (others.length + 2))
    expect(new Set(hints).size).toBeGreaterThan(20)
    const status = await app.call('app:pairing:status')
    expect(status).toMatchObject({ paired: true, runnerOnline: false })
    const back = await b.connect()
    const again = await registerOurs(back, keys, { pairingCode: nextCode(), incarnation: PROCESS })
    expect(again).toMatchObject({ success: true, resumed: true })
    expect(await app.next('runner:online')).toEqual({ runnerId: keys.runnerId })
  })

  it('share the enrolment secret of whoever came first', () => {
    expect(a.secret).toBe(b.secret)
  })
})
