import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { isProgram } from '@latchkey/runner/shell-environment'
import {
  INTEGRATION_CHOICES,
  type IntegrationChoice,
} from '@latchkey/runner/shell-integration/shell-integration'
import type { CommandOption, Invocation } from './command.ts'

/** What a runner offers to paired apps. */
export interface RunnerSettings {
  /** absolute path of the program in each terminal */
  readonly shell: string
  /** absolute path of the folder it starts in */
  readonly folder: string
  readonly viewOnly: boolean
  /** apps may read output from before they were paired */
  readonly shareHistory: boolean
  /** apps that cannot seal are let in; null: as this release does it by default */
  readonly allowUnsealed: boolean | null
  /** how the machine calls itself; null for its host name */
  readonly name: string | null
  /** programs in terminals end with the runner; by default they stay for the next one */
  readonly endTerminals: boolean
  /** the last screens of terminals are kept on disk, for after a reboot */
  readonly pastTerminals: boolean
  /** whether shells tell of their commands; `ask`: an app says so */
  readonly shellIntegration: IntegrationChoice
  /** origin of the page that links lead to; null for the broker's own */
  readonly page: string | null
}

const NAME_CHARACTERS_MAX = 64

export const runnerOptions: Readonly<Record<string, CommandOption>> = {
  shell: {
    type: 'string',
    value: 'PROGRAM',
    help: 'the program in each terminal; by default your own shell ($SHELL)',
  },
  cwd: { type: 'string', value: 'FOLDER', help: 'the folder it starts in; by default this one' },
  name: { type: 'string', value: 'TEXT', help: 'the name of this machine in apps; by default its host name' },
  page: {
    type: 'string',
    value: 'URL',
    help: 'the page that pairing URLs and QR codes lead to, if not the broker’s own (LATCHKEY_PAGE)',
  },
  'view-only': { type: 'boolean', help: 'paired apps may watch, not type' },
  'share-history': {
    type: 'boolean',
    help: 'apps may read output from before they were paired (LATCHKEY_SHARE_HISTORY)',
  },
  'end-terminals': {
    type: 'boolean',
    help: 'programs in terminals end when this does; by default they go on (LATCHKEY_END_TERMINALS)',
  },
  'past-terminals': {
    type: 'string',
    value: 'on|off',
    help: 'keep the last screens of terminals on disk, sealed, for after a reboot; on by default, "off" erases them (LATCHKEY_PAST_TERMINALS)',
  },
  'shell-integration': {
    type: 'string',
    value: 'on|off|ask',
    help: 'bash, zsh and fish tell apps where commands begin and end, and their exit; "ask", by default, lets an app say so (LATCHKEY_SHELL_INTEGRATION)',
  },
  'allow-unsealed': {
    type: 'boolean',
    help: 'ask here about apps that cannot seal; the broker can read and control their terminals (LATCHKEY_ALLOW_UNSEALED)',
  },
}

/** What the options and the environment say, or every problem with it at once. */
export function readRunnerSettings(call: Invocation): Decision<RunnerSettings, readonly string[]> {
  const shell = call.text('shell') ?? call.env['SHELL'] ?? userInfo().shell ?? '/bin/sh'
  const folder = resolve(call.text('cwd') ?? '.')
  const name = call.text('name') ?? null
  const page = call.text('page') ?? call.env['LATCHKEY_PAGE'] ?? null
  const found = findProgram(shell, call.env['PATH'] ?? '')
  const problems: string[] = []
  const past = call.text('past-terminals') ?? ''
  if (!/^(on|off)?$/.test(past)) problems.push('--past-terminals must be on or off.')
  const integration = readIntegration(call)
  if (integration === null) problems.push('--shell-integration must be on, off or ask.')
  if (found === null)
    problems.push(`--shell: there is no program ${shell}. Give the path of one, like --shell /bin/bash.`)
  if (!isFolder(folder)) problems.push(`--cwd: ${folder} is no folder. Give one that exists.`)
  if (name !== null && (name.trim() === '' || name.length > NAME_CHARACTERS_MAX))
    problems.push(`--name must have 1 to ${NAME_CHARACTERS_MAX} characters.`)
  if (page !== null && (!URL.canParse(page) || new URL(page).origin !== page))
    problems.push('--page must look like https://page.example.com, without a path.')
  if (problems.length > 0 || found === null || integration === null) return refuse(problems)
  return accept({
    shell: found,
    folder,
    viewOnly: call.on('view-only'),
    shareHistory: call.on('share-history') || isOn(call.env['LATCHKEY_SHARE_HISTORY'] ?? ''),
    allowUnsealed: allowsUnsealed(call),
    endTerminals: call.on('end-terminals') || isOn(call.env['LATCHKEY_END_TERMINALS'] ?? ''),
    pastTerminals: isOn(past || (call.env['LATCHKEY_PAST_TERMINALS'] ?? '') || 'on'),
    shellIntegration: integration,
    name,
    page,
  })
}

function readIntegration(call: Invocation): IntegrationChoice | null {
  const said = call.text('shell-integration') ?? call.env['LATCHKEY_SHELL_INTEGRATION'] ?? ''
  return INTEGRATION_CHOICES.find((choice) => choice === (said === '' ? 'ask' : said)) ?? null
}

function allowsUnsealed(call: Invocation): boolean | null {
  if (call.on('allow-unsealed')) return true
  const said = call.env['LATCHKEY_ALLOW_UNSEALED'] ?? ''
  return said === '' ? null : isOn(said)
}

const isOn = (said: string): boolean => /^(1|true|yes|on)$/i.test(said)

/** Running as root is allowed, because containers often have no other user; the owner is warned. */
export function notesOn(runner: RunnerSettings): string[] {
  if (process.getuid?.() !== 0 || runner.viewOnly) return []
  return ['You are root here, so a paired phone is root too. Start it as another user to give away less.']
}

/** The runner's settings as the environment of its process. */
export const runnerEnv = (
  {
    shell,
    folder,
    viewOnly,
    shareHistory,
    allowUnsealed,
    endTerminals,
    pastTerminals,
    shellIntegration,
    name,
  }: RunnerSettings,
  broker: { readonly brokerUrl: string; readonly dataDir: string; readonly secretFile: string | null },
): Readonly<Record<string, string>> => ({
  LATCHKEY_BROKER_URL: broker.brokerUrl,
  LATCHKEY_DATA_DIR: broker.dataDir,
  // Without a file the secret comes over stdin.
  ...(broker.secretFile === null
    ? { LATCHKEY_SECRETS: 'stdin' }
    : { LATCHKEY_SECRETS: '', LATCHKEY_RUNNER_SECRET_FILE: broker.secretFile }),
  LATCHKEY_SHELL: shell,
  LATCHKEY_FOLDER: folder,
  LATCHKEY_VIEW_ONLY: viewOnly ? '1' : '0',
  LATCHKEY_SHARE_HISTORY: shareHistory ? '1' : '0',
  LATCHKEY_END_TERMINALS: endTerminals ? '1' : '0',
  LATCHKEY_PAST_TERMINALS: pastTerminals ? '1' : '0',
  LATCHKEY_SHELL_INTEGRATION: shellIntegration,
  ...(allowUnsealed === null ? {} : { LATCHKEY_ALLOW_UNSEALED: allowUnsealed ? '1' : '0' }),
  ...(name === null ? {} : { LATCHKEY_LABEL: name }),
})

function findProgram(program: string, path: string): string | null {
  const places =
    isAbsolute(program) || program.includes('/')
      ? [resolve(program)]
      : path.split(':').map((folder) => resolve(folder, program))
  return places.find(isProgram) ?? null
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
