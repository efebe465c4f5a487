import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '@latchkey/protocol/bytes'
import { FrameType } from '@latchkey/protocol/terminal/frames'
import { afterEach, expect, it } from 'vitest'
import { appToken, cleanUp, registerFounding, testBroker, ticketOf } from './testing/harness.ts'
import { enterTerminal } from './testing/terminal-client.ts'

afterEach(cleanUp)

const CANARY = 'CANARYQQQ'

it('no code, secret, credential, ticket or terminal byte is in any log line or figure, and no credential in the database', async () => {
  const broker = await testBroker({ log: 'debug' })
  const code = 'CAN-ARY-QQQ'
  const runner = await broker.connect()
  await runner.call('runner:register', { runnerId: 'r', pairingCode: code, secret: `${CANARY}-wrong-secret` })
  const registered = await registerFounding(runner, broker, 'r', code)
  const runnerEnd = await enterTerminal(broker.port, ticketOf(registered))
  await runnerEnd.next()
  const app = await broker.connect()
  const clientToken = await appToken(app)
  for (const typed of [`${CANARY}1`, `${CANARY}`, `canary-canary`, { [CANARY]: CANARY }]) {
    await app.call('app:pair', { pairingCode: typed })
  }
  await app.call(CANARY, CANARY)
  const paired = await app.call('app:pair', { pairingCode: code })
  const appEnd = await enterTerminal(broker.port, ticketOf(paired))
  const { channel } = await appEnd.next()
  await runnerEnd.next()
  appEnd.send(FrameType.data, channel, utf8(`echo ${CANARY}`))
  await runnerEnd.next()
  appEnd.socket.send(`text ${CANARY}`)
  await appEnd.ended
  const forged = await broker.connect({ clientToken: `${CANARY}.${CANARY}.${CANARY}` })
  forged.socket.emit('app:pair', Buffer.from(CANARY))
  await forged.ended
  const link = broker.broker.makeConsoleUrl()
  const post = (body: string, authorization = '') =>
    fetch(`${broker.url}/operator/sign-in?${CANARY}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization, cookie: CANARY },
      body,
    })
  await post(JSON.stringify({ token: CANARY }))
  await post(`{"token": ${CANARY}`, `Bearer ${CANARY}`)
  await post(JSON.stringify({ token: new URL(link).hash.slice(1) }))
  await fetch(`${broker.url}/${CANARY}#${CANARY}`)
  const bearer = { authorization: `Bearer ${broker.operator}` }
  const figures = await (await fetch(`${broker.url}/metrics?${CANARY}`, { headers: bearer })).text()
  await broker.stop()

  expect(broker.log.length).toBeGreaterThan(8)
  expect(figures).toContain('latchkey_pairing_attempts_total')
  const secrets = [CANARY, 'CANARY', code, broker.secret, clientToken, clientToken.split('.')[0] ?? '']
  for (const secret of [...secrets, ticketOf(registered), ticketOf(paired), new URL(link).hash.slice(1)]) {
    expect(broker.log.filter((line) => line.toLowerCase().includes(secret.toLowerCase()))).toEqual([])
    expect(figures.toLowerCase()).not.toContain(secret.toLowerCase())
  }
  const files = readdirSync(broker.dataDir).filter((name) => name.startsWith('broker.sqlite'))
  const database = files.map((name) => readFileSync(join(broker.dataDir, name)).toString('latin1')).join('')
  expect(database.length).toBeGreaterThan(0)
  for (const secret of [
    broker.secret,
    broker.operator,
    ...secrets.slice(4),
    ticketOf(registered),
    ticketOf(paired),
  ]) {
    expect(database.includes(secret)).toBe(false)
  }
})
