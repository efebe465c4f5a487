import { once } from 'node:events'
import { Agent, type ClientRequestArgs, request } from 'node:http'
import { connect, isIPv4, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'

/** From the first packet to the proxy until it has reached WhatsApp. */
const REACH_MS_MAX = 10_000
const ANSWER_BYTES_MAX = 8 * 1024

type Done = (problem: Error | null, socket?: Duplex) => void

interface Target {
  readonly host: string
  readonly port: number
}

/**
 * Connects through a proxy, and never without it. The names of targets are resolved by the proxy.
 * @param proxy `http://` (CONNECT) or `socks5://` (RFC 1928, 1929), with a port; user and password percent-encoded
 */
export class ProxyAgent extends Agent {
  readonly #proxy: URL
  readonly #isSecure: boolean

  constructor(proxy: string, { isSecure }: { readonly isSecure: boolean }) {
    super()
    this.#proxy = new URL(proxy)
    this.#isSecure = isSecure
    // Requests compare it with their own.
    Object.assign(this, { protocol: isSecure ? 'https:' : 'http:' })
  }

  /** Answers later: Node's agent takes the socket from `done` where none is returned. */
  override createConnection(options: ClientRequestArgs, done: Done): undefined {
    void this.#connect(options, done)
  }

  async #connect({ host, port }: ClientRequestArgs, done: Done): Promise<void> {
    const target = { host: String(host), port: Number(port) }
    const reach = this.#proxy.protocol === 'http:' ? byConnect : bySocks
    try {
      const socket = await reach(this.#proxy, target, AbortSignal.timeout(REACH_MS_MAX))
      done(null, this.#isSecure ? connectTls({ socket, servername: target.host }) : socket)
    } catch {
      // Baileys takes a code with an E for a network that is away.
      done(Object.assign(new Error('the proxy has not reached WhatsApp'), { code: 'EPROXY' }))
    }
  }
}

const placeOf = ({ hostname, port }: URL) => ({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) })
const secretsOf = ({ username, password }: URL) =>
  username === '' && password === ''
    ? null
    : { user: Buffer.from(decodeURIComponent(username)), password: Buffer.from(decodeURIComponent(password)) }

/** RFC 9110, 9.3.6. */
async function byConnect(proxy: URL, { host, port }: Target, signal: AbortSignal): Promise<Socket> {
  const secrets = secretsOf(proxy)
  const path = `${host}:${port}`
  const basic =
    secrets && Buffer.concat([secrets.user, Buffer.from(':'), secrets.password]).toString('base64')
  const headers = { host: path, ...(basic !== null && { 'proxy-authorization': `Basic ${basic}` }) }
  const maxHeaderSize = ANSWER_BYTES_MAX
  const asked = request({
    ...placeOf(proxy),
    method: 'CONNECT',
    path,
    headers,
    agent: false,
    signal,
    maxHeaderSize,
  })
  asked.end()
  const [{ statusCode }, socket, head] = await once(asked, 'connect', { signal })
  if (statusCode !== 200) {
    socket.destroy()
    throw new Error('refused')
  }
  socket.unshift(head)
  return socket
}

const NO_SECRETS = 0
const USER_AND_PASSWORD = 2
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 }

async function bySocks(proxy: URL, target: Target, signal: AbortSignal): Promise<Socket> {
  const socket = connect(placeOf(proxy))
  // Told by the reads, as its end; the one that gets the socket listens for itself.
  const ignore = () => {}
  const onAbort = () => socket.destroy()
  socket.on('error', ignore)
  signal.addEventListener('abort', onAbort)
  try {
    await once(socket, 'connect', { signal })
    await greet(socket, secretsOf(proxy))
    socket.write(Buffer.concat([Buffer.from([5, 1, 0]), addressOf(target)]))
    const [version, reply, , kind = 0] = await read(socket, 4)
    if (version !== 5 || reply !== 0) throw new Error('refused')
    // The address from which the proxy connects.
    const length = ADDRESS_BYTES[kind] ?? (await read(socket, 1))[0] ?? 0
    await read(socket, length + 2)
    socket.off('error', ignore)
    return socket
  } catch (problem) {
    socket.destroy()
    throw problem
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function greet(socket: Socket, secrets: ReturnType<typeof secretsOf>): Promise<void> {
  const method = secrets === null ? NO_SECRETS : USER_AND_PASSWORD
  socket.write(Buffer.from([5, 1, method]))
  const [version, chosen] = await read(socket, 2)
  if (version !== 5 || chosen !== method) throw new Error('refused')
  if (secrets === null) return
  const { user, password } = secrets
  socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]))
  const [, status] = await read(socket, 2)
  if (status !== 0) throw new Error('refused')
}

function addressOf({ host, port }: Target): Buffer {
  const portBytes = Buffer.from([port >> 8, port & 0xff])
  if (isIPv4(host)) return Buffer.concat([Buffer.from([1, ...host.split('.').map(Number)]), portBytes])
  const name = Buffer.from(host)
  return Buffer.concat([Buffer.from([3, name.length]), name, portBytes])
}

/** Exactly so many bytes, one by one: while some wait, a stream is `readable`, and a longer read would be tried for ever. */
async function read(socket: Socket, count: number): Promise<Buffer> {
  const bytes: Buffer[] = []
  while (bytes.length < count) {
    const byte: Buffer | null = socket.read(1)
    if (byte !== null) bytes.push(byte)
    else if (socket.readableEnded || socket.destroyed) throw new Error('closed')
    else await readableOrOver(socket)
  }
  return Buffer.concat(bytes)
}

function readableOrOver(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      for (const event of ['readable', 'end', 'close']) socket.off(event, over)
      resolve()
    }
    for (const event of ['readable', 'end', 'close']) socket.on(event, over)
  })
}
