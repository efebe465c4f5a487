import { accessSync, constants, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type Enrolment, knownSecret, secretInFile } from './enrolment.ts'
import { keeperFolderIn } from './keeper/keeper-folder.ts'
import { ALLOW_UNSEALED_BY_DEFAULT } from './sealing/default-policy.ts'
import { INTEGRATION_CHOICES, type IntegrationChoice } from './shell-integration/shell-integration.ts'

/** What the process that starts a runner says, in the environment: it never reaches the shells. */
const flagOr = (byDefault: boolean) =>
  z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === '' ? byDefault : /^(1|true|yes|on)$/i.test(text)))
const flag = flagOr(false)
const text = z
  .string()
  .optional()
  .transform((value) => (value === '' ? undefined : value))

const runnerEnvironment = z.object({
  LATCHKEY_BROKER_URL: z.url({ protocol: /^https?$/, error: 'must be the http(s) address of a broker' }),
  /** the enrolment secret, or the file that holds it */
  LATCHKEY_RUNNER_SECRET: text,
  LATCHKEY_RUNNER_SECRET_FILE: text,
  /** stdin: the enrolment secret comes there, and nothing else */
  LATCHKEY_SECRETS: text,
  /** PEM: whom to trust beside the usual authorities; by default the certificate that a broker made for itself here */
  LATCHKEY_CA_FILE: text,
  LATCHKEY_DATA_DIR: text,
  XDG_STATE_HOME: text,
  LATCHKEY_LABEL: text,
  LATCHKEY_SHELL: text,
  LATCHKEY_FOLDER: text,
  LATCHKEY_VIEW_ONLY: flag,
  LATCHKEY_SHARE_HISTORY: flag,
  LATCHKEY_ALLOW_UNSEALED: flagOr(ALLOW_UNSEALED_BY_DEFAULT),
  /** programs end with this process; by default they stay for the next one */
  LATCHKEY_END_TERMINALS: flag,
  /** the last screens of terminals are kept on disk, sealed, for after a reboot */
  LATCHKEY_PAST_TERMINALS: flagOr(true),
  LATCHKEY_TERMINALS_MAX: z.coerce.number().int().min(1).max(1_000).optional(),
  /** whether shells of new terminals tell of their prompts and commands; `ask`: when an app says so */
  LATCHKEY_SHELL_INTEGRATION: z.preprocess(
    (said) => (said === '' ? undefined : said),
    z.enum(INTEGRATION_CHOICES).default('ask'),
  ),
  /** the largest recording of a terminal */
  LATCHKEY_RECORDING_MIB_MAX: z.coerce.number().int().min(1).max(1_048_576).optional(),
  /** the largest file that an app may send; 0: no files at all */
  LATCHKEY_FILE_MIB_MAX: z.coerce.number().int().min(0).max(1_048_576).optional(),
  /** all recordings together; the oldest are removed first */
  LATCHKEY_RECORDINGS_MIB_MAX: z.coerce.number().int().min(1).max(1_073_741_824).optional(),
  /** the ports that apps may connect to: of this machine, of all that it reaches, or none */
  LATCHKEY_PORTS: text.transform((said) => said ?? 'loopback').pipe(z.enum(['loopback', 'any', 'off'])),
})

export interface RunnerSettings {
  readonly brokerUrl: string
  readonly secret: Enrolment
  /** may not be there: brokers on plain HTTP make none */
  readonly authorityPath: string
  readonly identityPath: string
  readonly label: string | undefined
  readonly shell: string | undefined
  readonly folder: string | undefined
  readonly viewOnly: boolean
  readonly allowUnsealed: boolean
  readonly shareHistory: boolean
  /** where known apps are kept, and orders are taken */
  readonly stateFolder: string
  /** where the process that keeps terminals has its socket */
  readonly keeperFolder: string
  readonly endTerminals: boolean
  readonly pastTerminals: boolean
  readonly terminalsMax: number | undefined
  readonly recordingMibMax: number | undefined
  readonly fileMibMax: number | undefined
  readonly recordingsMibMax: number | undefined
  readonly ports: 'loopback' | 'any' | 'off'
  readonly shellIntegration: IntegrationChoice
}

export type Settings =
  | { readonly ok: true; readonly settings: RunnerSettings }
  | { readonly ok: false; readonly problems: readonly string[] }

/** The settings in `env`, or everything that is wrong with them. */
export function parseRunnerSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = runnerEnvironment.safeParse(env)
  if (!parsed.success)
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    }
  const said = parsed.data
  const secret = secretOf(
    said.LATCHKEY_SECRETS === 'stdin' ? readFileSync(0, 'utf8').trim() : said.LATCHKEY_RUNNER_SECRET,
    said.LATCHKEY_RUNNER_SECRET_FILE,
  )
  if (!secret.ok) return { ok: false, problems: [secret.problem] }
  const dataDir =
    said.LATCHKEY_DATA_DIR ?? join(said.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'latchkey')
  return {
    ok: true,
    settings: {
      brokerUrl: said.LATCHKEY_BROKER_URL,
      secret: secret.value,
      authorityPath: said.LATCHKEY_CA_FILE ?? join(dataDir, 'tls', 'cert.pem'),
      identityPath: join(dataDir, 'runner', 'identity.json'),
      label: said.LATCHKEY_LABEL,
      shell: said.LATCHKEY_SHELL,
      folder: said.LATCHKEY_FOLDER,
      viewOnly: said.LATCHKEY_VIEW_ONLY,
      allowUnsealed: said.LATCHKEY_ALLOW_UNSEALED,
      shareHistory: said.LATCHKEY_SHARE_HISTORY,
      stateFolder: join(dataDir, 'runner'),
      keeperFolder: keeperFolderIn(join(dataDir, 'runner')),
      endTerminals: said.LATCHKEY_END_TERMINALS,
      pastTerminals: said.LATCHKEY_PAST_TERMINALS,
      terminalsMax: said.LATCHKEY_TERMINALS_MAX,
      recordingMibMax: said.LATCHKEY_RECORDING_MIB_MAX,
      fileMibMax: said.LATCHKEY_FILE_MIB_MAX,
      recordingsMibMax: said.LATCHKEY_RECORDINGS_MIB_MAX,
      ports: said.LATCHKEY_PORTS,
      shellIntegration: said.LATCHKEY_SHELL_INTEGRATION,
    },
  }
}

function secretOf(
  secret: string | undefined,
  file: string | undefined,
): { readonly ok: true; readonly value: Enrolment } | { readonly ok: false; readonly problem: string } {
  if (secret !== undefined || file === undefined) return { ok: true, value: knownSecret(secret) }
  try {
    accessSync(file, constants.R_OK)
    return { ok: true, value: secretInFile(file) }
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : String(problem)
    return { ok: false, problem: `LATCHKEY_RUNNER_SECRET_FILE: ${why}` }
  }
}
