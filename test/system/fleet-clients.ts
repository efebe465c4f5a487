import { startRunnerLink } from '@latchkey/connection/runner/runner-link'
import { generatePairingCode } from '@latchkey/domain/runner-pairing/code'
import { encodeFrame, FrameType } from '@latchkey/protocol/terminal/frames'
import {
  appToken,
  atCleanUp,
  code,
  connect,
  registerOurs,
  runnerKeys,
  type TestClient,
  ticketOf,
  until,
} from '../../apps/broker/src/testing/harness.ts'
import { enterTerminal, type TerminalClient } from '../../apps/broker/src/testing/terminal-client.ts'
import { loadIdentity } from '../../apps/runner/src/identity.ts'
import { nodePlatform } from '../../apps/runner/src/node-platform.ts'
import type { FleetBroker } from './broker-fleet.ts'
import { temporaryFolder } from './up-process.ts'

/** Longer than a code's text: how a process is told from another. */
const INCARNATION = 'f0'.repeat(16)

/** The control link of a real runner, without terminals. */
export interface LinkedRunner {
  readonly runnerId: string
  readonly code: () => string
  /** when it registered, by performance.now() */
  readonly registeredAtMs: readonly number[]
  readonly resumed: () => boolean
}

/** @param brokerUrl where it finds its broker, again and again */
export async function linkedRunner(brokerUrl: string, secret: string): Promise<LinkedRunner> {
  const folder = temporaryFolder()
  atCleanUp(() => folder.remove())
  const identity = loadIdentity(`${folder.path}/identity.json`)
  const registeredAtMs: number[] = []
  let latest = ''
  let resumed = false
  const link = startRunnerLink({
    brokerUrl,
    who: {
      ...identity,
      label: 'machine',
      incarnation: nodePlatform.randomBytes(16).reduce(toHex, ''),
      secret,
    },
    freshCode: () => generatePairingCode(nodePlatform.randomBytes),
    platform: nodePlatform,
    accept: () => ({ onEnvelope: () => {}, onPaused: () => {}, onEnd: () => {} }),
    onEvent: (event) => {
      if (event.type === 'registered' || event.type === 'code') latest = event.code
      if (event.type === 'registered') {
        registeredAtMs.push(performance.now())
        resumed = event.resumed
      }
    },
  })
  atCleanUp(() => link.stop())
  await until('a machine to register', () => registeredAtMs.length > 0)
  return { runnerId: identity.runnerId, code: () => latest, registeredAtMs, resumed: () => resumed }
}

const toHex = (text: string, byte: number): string => text + byte.toString(16).padStart(2, '0')

/** A runner and an app that speak frame by frame, with a channel between them. */
export interface OpenTerminal {
  readonly keys: ReturnType<typeof runnerKeys>
  readonly runner: TestClient
  readonly app: TestClient
  readonly token: string
  readonly runnerEnd: TerminalClient
  readonly appEnd: TerminalClient
  readonly channel: number
  readonly pairingCode: string
}

let codes = 0

/** The runner and the terminal at one broker, the app's control connection at another. */
export async function openTerminal(home: FleetBroker, away: FleetBroker): Promise<OpenTerminal> {
  const keys = runnerKeys()
  const runner = await connect(home.url)
  const pairingCode = code(++codes)
  // Its brokers may just be getting over what a test before did to them.
  let registered: Awaited<ReturnType<typeof registerAs>> = {}
  await until('the runner to be registered', async () => {
    registered = await registerAs(runner, keys, pairingCode, home.secret)
    return registered['success'] === true
  })
  const app = await connect(away.url)
  const token = await appToken(app)
  await until(
    'the app to be paired',
    async () => (await app.call('app:pair', { pairingCode }))['success'] === true,
  )
  const runnerEnd = await enterTerminal(home.port, ticketOf(registered))
  await runnerEnd.next()
  const appEnd = await enterTerminal(home.port, ticketOf(await app.call('terminal:ticket')))
  const { channel } = await appEnd.next()
  await runnerEnd.next()
  return { keys, runner, app, token, runnerEnd, appEnd, channel, pairingCode }
}

/** The same process of the same machine, on any connection. */
export const registerAs = (
  client: TestClient,
  keys: ReturnType<typeof runnerKeys>,
  pairingCode: string,
  secret: string,
) => registerOurs(client, keys, { pairingCode, incarnation: INCARNATION, secret })

/** Numbered frames from app to runner every few milliseconds, and how many of them did not arrive. */
export function stream({ appEnd, runnerEnd, channel }: OpenTerminal): {
  /** Stops sending and waits for the frames under way. */
  stop(): Promise<{ readonly sent: number; readonly lost: number }>
} {
  let sent = 0
  const before = runnerEnd.received.length
  const timer = setInterval(() => {
    appEnd.socket.send(encodeFrame(FrameType.data, channel, Buffer.from(`frame ${sent++}`)))
  }, 20)
  atCleanUp(() => clearInterval(timer))
  const lost = () =>
    sent - runnerEnd.received.slice(before).filter((frame) => frame[0] === FrameType.data).length
  return {
    stop: async () => {
      clearInterval(timer)
      await until('all frames to arrive', () => lost() === 0).catch(() => {})
      return { sent, lost: lost() }
    },
  }
}
