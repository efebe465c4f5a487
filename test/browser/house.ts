import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** A built broker and runner as real processes on loopback, in a data folder of their own. */
export interface House {
  readonly url: string
  readonly dataDir: string
  /** holds the secret with which runners register */
  readonly secretFile: string
  /** the code that the machine shows now */
  readonly code: () => string
  readonly consoleUrl: string
  /** another console URL; each signs in once */
  consoleLink(): Promise<string>
  /** kill -9, as a crash would */
  killBroker(): Promise<void>
  /** on the same port */
  startBroker(): Promise<void>
  /** the PIN that a machine of this house shows now; waits for one */
  pin(): Promise<string>
  /** what the QR code or pairing URL of `attic` says behind its `#` */
  readonly link: () => string
  /** what its owner asks of `attic` on its own socket, as one JSON object, and what it answers */
  order(command: Readonly<Record<string, string>>): Promise<unknown>
  /** kill -9 of the runner of `attic`; its terminals go on, and `addRunner` starts the next one */
  killRunner(): Promise<void>
  /** another machine in the same house, or the next runner of one; answers with its code */
  addRunner(label: string): Promise<string>
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
export const ARTIFACTS = join(root, 'test/artifacts')

const listening = z.looseObject({
  event: z.literal('listening'),
  url: z.string(),
  port: z.number(),
  consoleUrl: z.string(),
  secretFile: z.string(),
  operatorSecretFile: z.string(),
})
const registered = z.looseObject({ event: z.enum(['registered', 'code']), code: z.string() })

const linkAnswer = z.looseObject({ consoleUrl: z.string() })
const pinShown = z.looseObject({ event: z.literal('pin'), pin: z.string().nullable() })
const fragmentTold = z.looseObject({ event: z.literal('fragment'), fragment: z.string() })

/** By house and code: what else its link says, so that a test pairs without being asked for a PIN. */
const links = new Map<string, string>()
export const linkOf = (url: string, code: string): string =>
  links.get(`${url} ${code.replaceAll('-', '')}`) ?? `1.${code.replaceAll('-', '')}`

const START_MS_MAX = 60_000

function built(path: string): string {
  const file = join(root, path)
  if (!existsSync(file)) throw new Error(`${path} is missing: run "npm run build" first`)
  return file
}

/** Resolves with the first message that `schema` takes; rejects when the process ends first, with what it wrote. */
function told<T>(child: ChildProcess, schema: z.ZodType<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let written = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      written = (written + chunk.toString()).slice(-4_000)
    })
    const timer = setTimeout(
      () => reject(new Error(`not told within ${START_MS_MAX} ms: ${written}`)),
      START_MS_MAX,
    )
    child.on('message', (message) => {
      const parsed = schema.safeParse(message)
      if (!parsed.success) return
      clearTimeout(timer)
      resolve(parsed.data)
    })
    child.once('exit', (status) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${status}: ${written}`))
    })
  })
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

/** One line there, one line back. */
async function ordered(path: string, command: object): Promise<unknown> {
  const socket = connect(path)
  socket.write(`${JSON.stringify(command)}\n`)
  let answer = ''
  for await (const chunk of socket) {
    answer += String(chunk)
    if (answer.endsWith('\n')) break
  }
  return JSON.parse(answer)
}

export interface HouseOptions {
  /** further settings of the broker, as environment */
  readonly env?: Readonly<Record<string, string>>
  readonly viewOnly?: boolean
}

/** Opens a house: broker first, then a machine named `attic` that offers plain shells. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  mkdirSync(ARTIFACTS, { recursive: true })
  built('apps/web/served/index.html')
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-browser-'))
  const codes = new Map<string, string>()
  const runners = new Map<string, ChildProcess>()
  let shown: string | null = null
  let port = 0

  const forkBroker = async () => {
    const child = fork(built('apps/cli/dist/bundle/broker.js'), [], {
      env: {
        ...process.env,
        LATCHKEY_LOCAL: 'true',
        LATCHKEY_PORT: String(port),
        LATCHKEY_DATA_DIR: dataDir,
        LATCHKEY_LOG: 'warn',
        ...options.env,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const at = await told(child, listening)
    port = at.port
    return { child, at }
  }
  let broker = await forkBroker()
  const { url } = broker.at

  const addRunner = async (label: string) => {
    const runnerDir = join(dataDir, `machine-${label}`)
    mkdirSync(runnerDir, { recursive: true, mode: 0o700 })
    // The same prompt on every host, whether the shell is a login shell or not.
    for (const file of ['.bashrc', '.bash_profile']) writeFileSync(join(runnerDir, file), "PS1='$ '\n")
    const child = fork(built('apps/cli/dist/bundle/runner.js'), [], {
      cwd: runnerDir,
      env: {
        ...process.env,
        LATCHKEY_BROKER_URL: url,
        LATCHKEY_RUNNER_SECRET_FILE: broker.at.secretFile,
        LATCHKEY_DATA_DIR: runnerDir,
        LATCHKEY_LABEL: label,
        LATCHKEY_SHELL: '/bin/bash',
        LATCHKEY_FOLDER: runnerDir,
        LATCHKEY_END_TERMINALS: '1',
        HOME: runnerDir,
        ...(options.viewOnly === true ? { LATCHKEY_VIEW_ONLY: 'true' } : {}),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    runners.set(label, child)
    child.on('message', (message) => {
      const parsed = registered.safeParse(message)
      if (parsed.success) codes.set(label, parsed.data.code)
      const pin = pinShown.safeParse(message)
      if (pin.success) shown = pin.data.pin
      const told = fragmentTold.safeParse(message)
      if (told.success) links.set(`${url} ${told.data.fragment.split('.')[1]}`, told.data.fragment)
    })
    return (await told(child, registered)).code
  }
  await addRunner('attic')

  return {
    url,
    dataDir,
    secretFile: broker.at.secretFile,
    code: () => codes.get('attic') ?? '',
    link: () => linkOf(url, codes.get('attic') ?? ''),
    async pin() {
      for (let waited = 0; shown === null && waited < START_MS_MAX; waited += 50) await pause(50)
      if (shown === null) throw new Error('no machine shows a PIN')
      return shown
    },
    order: (command) => ordered(join(dataDir, 'machine-attic', 'runner', 'control.sock'), command),
    consoleUrl: broker.at.consoleUrl,
    async consoleLink() {
      const authorization = `Bearer ${readFileSync(broker.at.operatorSecretFile, 'utf8').trim()}`
      const answer = await fetch(`${url}/operator/link`, { method: 'POST', headers: { authorization } })
      return linkAnswer.parse(await answer.json()).consoleUrl
    },
    killBroker: () => ended(broker.child, 'SIGKILL'),
    async startBroker() {
      broker = await forkBroker()
    },
    async killRunner() {
      const runner = runners.get('attic')
      if (runner !== undefined) await ended(runner, 'SIGKILL')
    },
    addRunner,
    async stop() {
      await Promise.all([...runners.values()].map((runner) => ended(runner, 'SIGTERM')))
      await ended(broker.child, 'SIGTERM')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
