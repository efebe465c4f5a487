import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base64url } from '@latchkey/protocol/bytes'
import { registrationMessage, runnerFingerprint } from '@latchkey/protocol/runner-identity'
import { io, type Socket } from 'socket.io-client'
import { type Broker, type BrokerOptions, startBroker } from '../broker.ts'
import { parseSettings } from '../config/parse-settings.ts'
import { openLog } from '../log/log.ts'

/** What a test may read of an answer, without claiming a type for it. */
export type Told = Readonly<Record<string, unknown>>

/** A real broker on loopback, on a port and in a folder of its own. */
export interface TestBroker {
  readonly url: string
  readonly port: number
  /** enrols runners */
  readonly secret: string
  /** the operator's */
  readonly operator: string
  readonly dataDir: string
  readonly broker: Broker
  /** all log lines so far */
  readonly log: string[]
  connect(auth?: Told, options?: Told): Promise<TestClient>
  /** Stops it and starts another one on the same data and port. */
  restart(changed?: Readonly<Record<string, string>>): Promise<TestBroker>
  stop(): Promise<void>
}

/** One Socket.IO client that remembers what it heard. */
export interface TestClient {
  readonly socket: Socket
  readonly heard: { readonly event: string; readonly data: Told }[]
  call(event: string, request?: unknown): Promise<Told>
  /** the next such event, or one that was heard already and not yet waited for */
  next(event: string): Promise<Told>
  /** resolves once the connection has ended, with the reason */
  readonly ended: Promise<string>
  close(): void
}

const WAIT_MS = 30_000

const cleanUps: (() => unknown)[] = []

/** Ends what the tests of a file began; to be called after each. */
export async function cleanUp(): Promise<void> {
  for (const run of cleanUps.splice(0).reverse()) await run()
}
export const atCleanUp = (run: () => unknown): void => void cleanUps.push(run)

/**
 * @param env where Redis and PostgreSQL are; without it the broker is on SQLite
 * @param linking parts of WhatsApp linking
 * @param webhooks parts of webhooks
 */
export async function testBroker(
  flags: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
  linking: BrokerOptions['linking'] = {},
  webhooks: NonNullable<BrokerOptions['webhooks']> = {},
): Promise<TestBroker> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-broker-'))
  atCleanUp(() => rmSync(dataDir, { recursive: true, force: true }))
  return begin({ port: '0', local: 'on', 'data-dir': dataDir, log: 'debug', ...flags }, env, [], {
    linking,
    webhooks,
  })
}

async function begin(
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  log: string[],
  brought: Pick<BrokerOptions, 'linking' | 'webhooks'>,
): Promise<TestBroker> {
  const decision = parseSettings({ flags, env })
  if (!decision.ok) throw new Error(decision.refusal.join('\n'))
  const broker = await startBroker({
    settings: decision.value,
    log: openLog(decision.value.logLevel, { write: (line) => void log.push(line) }),
    webRoot: join(flags['data-dir'] ?? '', 'web'),
    ...brought,
  })
  atCleanUp(() => broker.stop())
  const { port } = broker
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    broker,
    log,
    dataDir: flags['data-dir'] ?? '',
    secret: env['LATCHKEY_RUNNER_SECRET'] ?? readFileSync(broker.secretFile, 'utf8').trim(),
    operator: env['LATCHKEY_OPERATOR_SECRET'] ?? readFileSync(broker.operatorSecretFile, 'utf8').trim(),
    connect: (auth, options) => connect(url, auth, options),
    stop: () => broker.stop(),
    restart: async (changed = {}) => {
      await broker.stop()
      return begin({ ...flags, port: String(port) }, { ...env, ...changed }, log, brought)
    },
  }
}

export function connect(url: string, auth: Told = {}, options: Told = {}): Promise<TestClient> {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false, auth, ...options })
  const heard: { event: string; data: Told }[] = []
  const unread: { event: string; data: Told }[] = []
  const waiting: { event: string; resolve: (data: Told) => void }[] = []
  atCleanUp(() => socket.disconnect())
  socket.onAny((event: string, data: Told) => {
    heard.push({ event, data })
    const index = waiting.findIndex((each) => each.event === event)
    if (index >= 0) waiting.splice(index, 1)[0]?.resolve(data)
    else unread.push({ event, data })
  })
  const ended = new Promise<string>((resolve) => socket.on('disconnect', resolve))
  const client: TestClient = {
    socket,
    heard,
    ended,
    call: (event, request) => socket.timeout(WAIT_MS).emitWithAck(event, request),
    next: (event) =>
      within(
        `${event} to be heard`,
        new Promise((resolve) => {
          const index = unread.findIndex((each) => each.event === event)
          const found = index >= 0 ? unread.splice(index, 1)[0] : undefined
          if (found) resolve(found.data)
          else waiting.push({ event, resolve })
        }),
      ),
    close: () => socket.disconnect(),
  }
  return within(
    'a connection',
    new Promise((resolve, reject) => {
      socket.on('connect', () => resolve(client))
      socket.on('connect_error', reject)
    }),
  )
}

/** A runner's keys, made for one test. */
export function runnerKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signing = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const reach = randomBytes(32)
  const runnerId = runnerFingerprint({ reach, sign: signing })
  return {
    runnerId,
    publicKey: base64url(Buffer.concat([reach, signing])),
    sign: (pairingCode: string, nonce: string, id = runnerId) =>
      base64url(sign(null, registrationMessage(id, pairingCode, nonce), privateKey)),
  }
}
export type RunnerKeys = ReturnType<typeof runnerKeys>

/** A runner of ours: key, signature, incarnation and secret. */
export async function registerOurs(
  client: TestClient,
  keys: RunnerKeys,
  said: { pairingCode: string; incarnation: string; secret?: string },
): Promise<Told> {
  const { nonce } = await client.call('runner:challenge')
  return client.call('runner:register', {
    runnerId: keys.runnerId,
    publicKey: keys.publicKey,
    nonce,
    signature: keys.sign(said.pairingCode, String(nonce)),
    label: 'test machine',
    ...said,
  })
}

/** A founding runner: free id, code, secret. */
export const registerFounding = (
  client: TestClient,
  broker: TestBroker,
  runnerId: string,
  pairingCode: string,
): Promise<Told> => client.call('runner:register', { runnerId, pairingCode, secret: broker.secret })

/** Keys as by `clientToken`, to come back as the same app. */
export async function appToken(app: TestClient): Promise<string> {
  return String((await app.next('app:session'))['clientToken'])
}

export const code = (number: number): string => {
  const nine = number.toString().padStart(9, '0')
  return `${nine.slice(0, 3)}-${nine.slice(3, 6)}-${nine.slice(6)}`
}

export const ticketOf = (reply: Told): string => {
  const { terminal } = reply
  if (typeof terminal !== 'object' || terminal === null || !('ticket' in terminal)) {
    throw new Error(`no ticket in ${JSON.stringify(reply)}`)
  }
  return String(terminal.ticket)
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Gives the broker, which runs in this process, and its sockets many turns: what it would do by now, it has done. On a slow
 * machine it takes longer, and means the same.
 */
export async function turns(count = 200): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await pause(10)
  }
}

export function within<T>(what: string, promise: Promise<T>, ms = WAIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
