import { closeSync, mkdirSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { SECRETS_FROM } from '@latchkey/broker/config/secret-sources'
import { type BrokerSettings, brokerOptions, readBrokerSettings, withoutSecrets } from '../broker-settings.ts'
import type { Command, Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { refusedAsNested } from '../nested.ts'
import {
  notesOn,
  type RunnerSettings,
  readRunnerSettings,
  runnerEnv,
  runnerOptions,
} from '../runner-settings.ts'
import { machineOf } from './machine.ts'
import { localAddress } from './reach.ts'
import { readUpFile } from './up-file.ts'
import { UpRun } from './up-run.ts'

export const upCommand: Command = {
  name: 'up',
  summary: 'start broker and runner on this machine and show a pairing code (the default)',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey up', does: 'phones on the same network can pair with this machine' },
    { line: 'latchkey up --local', does: 'this machine only: for a try, or behind a tunnel' },
    { line: 'latchkey up --json --port 0', does: 'for a program: JSON on stdout, any free port' },
  ],
  options: {
    ...brokerOptions,
    ...runnerOptions,
    debug: {
      type: 'string',
      value: 'FILE',
      help: 'write what broker and runner do into FILE; no codes, secrets or terminal contents',
    },
    'no-qr': { type: 'boolean', help: 'no QR code on the first screen' },
  },
  run: up,
}

async function up(call: Invocation): Promise<ExitCode> {
  if (refusedAsNested(call)) return EXIT.refused
  const broker = readBrokerSettings(call)
  const runner = readRunnerSettings(call)
  if (!broker.ok || !runner.ok) {
    for (const problem of [broker, runner].flatMap((read) => (read.ok ? [] : read.refusal)))
      call.complain(problem)
    return EXIT.badUsage
  }
  const { dataDir, settings } = broker.value
  const running = readUpFile(dataDir)
  if (running !== null) {
    call.complain(`Latchkey already runs on ${dataDir}: ${running.url}, process ${running.pid}.`)
    call.complain('Stop that one first, or give this one its own --data-dir.')
    return EXIT.refused
  }
  const port = await portProblem(settings.local ? '127.0.0.1' : settings.host, settings.port)
  if (port !== null) {
    call.complain(port)
    return EXIT.failed
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const debug = call.text('debug')
  const debugFile = debug === undefined ? null : resolve(debug)
  const problem = debugFile === null ? null : unwritable(debugFile)
  if (problem !== null) {
    call.complain(problem)
    return EXIT.badUsage
  }
  return new UpRun({
    call,
    dataDir,
    machine: machineOf(runner.value, true),
    notes: [
      ...broker.value.warnings,
      ...notesOn(runner.value),
      ...(debugFile === null ? [] : [`What broker and runner do is written into ${debugFile}.`]),
    ],
    debugFile,
    pageUrl: runner.value.page,
    ...environments(call, broker.value, runner.value),
  }).run()
}

/**
 * The settings and secrets of broker and runner. Secrets go over stdin, because a program in a terminal can read the
 * environment of every process of this user.
 */
function environments(call: Invocation, broker: BrokerSettings, runner: RunnerSettings) {
  const level = call.text('debug') === undefined ? 'warn' : 'debug'
  const common = { LATCHKEY_LOG: level, ...withoutSecrets(call.env) }
  const { secrets } = broker
  const enrolment = secrets['LATCHKEY_RUNNER_SECRET'] ?? null
  return {
    brokerSecrets: () => JSON.stringify(secrets),
    runnerSecrets: () => enrolment,
    brokerEnv: (port: number | null) => ({
      ...common,
      ...broker.env,
      [SECRETS_FROM]: 'stdin',
      // A page that was named is an allowed origin.
      ...(runner.page === null
        ? {}
        : { LATCHKEY_ALLOWED_ORIGINS: [...broker.settings.allowedOrigins, runner.page].join(',') }),
      ...(port === null ? {} : { LATCHKEY_PORT: String(port) }),
    }),
    runnerEnv: (at: Parameters<typeof localAddress>[0] & { readonly secretFile: string }) => ({
      ...common,
      ...runnerEnv(runner, {
        brokerUrl: localAddress(at),
        dataDir: broker.dataDir,
        secretFile: enrolment === null ? at.secretFile : null,
      }),
    }),
  }
}

/** Why a file cannot be written into, as a sentence; null when it can. */
function unwritable(file: string): string | null {
  try {
    closeSync(openSync(file, 'a', 0o600))
    return null
  } catch {
    return `--debug: ${file} cannot be written.`
  }
}

/**
 * Why the broker could not listen on a port that was asked for, as a sentence; null when it could, or when none was
 * asked for: the broker then takes the usual one or the next that is free.
 */
async function portProblem(host: string, port: number | undefined): Promise<string | null> {
  if (port === undefined || port === 0) return null
  const code = await new Promise<string | null>((done) => {
    const server = createServer()
    server.once('error', (problem: NodeJS.ErrnoException) => done(problem.code ?? 'unknown'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)))
  })
  switch (code) {
    case null:
      return null
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program. Choose another with --port, or --port 0 for any free one.`
    case 'EACCES':
      return `Port ${port} is not for this user. Choose one above 1023 with --port.`
    default:
      return `Cannot listen on ${host}, port ${port}: ${code}.`
  }
}
