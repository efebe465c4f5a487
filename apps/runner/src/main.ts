import { jsonLine, printableLines } from '@latchkey/protocol/printable'
import { z } from 'zod'
import { trustAuthority } from './authority.ts'
import { type RunnerHost, startRunner } from './host.ts'
import { loadIdentity, type RunnerIdentity, UnusableIdentity } from './identity.ts'
import { NoKeeper } from './keeper/reach-keeper.ts'
import { exposureNote, ownEnvironment } from './own-environment.ts'
import type { RunnerEvent } from './runner-events.ts'
import { UnusableAppBook } from './sealing/app-book.ts'
import { sealingMessage } from './sealing/sealing-events.ts'
import { parseRunnerSettings, type RunnerSettings } from './settings.ts'

/**
 * The runner as a process of its own: told what to do by its environment and by commands over IPC, tells what happens over
 * IPC. It ends with its parent, since its terminals would stay open to the network otherwise. Their programs go on in the
 * keeper, where the next runner finds them, unless `LATCHKEY_END_TERMINALS` says that they end with this process.
 */
const command = z.discriminatedUnion('command', [
  z.object({ command: z.literal('rotate') }),
  z.object({ command: z.literal('stop') }),
  /** `approve`, `send`: rights of an app that otherwise only looks */
  z.object({
    command: z.literal('view-only'),
    on: z.enum(['1', '0']),
    approve: z.enum(['1', '0']).default('0'),
    send: z.enum(['1', '0']).default('0'),
  }),
  z.object({ command: z.literal('accept'), pin: z.string() }),
])

/** Those of a broker too: the two are often started with one environment. */
const SECRETS = [
  'LATCHKEY_RUNNER_SECRET',
  'LATCHKEY_OPERATOR_SECRET',
  'LATCHKEY_METRICS_TOKEN',
  'LATCHKEY_LINK_TOKEN_SECRET',
  'LATCHKEY_WHATSAPP_KEYS',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'DATABASE_URL',
  'SENTRY_DSN',
]

const BAD_USAGE = 2
const FAILURE = 1
const REFUSED = 4
/** HUP, a grace time, KILL, and the goodbye to the broker; then this process ends whatever still hangs. */
const STOP_MS_MAX = 6_000

let host: RunnerHost | null = null
let programsAtStop: 'stay' | 'end' = 'stay'
let stopping = false

void run()

async function run(): Promise<void> {
  const { env, exposed } = ownEnvironment(process.env, SECRETS)
  if (exposed.length > 0) process.stderr.write(`${printableLines(exposureNote(exposed))}\n`)
  const parsed = parseRunnerSettings(env)
  if (!parsed.ok) return end(BAD_USAGE, parsed.problems.join('\n'))
  if (parsed.settings.brokerUrl.startsWith('https:')) trustAuthority(parsed.settings.authorityPath)
  const identity = identityOf(parsed.settings)
  if (identity === null) return
  if (parsed.settings.endTerminals) programsAtStop = 'end'
  try {
    host = await startRunner({
      ...optionsOf(parsed.settings),
      identity,
      onEvent: (event) => tell(event, identity),
    })
  } catch (problem) {
    if (problem instanceof UnusableAppBook) return end(REFUSED, problem.message)
    if (problem instanceof NoKeeper) return end(FAILURE, problem.message)
    return end(BAD_USAGE, problem instanceof Error ? problem.message : String(problem))
  }
  process.on('message', (message) => hear(message))
  process.on('disconnect', () => void stop(0))
  process.on('SIGTERM', () => void stop(0))
  process.on('SIGINT', () => void stop(0))
  process.on('SIGHUP', () => void stop(0))
}

function identityOf(settings: RunnerSettings): RunnerIdentity | null {
  try {
    return loadIdentity(settings.identityPath)
  } catch (problem) {
    if (!(problem instanceof UnusableIdentity)) throw problem
    send({ event: 'failed', code: 'UNUSABLE_IDENTITY', message: problem.message })
    end(REFUSED, problem.message)
    return null
  }
}

function optionsOf({
  allowUnsealed,
  stateFolder,
  keeperFolder,
  brokerUrl,
  secret,
  label,
  shell,
  folder,
  viewOnly,
  shareHistory,
  pastTerminals,
  terminalsMax,
  recordingMibMax,
  fileMibMax,
  recordingsMibMax,
  ports,
  shellIntegration,
}: RunnerSettings) {
  return {
    brokerUrl,
    viewOnly,
    shareHistory,
    pastTerminals,
    shellIntegration,
    allowUnsealed,
    ports,
    stateFolder,
    keeperFolder,
    secret,
    ...(label === undefined ? {} : { label }),
    ...(shell === undefined ? {} : { shell }),
    ...(folder === undefined ? {} : { folder }),
    ...(terminalsMax === undefined ? {} : { terminalsMax }),
    ...(recordingMibMax === undefined ? {} : { recordingMibMax }),
    ...(fileMibMax === undefined ? {} : { fileMibMax }),
    ...(recordingsMibMax === undefined ? {} : { recordingsMibMax }),
  }
}

function hear(message: unknown): void {
  const told = command.safeParse(message)
  if (!told.success) return
  switch (told.data.command) {
    case 'rotate':
      return host?.rotate()
    case 'view-only':
      return host?.decide(told.data.on === '1', {
        approve: told.data.approve === '1',
        send: told.data.send === '1',
      })
    case 'accept':
      return host?.accept(told.data.pin)
    case 'stop':
      return void stop(0)
  }
}

/** The lasting truth about the link, for `sinceMs`. */
let linkSinceMs = Date.now()

function tell(event: RunnerEvent, { runnerId }: RunnerIdentity): void {
  switch (event.type) {
    case 'registered': {
      const { code, expiresAt, serverTime, resumed } = event
      return send({ event: 'registered', code, expiresAt, serverTime, resumed, runnerId })
    }
    case 'code': {
      const { code, expiresAt, serverTime } = event
      return send({ event: 'code', code, expiresAt, serverTime, runnerId })
    }
    case 'link':
      linkSinceMs = Date.now()
      return send({ event: 'link', status: event.status, sinceMs: linkSinceMs })
    case 'waiting':
      return send({ event: 'waiting', code: event.code, message: event.message, delayMs: event.delayMs })
    case 'paired': {
      const { appSessionId, label, address } = event
      return send({ event: 'app', action: 'paired', appSessionId, label, address })
    }
    case 'connected':
    case 'disconnected': {
      const { type: action, appSessionId, label, address, sealed } = event
      return send({ event: 'app', action, appSessionId, label, address, sealed })
    }
    case 'unpaired':
      return send({
        event: 'app',
        action: 'unpaired',
        appSessionId: event.appSessionId,
        label: '',
        address: '',
      })
    // What becomes of its apps is told app by app.
    case 'device-revoked':
      return
    case 'terminals':
      return send({ event: 'terminals', open: event.open })
    case 'sealed':
    case 'app-standing':
    case 'pin':
    case 'locked':
    case 'unlocked':
    case 'prompts-over':
    case 'fragment':
    case 'trouble':
      return send(sealingMessage(event))
    case 'failed':
      send({ event: 'failed', code: event.code, message: event.message })
      return void stop(REFUSED, event.message)
  }
}

function send(message: Readonly<Record<string, unknown>>): void {
  if (process.connected && process.send !== undefined) process.send(message, undefined, {}, () => {})
  else if (process.send === undefined) process.stdout.write(`${jsonLine(message)}\n`)
}

async function stop(exitCode: number, message?: string): Promise<void> {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(FAILURE), STOP_MS_MAX).unref()
  await host?.stop(programsAtStop)
  end(exitCode, message)
}

function end(exitCode: number, message?: string): void {
  if (message !== undefined) process.stderr.write(`${printableLines(message)}\n`)
  process.exit(exitCode)
}
