import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A proxy on loopback that knows one name and password; leads to wherever it is asked. */
export interface FakeProxy {
  /** with name and password */
  readonly url: string
  readonly port: number
  /** the targets that it was asked for, let in or not */
  readonly asked: string[]
  stop(): Promise<void>
}

const NAME = 'salon'
const PASSWORD = 'p:ä@1'

async function running(
  server: Server,
  scheme: string,
  asked: string[],
  sockets: Set<Socket>,
): Promise<FakeProxy> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { port } = address
  return {
    port,
    asked,
    url: `${scheme}://${NAME}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const joined = (one: Socket, other: Socket, sockets: Set<Socket>): void => {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    sockets.add(from)
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
}

/** One that is asked by CONNECT. */
export function fakeHttpProxy(): Promise<FakeProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createHttpServer()
  server.on('connect', (request, socket: Socket) => {
    sockets.add(socket)
    asked.push(String(request.url))
    const wanted = `Basic ${Buffer.from(`${NAME}:${PASSWORD}`).toString('base64')}`
    if (request.headers['proxy-authorization'] !== wanted)
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const [host, port] = String(request.url).split(':')
    const way = connect({ host: String(host), port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      joined(socket, way, sockets)
    })
  })
  return running(server, 'http', asked, sockets)
}

/** One that speaks SOCKS 5 (RFC 1928, 1929); each of its answers comes byte by byte. */
export function fakeSocksProxy(): Promise<FakeProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const answer = (...bytes: readonly number[]) => {
      for (const byte of bytes) socket.write(Buffer.from([byte]))
    }
    let stage = 0
    const onData = (data: Buffer): void => {
      stage++
      if (stage === 1) return answer(5, data.subarray(2).includes(2) ? 2 : 255)
      if (stage === 2) {
        const name = data.subarray(2, 2 + (data[1] ?? 0)).toString()
        const password = data.subarray(3 + (data[1] ?? 0)).toString()
        return answer(1, name === NAME && password === PASSWORD ? 0 : 1)
      }
      const isName = data[3] === 3
      const host = isName ? data.subarray(5, -2).toString() : data.subarray(4, 8).join('.')
      const port = data.readUInt16BE(data.length - 2)
      asked.push(`${host}:${port}`)
      socket.off('data', onData)
      socket.pause()
      const way = connect({ host, port }, () => {
        answer(5, 0, 0, 3, 2, 0x61, 0x62, 0, 80)
        joined(socket, way, sockets)
      })
    }
    socket.on('data', onData)
  })
  return running(server, 'socks5', asked, sockets)
}
