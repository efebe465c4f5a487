import { parseArgs } from 'node:util'
import { MissingRights } from '@latchkey/stores/missing-rights'
import { isLibraryFailure } from './accounts/load-library.ts'
import { type Broker, startBroker } from './broker.ts'
import { FolderInUse } from './config/data-lock.ts'
import { helpText } from './config/help.ts'
import { type ReadSettings, readSettings } from './config/read-settings.ts'
import { type Settings, settingsTable } from './config/settings.ts'
import { type ErrorTracker, openErrorTracker, tracked } from './log/error-tracker.ts'
import { failureFields, type Log, openLog } from './log/log.ts'
import { BROKER_VERSION } from './version.ts'

/** How the process ends. */
const Exit = { ok: 0, failure: 1, badSettings: 2, refused: 4 } as const

/** A stop that takes longer is ended by force: supervisors wait ten seconds. */
const STOP_MS_MAX = 8_000

/** The last failure is the one worth knowing; but a supervisor does not wait long for the end of a process. */
const LAST_WORDS_MS = 1_000

/** What the process tells others of itself. */
interface Telling {
  readonly log: Log
  /** null where no Sentry is named */
  readonly tracker: ErrorTracker | null
}

const here = settingsHere()
if (here !== null) await run(here, await openTelling(here.settings))

async function openTelling({ logLevel, sentryDsn }: Settings): Promise<Telling> {
  const log = openLog(logLevel)
  if (sentryDsn === undefined) return { log, tracker: null }
  const tracker = await openErrorTracker(sentryDsn)
  return { log: tracked(log, tracker), tracker }
}

async function run({ settings, warnings }: ReadSettings, telling: Telling): Promise<void> {
  const { log } = telling
  for (const hint of warnings) log.warn('settings.stray', { reason: hint })
  process.on('uncaughtException', (problem) => die(telling, problem))
  process.on('unhandledRejection', (problem) => {
    // A third-party client library leaves rejections unhandled. They may end one session, never all of them.
    if (!isLibraryFailure(problem)) return die(telling, problem)
    log.error('linking.unhandled', failureFields(problem))
  })
  try {
    const broker = await startBroker({ settings, log })
    announce(broker)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(broker, telling))
    // The parent process is gone: no signal to stop will come.
    process.on('disconnect', () => end(broker, telling))
  } catch (problem) {
    log.error('broker.cannot-start', failureFields(problem))
    process.stderr.write(`latchkey broker: ${problem instanceof Error ? problem.message : 'cannot start'}\n`)
    exit(telling, exitCodeOf(problem))
  }
}

/** Starting again helps against a failure; not against a right that is missing, nor against another broker in the folder. */
function exitCodeOf(problem: unknown): number {
  if (problem instanceof MissingRights) return Exit.badSettings
  return problem instanceof FolderInUse ? Exit.refused : Exit.failure
}

/** Says where it listens: to the process that started it, or to the person who did. */
function announce(broker: Broker): void {
  const { url, port, addresses, secretFile, operatorSecretFile } = broker
  const consoleUrl = broker.makeConsoleUrl()
  if (process.send) {
    process.send({ event: 'listening', url, port, addresses, consoleUrl, secretFile, operatorSecretFile })
    broker.announceConsoleUrls((next) => process.send?.({ event: 'console-link', consoleUrl: next }))
  } else process.stdout.write(`Listening on ${url}\nConsole    ${consoleUrl}\nSecret     in ${secretFile}\n`)
}

function end(broker: Broker, telling: Telling): void {
  setTimeout(() => process.exit(Exit.failure), STOP_MS_MAX).unref()
  broker.stop().then(
    () => exit(telling, Exit.ok),
    (problem) => die(telling, problem),
  )
}

function die(telling: Telling, problem: unknown): void {
  telling.log.error('broker.died', failureFields(problem))
  exit(telling, Exit.failure)
}

/** Ends the process when the last report has left. */
function exit({ tracker }: Telling, exitCode: number): void {
  if (tracker === null) process.exit(exitCode)
  void tracker.flush(LAST_WORDS_MS).finally(() => process.exit(exitCode))
}

/** The settings, or null when the process has said why not and ends. */
function settingsHere(): ReadSettings | null {
  const { flags, problems } = readFlags()
  if ('help' in flags || 'version' in flags) {
    process.stdout.write('help' in flags ? helpText() : `${BROKER_VERSION}\n`)
    return null
  }
  const decision = readSettings({ flags, env: process.env })
  const all = decision.ok ? problems : [...problems, ...decision.refusal]
  if (decision.ok && all.length === 0) return decision.value
  process.stderr.write(
    `The broker cannot start with these settings:\n${all.map((each) => `  - ${each}\n`).join('')}`,
  )
  process.exitCode = Exit.badSettings
  return null
}

/** `--name=value`, `--name value`, and `--name` alone for a switch. */
function readFlags(): { flags: Record<string, string | true>; problems: string[] } {
  const options: Record<string, { type: 'string' | 'boolean' }> = { config: { type: 'string' } }
  for (const name of ['help', 'version']) options[name] = { type: 'boolean' }
  for (const { flag, unit } of settingsTable) {
    if (flag !== null) options[flag] = { type: unit === 'on/off' ? 'boolean' : 'string' }
  }
  const { tokens } = parseArgs({ strict: false, tokens: true, allowPositionals: true, options })
  const flags: Record<string, string | true> = {}
  const problems: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`"${token.value}" is too much.`)
    if (token.kind === 'option') flags[token.name] = token.value ?? true
  }
  return { flags, problems }
}
