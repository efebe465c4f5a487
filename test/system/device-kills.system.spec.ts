import { type ChildProcess, fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { consoleEvent } from '@latchkey/protocol/console'
import { devicesReply } from '@latchkey/protocol/device-pairing'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import {
  ask,
  connectDevice,
  operatorOf,
  type TestDevice,
  testDevice,
} from '../../apps/broker/src/testing/device.ts'
import { atCleanUp, cleanUp, pause, until, within } from '../../apps/broker/src/testing/harness.ts'
import { temporaryFolder, UpProcess } from './up-process.ts'

afterEach(cleanUp)

const MAIN = fileURLToPath(new URL('../../apps/cli/dist/bundle/broker.js', import.meta.url))
const listening = z.looseObject({
  event: z.literal('listening'),
  port: z.number(),
  operatorSecretFile: z.string(),
})

const KILLS = Number(process.env['LATCHKEY_BROKER_KILLS'] ?? 3)
/** A broker that starts on a busy machine takes some seconds. */
const LASTS_MS_MAX = 60_000 + KILLS * 20_000
/** Anywhere in the middle of one pairing or another. */
const KILLED_AFTER_MS = [20, 400] as const

type Operator = ReturnType<typeof operatorOf>

/** One device of two that race, verified twice at once; those that were told that they are in. */
async function pairOnce(
  broker: { url: string; operator: string },
  operator: Operator,
): Promise<TestDevice[]> {
  const started = await operator.start()
  if (started.status === 429) {
    await cancelAll(broker, operator)
    return []
  }
  const { token } = started.body
  const racers = [testDevice('A'), testDevice('B')]
  const connected = await Promise.all(racers.map((device) => connectDevice(broker, device, token)))
  const winner = connected.findIndex(({ status }) => status === 200)
  const pin = connected[winner]?.body['pin']
  const verified = await Promise.all([operator.verify(token, pin), operator.verify(token, pin)])
  const won = verified.filter(({ status }) => status === 200).length
  if (won > 1) throw new Error('two verifications of one pairing won')
  return won === 1 ? racers.slice(winner, winner + 1) : []
}

/** Pairings that a kill left open would take all places for five minutes. */
async function cancelAll(broker: { url: string; operator: string }, operator: Operator): Promise<void> {
  const { body } = await ask(broker, 'GET', '/operator/overview', undefined, broker.operator)
  for (const { id, status } of consoleEvent.parse(body).pairings ?? [])
    if (status === 'waiting' || status === 'connected') await operator.cancel({ id })
}

/** The broker's own program, started again and again on one folder and port. */
async function startBroker(
  dataDir: string,
  port: number,
): Promise<{ child: ChildProcess; url: string; operator: string }> {
  const child = fork(MAIN, [], {
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'] ?? '',
      LATCHKEY_LOCAL: 'true',
      LATCHKEY_PORT: String(port),
      LATCHKEY_DATA_DIR: dataDir,
      LATCHKEY_DEVICE_LIMIT: '10000',
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  atCleanUp(() => child.kill('SIGKILL'))
  const [message] = await within('the broker to listen', once(child, 'message'), 60_000)
  const said = listening.parse(message)
  return {
    child,
    url: `http://127.0.0.1:${said.port}`,
    operator: readFileSync(said.operatorSecretFile, 'utf8').trim(),
  }
}

it(
  `a broker killed ${KILLS} times while devices pair has no device half in, and none lost that was told it is in`,
  async () => {
    const folder = temporaryFolder()
    atCleanUp(folder.remove)
    let broker = await startBroker(folder.path, 0)
    const port = Number(new URL(broker.url).port)
    const operator = operatorOf(broker)
    const told: TestDevice[] = []
    let going = true
    const pairing = [1, 2].map(async () => {
      while (going) {
        // While the broker is down, nothing is told.
        told.push(...(await pairOnce(broker, operator).catch(() => [])))
        await pause(1)
      }
    })
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(randomInt(...KILLED_AFTER_MS))
      const gone = once(broker.child, 'exit')
      broker.child.kill('SIGKILL')
      await gone
      broker = await startBroker(folder.path, port)
    }
    const before = told.length
    await until('another device to be in', () => told.length > before)
    going = false
    await Promise.all(pairing)

    const [own, ...joined] = devicesReply.parse((await operator.nodes()).body).nodes
    expect(own?.token.status, 'the broker’s own machine').toBe('none')
    expect(joined.filter(({ token }) => token.status !== 'valid')).toEqual([])
    const ids = new Set(joined.map(({ id }) => id))
    for (const device of told) {
      expect(ids.has(device.nodeId)).toBe(true)
      expect((await ask(broker, 'GET', '/nodes/me', undefined, device.peerToken)).status).toBe(200)
      expect((await ask(broker, 'GET', '/nodes/me', undefined, device.sessionSecret)).status).toBe(200)
    }
    console.info(`${KILLS} kills of the broker, ${told.length} devices told, ${joined.length} in`)
  },
  LASTS_MS_MAX,
)

it('the first node of `latchkey up` is its own machine, before anybody pairs', async () => {
  const up = new UpProcess()
  atCleanUp(() => up.stop())
  const { url, runnerId } = await up.ready()
  const operator = readFileSync(up.upFile().operatorSecretFile, 'utf8').trim()
  const { body } = await operatorOf({ url, operator }).nodes()
  expect(devicesReply.parse(body).nodes).toMatchObject([
    { runners: [runnerId], roles: ['runner'], connected: true, token: { status: 'none' } },
  ])
})
