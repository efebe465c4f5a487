import { realpathSync } from 'node:fs'
import { WebSocket } from 'ws'
import { z } from 'zod'

/** The only words of codex's app-server that are said: its socket also starts programs, and reads and writes files. */
type Method = 'initialize' | 'thread/loaded/list' | 'thread/resume'

/** A diff may be long; more than this is no message of an approval. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024
const OPEN_WITHIN_MS = 10_000

const id = z.union([z.number().int(), z.string().max(128)])
export type RequestId = z.output<typeof id>

const message = z.object({
  id: id.optional(),
  method: z.string().max(128).optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
})

export interface CodexListener {
  /** a notification, or with `request` a request that waits for a response */
  told(method: string, params: unknown, request: RequestId | null): void
  closed(): void
}

/** A connection to a running app-server: JSON-RPC in WebSocket frames over its Unix socket. */
export class CodexConnection {
  readonly #socket: WebSocket
  readonly #calls = new Map<number, (result: unknown) => void>()
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  /** Null when nothing listens there, or it is no app-server. */
  static async open(path: string, listener: CodexListener): Promise<CodexConnection | null> {
    const socket = socketAt(path)
    if (socket === null) return null
    const opened = await new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => resolve(false))
    })
    socket.on('error', () => socket.terminate())
    if (!opened) return null
    const connection = new CodexConnection(socket)
    socket.on('message', (data, isBinary) => {
      if (!isBinary && Buffer.isBuffer(data)) connection.#hear(data.toString('utf8'), listener)
    })
    socket.on('close', () => {
      for (const answered of connection.#calls.values()) answered(null)
      connection.#calls.clear()
      listener.closed()
    })
    const clientInfo = { name: 'latchkey', title: 'Latchkey', version: '1' }
    const capabilities = { experimentalApi: true, requestAttestation: false }
    if ((await connection.call('initialize', { clientInfo, capabilities })) === null) return null
    connection.#send({ method: 'initialized' })
    return connection
  }

  /** The result; null where the server refused, or was lost. */
  call(method: Method, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const call = ++this.#lastId
    return new Promise((resolve) => {
      if (this.#socket.readyState !== WebSocket.OPEN) return resolve(null)
      this.#calls.set(call, resolve)
      this.#send({ id: call, method, params })
    })
  }

  /** Responds to a request of the server. False when the connection is lost. */
  respond(request: RequestId, result: Readonly<Record<string, unknown>>): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false
    this.#send({ id: request, result })
    return true
  }

  close(): void {
    this.#socket.close()
    this.#socket.terminate()
  }

  #send(said: Readonly<Record<string, unknown>>): void {
    this.#socket.send(JSON.stringify(said))
  }

  #hear(text: string, listener: CodexListener): void {
    const read = parsed(text)
    if (read === null) return this.#socket.terminate()
    const { id: about, method, params, result, error } = read
    if (method !== undefined) return listener.told(method, params, about ?? null)
    if (typeof about !== 'number') return
    const answered = this.#calls.get(about)
    this.#calls.delete(about)
    answered?.(error === undefined ? result : null)
  }
}

/** Null when there is no such file. The path may be a link to where the socket is. */
function socketAt(path: string): WebSocket | null {
  try {
    return new WebSocket(`ws+unix://${realpathSync(path)}:/`, {
      perMessageDeflate: false,
      maxPayload: MESSAGE_BYTES_MAX,
      handshakeTimeout: OPEN_WITHIN_MS,
    })
  } catch {
    return null
  }
}

function parsed(text: string): z.output<typeof message> | null {
  try {
    return message.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
