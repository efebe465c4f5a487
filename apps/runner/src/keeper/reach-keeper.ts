import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { decoded } from '@latchkey/protocol/bytes'
import { FRUGAL_ENV, FRUGAL_NODE_FLAGS } from '../idle-memory.ts'
import { hasNoListener } from '../unix-socket.ts'
import { FrameReader } from './frame-reader.ts'
import { keeperFolderProblem, keeperPrints, keeperSocket, readToken } from './keeper-folder.ts'
import {
  type FromKeeper,
  KEEPER_VERSION,
  type KeeperPort,
  type KeeperRole,
  type ToKeeper,
} from './keeper-messages.ts'
import { decodeFromKeeper, encodeToKeeper } from './keeper-wire.ts'

/**
 * A keeper answers in milliseconds, and in seconds where everything waits for a processor. A runner that gives up too early
 * ends, and where nothing starts it again, its terminals are out of reach.
 */
const ANSWER_WITHIN_MS = 10_000
const START_WITHIN_MS = 15_000
/** A runner that was killed is gone in a moment: the keeper first reads what it had sent. It is asked again until then. */
const BUSY_MS_MAX = 10_000
const LOOK_EVERY_MS = 20

/** Why no keeper can be used, as a sentence for the person at the machine. */
export class NoKeeper extends Error {}

export interface KeeperListener {
  hear(message: FromKeeper): void
  /** the connection is over, and not by `close` */
  lost(): void
}

/** Reaches the keeper of `folder`, and starts one when there is none. Throws `NoKeeper`. */
export async function reachOrStartKeeper(
  folder: string,
  listener: KeeperListener,
): Promise<KeeperPort<ToKeeper>> {
  const problem = keeperFolderProblem(folder)
  if (problem !== null) throw new NoKeeper(problem)
  const busyUntil = performance.now() + BUSY_MS_MAX
  let started: { readonly died: () => boolean } | null = null
  const startUntil = performance.now() + START_WITHIN_MS
  for (;;) {
    const reached = await reachKeeper(folder, 'runner', listener)
    if (typeof reached === 'object') return reached
    if (reached === 'busy' && performance.now() > busyUntil)
      throw new NoKeeper('Another runner has the terminals of this data folder: stop that one first.')
    if (reached === 'none') {
      if (started?.died() === true || performance.now() > startUntil)
        throw new NoKeeper(`The process that keeps terminals did not start: ${printed(folder)}`)
      started ??= startKeeper(folder)
    }
    await wait(LOOK_EVERY_MS)
  }
}

/**
 * Connects to the keeper of `folder`. 'none': there is no keeper; 'busy': it has a runner, or takes no connection now. Throws `NoKeeper` when there is one
 * that cannot be used.
 */
export async function reachKeeper(
  folder: string,
  role: KeeperRole,
  listener: KeeperListener,
): Promise<KeeperPort<ToKeeper> | 'none' | 'busy'> {
  const socket = await connected(keeperSocket(folder))
  if (typeof socket === 'string') return socket
  return new Promise((resolve, reject) => {
    const fail = (problem: string) => {
      socket.destroy()
      reject(new NoKeeper(problem))
    }
    const silent = setTimeout(
      () => fail('The process that keeps the terminals does not answer. Its terminals are left as they are.'),
      ANSWER_WITHIN_MS,
    )
    const port = new KeeperSocket(socket, {
      hear: (message) => {
        listener.hear(message)
        if (message.type === 'welcome') resolve(port)
        if (message.type === 'refused') {
          if (message.busy) resolve('busy')
          else fail(`The process that keeps the terminals refuses this one: ${message.sentence}`)
        }
        if (message.type === 'welcome' || message.type === 'refused') clearTimeout(silent)
      },
      lost: () => {
        clearTimeout(silent)
        // After an answer this changes nothing.
        resolve('none')
        listener.lost()
      },
    })
    try {
      port.send({ type: 'hello', version: KEEPER_VERSION, role, token: readToken(folder) })
    } catch (problem) {
      clearTimeout(silent)
      fail(`The token of the process that keeps the terminals cannot be read: ${messageOf(problem)}`)
    }
  })
}

/** A connection to a keeper, over a socket. */
class KeeperSocket implements KeeperPort<ToKeeper> {
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  #closed = false

  constructor(socket: Socket, listener: KeeperListener) {
    this.#socket = socket
    socket.on('data', (bytes: Uint8Array) => {
      for (const frame of decoded(() => this.#frames.read(bytes)) ?? this.#malformed()) {
        const read = decoded(() => ({ message: decodeFromKeeper(frame) }))
        if (read === null) this.#malformed()
        else if (read.message !== null) listener.hear(read.message)
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (!this.#closed) listener.lost()
    })
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain
  }

  send(message: ToKeeper): void {
    if (this.#socket.writable) this.#socket.write(encodeToKeeper(message))
  }

  close(): void {
    this.#closed = true
    this.#socket.end()
    this.#socket.destroySoon()
  }

  #malformed(): readonly Uint8Array[] {
    this.#socket.destroy()
    return []
  }
}

const connected = (path: string): Promise<Socket | 'none' | 'busy'> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (problem) => resolve(hasNoListener(problem) ? 'none' : 'busy'))
  })

/**
 * Starts a keeper that this process does not take along when it ends: in a session of its own, with nothing of ours open, and
 * no setting of ours in its environment.
 */
function startKeeper(folder: string): { readonly died: () => boolean } {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./keeper-main.${ending}`, import.meta.url))
  const prints = openSync(keeperPrints(folder), 'w', 0o600)
  const child = spawn(process.execPath, [...FRUGAL_NODE_FLAGS, program, folder], {
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...FRUGAL_ENV },
    stdio: ['ignore', prints, prints],
  })
  closeSync(prints)
  let died = false
  child.once('error', () => (died = true))
  child.once('exit', () => (died = true))
  child.unref()
  return { died: () => died }
}

function printed(folder: string): string {
  try {
    return readFileSync(keeperPrints(folder), 'utf8').trim() || 'it said nothing.'
  } catch (problem) {
    return messageOf(problem)
  }
}

const messageOf = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem))
