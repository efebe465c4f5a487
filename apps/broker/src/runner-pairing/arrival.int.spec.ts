import { afterEach, expect, it } from 'vitest'
import { appToken, cleanUp, code, registerFounding, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

/** How often the store was asked about an app's session since the broker began. */
async function runsAboutSessions(broker: TestBroker): Promise<number> {
  const answer = await fetch(`${broker.url}/metrics`, {
    headers: { authorization: `Bearer ${broker.operator}` },
  })
  const text = await answer.text()
  return [...text.matchAll(/^latchkey_store_seconds_count\{[^}]*about="session[^}]*\} (\d+)$/gm)].reduce(
    (all, [, count]) => all + Number(count),
    0,
  )
}

async function pairedBefore(broker: TestBroker) {
  const runner = await broker.connect()
  await registerFounding(runner, broker, 'runner-1', code(1))
  const app = await broker.connect()
  const clientToken = await appToken(app)
  await app.call('app:pair', { pairingCode: code(1) })
  return { runner, app, clientToken }
}

it('an app that comes back is told its status and given a ticket by one run of the store', async () => {
  const broker = await testBroker()
  const { app, clientToken } = await pairedBefore(broker)
  app.close()
  const before = await runsAboutSessions(broker)
  const back = await broker.connect({ clientToken })
  expect(await back.next('terminal:ready')).toMatchObject({ runnerId: 'runner-1', pid: expect.any(String) })
  expect((await runsAboutSessions(broker)) - before).toBe(1)
  expect(await back.call('app:pairing:status'), 'asked for, it is told the same').toMatchObject(
    await back.next('app:pairing:status:response'),
  )
  expect((await runsAboutSessions(broker)) - before).toBe(2)
})

it('an app that comes back while its runner is away is told so, and gets no ticket', async () => {
  const broker = await testBroker()
  const { runner, app, clientToken } = await pairedBefore(broker)
  runner.socket.io.engine.close()
  await app.next('runner:offline')
  app.close()
  const back = await broker.connect({ clientToken })
  expect(await back.next('app:pairing:status:response')).toMatchObject({ paired: true, runnerOnline: false })
  expect(await back.call('terminal:ticket')).toMatchObject({ code: 'RUNNER_OFFLINE' })
  expect(back.heard.map(({ event }) => event)).not.toContain('terminal:ready')
})

it('what an app changes at once is in the status that it asks for after it', async () => {
  const broker = await testBroker()
  const { app, clientToken } = await pairedBefore(broker)
  app.close()
  const back = await broker.connect({ clientToken })
  const [unpaired, status] = await Promise.all([back.call('app:unpair'), back.call('app:pairing:status')])
  expect(unpaired).toMatchObject({ success: true, runnerId: 'runner-1' })
  expect(status).toMatchObject({ paired: false })
})
