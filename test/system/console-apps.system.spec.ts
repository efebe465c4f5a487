import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { afterEach, expect, it } from 'vitest'
import {
  cleanUp,
  code,
  registerFounding,
  type TestBroker,
  testBroker,
  until,
} from '../../apps/broker/src/testing/harness.ts'
import { startFleet } from './broker-fleet.ts'
import { brokerAt, newKeys, pair, resumeWay, seal, ticketText } from './sealed-app.ts'
import { machine, paired, pinWay } from './sealed-machine.ts'

afterEach(cleanUp)

/** What the operator's page sends. */
async function order(
  broker: Pick<TestBroker, 'url' | 'operator'>,
  runnerId: string,
  body: object,
  secret = broker.operator,
) {
  const answer = await fetch(`${broker.url}/operator/runners/${encodeURIComponent(runnerId)}/apps`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, said: await answer.json() }
}

it('the console lists and names the apps of a machine as the machine knows them', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { runnerId } = on.host
  expect(await order(broker, runnerId, { command: 'apps' })).toMatchObject({
    status: 200,
    said: { ok: true, apps: [], locked: null },
  })
  await paired(broker, on)
  const { said } = await order(broker, runnerId, { command: 'apps' })
  expect(said.apps).toMatchObject([{ label: 'Pixel 8', mayType: true, standing: 'welcome' }])
  // The same that the broker lists: so the console joins both lists.
  expect(said.apps[0].sessions).toEqual([on.last('sealed').appSessionId])
  const [{ app }] = said.apps
  const named = await order(broker, runnerId, { command: 'rename', app, label: '  Phone of Ada\u202e ' })
  expect(named.said.apps).toMatchObject([{ app, label: 'Phone of Ada' }])
  expect(await on.ask({ command: 'apps' })).toMatchObject({ apps: [{ label: 'Phone of Ada' }] })
  expect(await order(broker, runnerId, { command: 'revoke', app: 'f'.repeat(32) })).toMatchObject({
    status: 404,
    said: { code: 'NO_SUCH_APP' },
  })
})

it('revoking from the console ends the live channel at once, and the broker lets that app in no more', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { runnerId } = on.host
  const { raw, app, keys } = await paired(broker, on)
  const other = await paired(broker, on)
  await app.heard('welcome')
  const { grant } = keys
  if (grant === null) throw new Error('no grant')
  const id = Buffer.from(grant.appId).toString('hex')
  const ordered = order(broker, runnerId, { command: 'revoke', app: id })
  await until('the end of the channel', () => raw.closed.reason === CloseReason.unpaired)
  expect((await ordered).said.apps).toHaveLength(1)
  expect(on.last('app-standing')).toMatchObject({ standing: 'revoked', app: id })
  // Told, not asked: the app learns it without a try of its own.
  expect(await raw.client.next('runner:offline')).toMatchObject({ runnerId, paired: false })
  expect(await raw.client.call('app:pairing:status')).toMatchObject({ paired: false })
  const byTicket = { runnerId, routeTicket: ticketText(grant.resumeKey, runnerId) }
  expect(await raw.client.call('app:pair', byTicket)).toMatchObject({
    success: false,
    code: 'CODE_NOT_FOUND',
  })
  // The code still leads to the machine, but the machine refuses the revoked app.
  const back = await pair(broker, { pairingCode: on.code() })
  expect((await seal(back, keys, resumeWay(keys))).step).toMatchObject({ refusal: 'revoked' })
  expect(await other.raw.client.call('app:pairing:status')).toMatchObject({ paired: true })
  other.app.say({ type: 'ping', id: 1 })
  await other.app.heard('pong')
})

it('revoke-all leaves nobody, lock lets nobody new in, and neither can be undone through the broker', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { runnerId } = on.host
  const [one, two] = [await paired(broker, on), await paired(broker, on)]
  expect((await order(broker, runnerId, { command: 'revoke-all' })).said.apps).toEqual([])
  for (const { raw } of [one, two])
    await until('the end of the channel', () => raw.closed.reason === CloseReason.unpaired)
  expect((await order(broker, runnerId, { command: 'lock' })).said).toMatchObject({ locked: 'owner' })
  for (const command of ['unlock', 'pin', 'status'])
    expect(await order(broker, runnerId, { command })).toMatchObject({ status: 400 })
  const late = await pair(broker, { pairingCode: on.code() })
  expect((await seal(late, await newKeys(), pinWay(on.code()))).step).toMatchObject({ refusal: 'locked' })
  expect(await on.ask({ command: 'unlock' })).toMatchObject({ ok: true, locked: null })
})

it('a revocation that the broker could not hear is told as soon as it is there again', async () => {
  const first = await testBroker()
  const on = await machine(first)
  const { keys, raw } = await paired(first, on)
  const { grant } = keys
  if (grant === null) throw new Error('no grant')
  await first.stop()
  await until('the link to be lost', () => on.last('link').status === 'offline')
  await on.ask({ command: 'revoke-all' })
  const again = await first.restart()
  await until('the machine to be there', () => on.last('link').status === 'online')
  await until('the pairing to end', () => again.log.some((line) => line.includes('app.revoked')))
  expect(raw.closed.reason).not.toBe(null)
})

it('with several brokers it does not matter at which of them anybody is', async () => {
  const { brokers } = await startFleet()
  const [one, other] = brokers
  const on = await machine(one)
  const { runnerId } = on.host
  const { raw, app } = await paired(brokerAt(other.url), on)
  await app.heard('welcome')
  expect((await order(other, runnerId, { command: 'apps' })).said.apps).toHaveLength(1)
  expect(await order(other, runnerId, { command: 'revoke-all' })).toMatchObject({ status: 200 })
  await until('the end of the channel', () => raw.closed.reason === CloseReason.unpaired)
  expect(await raw.client.next('runner:offline')).toMatchObject({ runnerId, paired: false })
  expect(await order(other, 'nobody', { command: 'apps' })).toMatchObject({ status: 503 })
})

it('says what came of it when the machine is away, talks nonsense, or nobody is signed in', async () => {
  const broker = await testBroker()
  expect(await order(broker, 'nobody', { command: 'apps' })).toMatchObject({
    status: 503,
    said: { code: 'RUNNER_OFFLINE' },
  })
  expect(await order(broker, 'nobody', { command: 'apps' }, 'wrong')).toMatchObject({ status: 401 })
  const foreign = await broker.connect()
  await registerFounding(foreign, broker, 'foreign', code(1))
  foreign.socket.on('runner:apps', (_order, acknowledge) => acknowledge({ ok: true, apps: 'all' }))
  expect(await order(broker, 'foreign', { command: 'apps' })).toMatchObject({
    status: 502,
    said: { code: 'RUNNER_FAILED' },
  })
})
