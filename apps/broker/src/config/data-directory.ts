import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What only this broker knows. */
export interface Secrets {
  /** what a new runner authenticates with; it grants nothing else */
  readonly enrolment: string
  /** what the operator's programs show; it enrols no runner */
  readonly operator: string
  /** signs the credentials of apps and hides codes in logs */
  readonly signingKey: Buffer
}

/** The broker's folder and what it found or made in it. */
export interface DataDirectory {
  readonly path: string
  readonly database: string
  readonly tls: string
  /** holds the enrolment secret, unless that was set by hand */
  readonly secretFile: string
  /** holds the operator's secret, unless that was set by hand */
  readonly operatorSecretFile: string
  readonly secrets: Secrets
}

const SECRET_BYTES = 32

/** The default data folder: latchkey in the user's state folder (XDG base directories). */
export function defaultDataDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const state = env['XDG_STATE_HOME']
  return join(state !== undefined && state !== '' ? state : join(homedir(), '.local', 'state'), 'latchkey')
}

/** Secrets from the settings. They are not kept in the folder. */
export interface SetByHand {
  readonly runnerSecret?: string | undefined
  readonly operatorSecret?: string | undefined
}

/** Makes the folder (0700) and the secrets in it that are missing (0600). */
export function openDataDirectory(path: string, setByHand: SetByHand): DataDirectory {
  const root = resolve(path)
  mkdirSync(root, { recursive: true, mode: 0o700 })
  chmodSync(root, 0o700)
  const secretFile = join(root, SECRET_FILES.enrolment.file)
  const operatorSecretFile = join(root, SECRET_FILES.operator.file)
  const signingKey = keep(join(root, SECRET_FILES.signingKey.file), newSecret)
  return {
    path: root,
    database: join(root, 'broker.sqlite'),
    tls: join(root, 'tls'),
    secretFile,
    operatorSecretFile,
    secrets: {
      enrolment: setByHand.runnerSecret ?? keep(secretFile, newSecret),
      operator: setByHand.operatorSecret ?? keep(operatorSecretFile, newSecret),
      signingKey: Buffer.from(signingKey, 'base64url'),
    },
  }
}

/** The secret that this broker shares with others takes the place of the one it made for itself, so that its file tells the truth. */
export function keepShared(file: string, secret: string): void {
  if (read(file) === secret) return
  renameSync(write(file, secret), file)
}

/** The file of each secret in the data folder, and the setting that takes its place. */
export const SECRET_FILES = {
  enrolment: { file: 'enrolment-secret', setting: 'LATCHKEY_RUNNER_SECRET' },
  operator: { file: 'operator-secret', setting: 'LATCHKEY_OPERATOR_SECRET' },
  signingKey: { file: 'signing-key', setting: null },
} as const satisfies Readonly<Record<keyof Secrets, object>>

/** A new secret, 32 random bytes in base64url. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

/** A secret of its own for a part of the broker: made once, kept in the data folder, 32 bytes in base64url. */
export const keptSecret = ({ path }: DataDirectory, name: string): string => keep(join(path, name), newSecret)

/** The text of a file that is made once and whole, also when two processes start together or one dies half way. */
function keep(file: string, make: () => string): string {
  const found = read(file)
  if (found !== null) return found
  const draft = write(file, make())
  try {
    linkSync(draft, file)
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem && problem.code === 'EEXIST')) throw problem
  } finally {
    rmSync(draft, { force: true })
  }
  const made = read(file)
  if (made === null) throw new Error(`${file} is empty: remove it, and a new one is made`)
  return made
}

/** Writes the text whole beside the file; answers with where. */
function write(file: string, text: string): string {
  const draft = `${file}.${process.pid}`
  const handle = openSync(draft, 'w', 0o600)
  writeSync(handle, `${text}\n`)
  fsyncSync(handle)
  closeSync(handle)
  return draft
}

function read(file: string): string | null {
  try {
    chmodSync(file, 0o600)
    return readFileSync(file, 'utf8').trim() || null
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null
    throw problem
  }
}
