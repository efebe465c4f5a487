import { type BinaryNode, decodeBinaryNode, encodeBinaryNode } from 'baileys'
import type { WebSocket } from 'ws'
import type { NoiseServer } from './noise-server.ts'

/** A linked device, as the server remembers it. */
export interface Device {
  readonly jid: string
  readonly lid: string
  readonly noiseKey: Buffer
  readonly identityKey: Buffer
}

/** What the server does with the words of its clients. */
export interface ClientOwner {
  handle(client: FakeClient, node: BinaryNode): void
  fault(problem: unknown): void
}

const ANSWER_MS_MAX = 5_000

/** One connection to the fake server, as the server sees it. */
export class FakeClient {
  readonly id: number
  readonly ws: WebSocket
  readonly noise: NoiseServer
  /** set while this connection is an unregistered companion */
  registration: { identityKey: Buffer; noiseKey: Buffer; refs: readonly string[] } | null = null
  /** set once logged in */
  device: Device | null = null
  readonly received: BinaryNode[] = []
  /** companion_reg_refresh was already sent on this connection */
  isRefreshed = false
  /** the secret that a refresh retired */
  retiredSecret: string | null = null
  readonly #owner: ClientOwner
  readonly #waiting = new Map<string, (node: BinaryNode) => void>()
  #tail: Promise<void> = Promise.resolve()

  constructor(owner: ClientOwner, ws: WebSocket, noise: NoiseServer, id: number) {
    this.#owner = owner
    this.ws = ws
    this.noise = noise
    this.id = id
  }

  get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN
  }

  send(node: BinaryNode): void {
    this.noise.send(encodeBinaryNode(node))
  }

  /** A frame that decrypts and means nothing. */
  sendGarbage(): void {
    this.noise.send(Buffer.from([0, 0xff, 0xfe, 0xfd, 0xfc]))
  }

  /** Sends an iq and waits for the client's reply. */
  request(node: BinaryNode): Promise<BinaryNode> {
    const { id = '' } = node.attrs
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`client ${this.id} did not answer ${id}`))
      }, ANSWER_MS_MAX)
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer)
        resolve(reply)
      })
      this.send(node)
    })
  }

  streamError(code: string | null, inner?: BinaryNode): void {
    const attrs: Record<string, string> = code === null ? {} : { code }
    this.send({ tag: 'stream:error', attrs, ...(inner ? { content: [inner] } : {}) })
    this.ws.close()
  }

  /** Cuts the TCP connection, as a lost network does. */
  drop(): void {
    this.ws.terminate()
  }

  /** Decoding is asynchronous (zlib): the order of the stanzas is kept. */
  dispatch(frame: Buffer): void {
    this.#tail = this.#tail
      .then(async () => this.#take(await decodeBinaryNode(frame)))
      .catch((problem: unknown) => {
        this.#owner.fault(problem)
        this.drop()
      })
  }

  #take(node: BinaryNode): void {
    this.received.push(node)
    const { id = '', type } = node.attrs
    const waiter = this.#waiting.get(id)
    if (waiter !== undefined && node.tag === 'iq' && (type === 'result' || type === 'error')) {
      this.#waiting.delete(id)
      waiter(node)
      return
    }
    this.#owner.handle(this, node)
  }
}
