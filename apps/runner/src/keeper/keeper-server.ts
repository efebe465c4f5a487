import { timingSafeEqual } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { decoded } from '@latchkey/protocol/bytes'
import { listenForOwner } from '../unix-socket.ts'
import { FrameReader } from './frame-reader.ts'
import type { Keeper, KeeperSession } from './keeper.ts'
import { keeperSocket, madeToken } from './keeper-folder.ts'
import type { FromKeeper, KeeperPort, ToKeeper } from './keeper-messages.ts'
import { decodeToKeeper, encodeFromKeeper, encodeOutputHead } from './keeper-wire.ts'

/** A client says hello at once. */
const HELLO_WITHIN_MS = 5_000
/** More connections at a time are turned away: a runner, its successor, and a few commands of the owner. */
const CLIENTS_MAX = 16

const REFUSED = {
  stranger: 'This program has not shown the token of this keeper: it is not used by strangers.',
  busy: 'Another runner has these terminals.',
  malformed: 'What was said is not understood: the connection ends, the terminals stay.',
} as const

/** Lets runners of this user use `keeper` over a socket in `folder`. Answers why that cannot be, or null. */
export async function serveKeeper(keeper: Keeper, folder: string): Promise<string | null> {
  const token = madeToken(folder)
  let clients = 0
  const server = createServer((socket) => {
    clients += 1
    socket.on('close', () => (clients -= 1))
    if (clients > CLIENTS_MAX) socket.destroy()
    else new KeeperClientSocket(socket, keeper, token)
  })
  return listenForOwner(server, keeperSocket(folder))
}

/** One connection to the keeper, from its hello to its end. */
class KeeperClientSocket implements KeeperPort<FromKeeper> {
  readonly #socket: Socket
  readonly #keeper: Keeper
  readonly #token: Uint8Array
  readonly #frames = new FrameReader()
  readonly #helloTimer: NodeJS.Timeout
  #session: KeeperSession | null = null

  constructor(socket: Socket, keeper: Keeper, token: Uint8Array) {
    this.#socket = socket
    this.#keeper = keeper
    this.#token = token
    this.#helloTimer = setTimeout(() => this.#refuse('stranger'), HELLO_WITHIN_MS)
    socket.on('data', (bytes: Uint8Array) => this.#read(bytes))
    socket.on('drain', () => this.#session?.drained())
    socket.on('error', () => socket.destroy())
    // All that was sent has been read by then, also of a client that was killed.
    socket.on('close', () => this.#over())
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain
  }

  send(message: FromKeeper): void {
    if (!this.#socket.writable) return
    if (message.type !== 'output') return void this.#socket.write(encodeFromKeeper(message))
    this.#socket.cork()
    this.#socket.write(encodeOutputHead(message))
    this.#socket.write(message.bytes)
    this.#socket.uncork()
  }

  close(): void {
    this.#socket.end()
  }

  #read(bytes: Uint8Array): void {
    const frames = decoded(() => this.#frames.read(bytes))
    if (frames === null) return this.#refuse('malformed')
    for (const frame of frames) {
      const read = decoded(() => ({ message: decodeToKeeper(frame) }))
      if (read === null) return this.#refuse('malformed')
      if (read.message !== null && !this.#hear(read.message)) return
    }
  }

  /** False when the connection was refused. */
  #hear(message: ToKeeper): boolean {
    if (this.#session !== null) {
      this.#session.hear(message)
      return true
    }
    const isOurs = message.type === 'hello' && isSame(message.token, this.#token)
    if (!isOurs) {
      this.#refuse('stranger')
      return false
    }
    clearTimeout(this.#helloTimer)
    this.#session = this.#keeper.connect(message.role, this)
    if (this.#session === null) this.#refuse('busy')
    return this.#session !== null
  }

  #refuse(why: keyof typeof REFUSED): void {
    this.send({ type: 'refused', busy: why === 'busy', sentence: REFUSED[why] })
    this.#over()
    this.#socket.removeAllListeners('data')
    this.#socket.destroySoon()
  }

  #over(): void {
    clearTimeout(this.#helloTimer)
    const session = this.#session
    this.#session = null
    session?.end()
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)
