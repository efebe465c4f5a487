import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { accept, assertNever, type Decision, refuse } from '@latchkey/domain/kernel'
import { printable } from '@latchkey/protocol/printable'
import { type Enrolment, secretInFile } from '@latchkey/runner/enrolment'
import type { RunnerHost } from '@latchkey/runner/host'
import { keeperFolderIn } from '@latchkey/runner/keeper/keeper-folder'
import type { RunnerEvent } from '@latchkey/runner/runner-events'
import { sealingMessage } from '@latchkey/runner/sealing/sealing-events'
import { isHttpAddress } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { membershipAt, memberships } from '../join/memberships.ts'
import { refusedAsNested } from '../nested.ts'
import { appOrders, orderLock } from '../owner/ask-runner.ts'
import { notesOn, type RunnerSettings, readRunnerSettings, runnerOptions } from '../runner-settings.ts'
import type { Fact } from '../up/facts.ts'
import { machineOf } from '../up/machine.ts'
import { factOfRunner } from '../up/messages.ts'
import { Presenter } from '../up/presenter.ts'
import { untilStopped } from '../up/stop-signals.ts'

export const runCommand: Command = {
  name: 'run',
  summary: 'offer this machine through a broker on another machine',
  words: '',
  wordsMax: 0,
  examples: [
    {
      line: 'latchkey run --broker https://term.example.com --secret-file secret',
      does: 'the secret is in the file enrolment-secret of the broker',
    },
    { line: 'latchkey run', does: 'at the broker that "latchkey join" joined last; no secret needed' },
    { line: 'latchkey run --cwd ~/site --view-only', does: 'where terminals open; apps may watch, not type' },
  ],
  options: {
    broker: {
      type: 'string',
      value: 'URL',
      help: 'the broker’s address; by default the one that this machine joined last',
    },
    'secret-file': {
      type: 'string',
      value: 'FILE',
      help: "holds the broker's enrolment secret; or LATCHKEY_RUNNER_SECRET, or stdin with LATCHKEY_SECRETS=stdin",
    },
    'data-dir': dataDirOption("where this machine's keys are"),
    ...runnerOptions,
    'no-qr': { type: 'boolean', help: 'no QR code on the first screen' },
  },
  run,
}

interface RunSettings {
  readonly brokerUrl: string
  readonly secret: string | Enrolment
  /** the secret is the peer token of `latchkey join` */
  readonly joined: boolean
}

async function run(call: Invocation): Promise<ExitCode> {
  if (refusedAsNested(call)) return EXIT.refused
  const here = readRunSettings(call)
  const runner = readRunnerSettings(call)
  if (!here.ok || !runner.ok) {
    for (const problem of [here, runner].flatMap((read) => (read.ok ? [] : read.refusal)))
      call.complain(problem)
    return EXIT.badUsage
  }
  return runHere(call, here.value, runner.value)
}

/** Runs the terminals in this process until it is told to stop, or the broker says that it must not. */
async function runHere(
  call: Invocation,
  { brokerUrl, secret, joined }: RunSettings,
  runner: RunnerSettings,
): Promise<ExitCode> {
  // Loaded here alone: the other commands need no PTYs and no screens in their memory.
  const { startRunner } = await import('@latchkey/runner/host')
  const { loadIdentity } = await import('@latchkey/runner/identity')
  let host: RunnerHost | null = null
  let end: (exitCode: ExitCode) => void = () => {}
  const ended = new Promise<ExitCode>((resolve) => {
    end = resolve
  })
  const stop = (exitCode: ExitCode): void => {
    presenter.end()
    void (host?.stop(runner.endTerminals ? 'end' : 'stay') ?? Promise.resolve()).then(() => end(exitCode))
  }
  const presenter = new Presenter(call, machineOf(runner, false), {
    newCode: () => host?.rotate(),
    lock: (on) => void orderLock(call, dataDirOf(call), on),
    ...appOrders(call, dataDirOf(call)),
    decide: ({ viewOnly, ...more }) => host?.decide(viewOnly, more),
    accept: (pin) => host?.accept(pin),
    stop: () => stop(EXIT.interrupted),
    kill: () => runner.endTerminals && host?.kill(),
  })
  for (const note of notesOn(runner)) presenter.note(note)
  const identity = loadIdentity(join(dataDirOf(call), 'runner', 'identity.json'))
  presenter.happened({ kind: 'broker-listening', at: elsewhere(brokerUrl, runner.page) })
  host = await startRunner({
    brokerUrl,
    identity,
    secret,
    shell: runner.shell,
    folder: runner.folder,
    viewOnly: runner.viewOnly,
    shareHistory: runner.shareHistory,
    pastTerminals: runner.pastTerminals,
    shellIntegration: runner.shellIntegration,
    ...(runner.allowUnsealed === null ? {} : { allowUnsealed: runner.allowUnsealed }),
    stateFolder: join(dataDirOf(call), 'runner'),
    keeperFolder: keeperFolderIn(join(dataDirOf(call), 'runner')),
    env: call.env,
    ...(runner.name === null ? {} : { label: runner.name }),
    onEvent: (event) => {
      const fact = factOf(event, identity.runnerId, Date.now())
      if (fact !== null) presenter.happened(fact)
      if (event.type !== 'failed') return
      stop(EXIT.refused)
      call.complain(`The broker refuses this machine: ${printable(event.message, 300)}`)
      if (joined) call.complain('If the operator revoked this machine, join again: latchkey join LINK.')
    },
  })
  return untilStopped(ended, {
    onInterrupt: () => presenter.interrupt(),
    onTerminate: () => stop(EXIT.ended),
    onExit: () => {},
  })
}

/**
 * The named broker, else the one that this machine joined last; and the secret to register there: the given one, else the
 * peer token of `latchkey join`.
 */
function readRunSettings(call: Invocation): Decision<RunSettings, readonly string[]> {
  const problems: string[] = []
  const dataDir = dataDirOf(call)
  const said = call.text('broker') ?? call.env['LATCHKEY_BROKER_URL'] ?? ''
  const brokerUrl = said === '' ? (memberships(dataDir)[0]?.brokerUrl ?? '') : said
  const isAddress = isHttpAddress(brokerUrl)
  if (!isAddress) problems.push('--broker must say where the broker is, like https://term.example.com.')
  const file = call.text('secret-file') ?? call.env['LATCHKEY_RUNNER_SECRET_FILE']
  const fromEnv = call.env['LATCHKEY_SECRETS'] === 'stdin' ? readStdin() : call.env['LATCHKEY_RUNNER_SECRET']
  const given = file === undefined ? accept(fromEnv ?? '') : readSecret(file)
  if (!given.ok) return refuse([...problems, given.refusal])
  const member = given.value === '' && isAddress ? membershipAt(dataDir, brokerUrl) : null
  const secret = given.value || member?.peerToken
  const source = file === undefined || member !== null ? secret : secretInFile(file)
  if (secret === undefined)
    problems.push(
      "The broker's enrolment secret is missing: --secret-file FILE, or LATCHKEY_RUNNER_SECRET. Or join it first: latchkey join LINK.",
    )
  return problems.length === 0 && source !== undefined
    ? accept({ brokerUrl, secret: source, joined: member !== null })
    : refuse(problems)
}

/** The enrolment secret alone, or as LATCHKEY_RUNNER_SECRET=… */
const readStdin = (): string =>
  readFileSync(0, 'utf8')
    .trim()
    .replace(/^LATCHKEY_RUNNER_SECRET=/, '')

function readSecret(file: string): Decision<string, string> {
  try {
    return accept(readFileSync(file, 'utf8').trim())
  } catch {
    return refuse(`--secret-file: ${file} cannot be read.`)
  }
}

/** A broker elsewhere, as the screen shows it: its console is its operator's. */
function elsewhere(brokerUrl: string, pageUrl: string | null) {
  const { origin, port, protocol } = new URL(brokerUrl)
  const usual = protocol === 'https:' ? 443 : 80
  const addresses = [origin]
  return { url: origin, pageUrl, port: port === '' ? usual : Number(port), addresses, consoleUrl: null }
}

function factOf(event: RunnerEvent, runnerId: string, nowMs: number): Fact | null {
  switch (event.type) {
    case 'registered':
    case 'code':
      return {
        kind: 'code',
        code: event.code,
        expiresAtMs: nowMs + (event.expiresAt - event.serverTime),
        runnerId,
      }
    case 'link':
      return { kind: 'link', status: event.status }
    case 'waiting':
      return { kind: 'waiting', message: printable(event.message, 300), delayMs: event.delayMs }
    case 'paired':
    case 'connected':
    case 'disconnected': {
      const { type: action, appSessionId, label, address } = event
      const app = { appSessionId, label: printable(label), address: printable(address) }
      return { kind: 'app', action, app: event.type === 'paired' ? app : { ...app, sealed: event.sealed } }
    }
    case 'sealed':
    case 'app-standing':
    case 'pin':
    case 'locked':
    case 'unlocked':
    case 'prompts-over':
    case 'fragment':
    case 'trouble':
      return factOfRunner(sealingMessage(event), nowMs)
    case 'unpaired':
      return {
        kind: 'app',
        action: 'unpaired',
        app: { appSessionId: event.appSessionId, label: '', address: '' },
      }
    // Each of its apps is told by an event of its own.
    case 'device-revoked':
      return null
    case 'terminals':
      return { kind: 'terminals', open: event.open }
    case 'failed':
      return { kind: 'failed', code: event.code, message: printable(event.message, 300) }
    default:
      return assertNever(event)
  }
}
