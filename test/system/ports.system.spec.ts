import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { attachedPersons } from './attached-persons.ts'
import { latchkey, Program } from './up-process.ts'

/** Short connections one after the other, ten at once; CONTRIBUTING.md says how it is done in full. */
const SHORT = Number(process.env['LATCHKEY_SHORT_CONNECTIONS'] ?? 100)

afterEach(cleanUp)

/** A program of the machine: answers each connection by `serve`. */
async function program(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  atCleanUp(() => server.close())
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('no port')
  return at.port
}

function dial(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  atCleanUp(() => socket.destroy())
  return socket
}

/** All that comes until the other end has said its end. */
async function allOf(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  socket.on('data', (bytes: Buffer) => parts.push(bytes))
  await once(socket, 'end')
  return Buffer.concat(parts)
}

it('ports of a machine are ports here: whole, half-closed, reset, many, and none but its own', async () => {
  /** Answers only after the whole question, which is possible only when the half-close arrives. */
  const echo = await program((socket) => {
    const parts: Buffer[] = []
    socket.on('data', (bytes: Buffer) => parts.push(bytes))
    socket.on('end', () => socket.end(Buffer.concat(parts)))
  })
  const rude = await program((socket) => socket.once('data', () => socket.resetAndDestroy()))
  const six = await program((socket) => socket.end('six'), '::1')
  const free = await program((socket) => socket.end())
  const { ready, elsewhere } = await attachedPersons('LATCHKEY_DATA_DIR')
  const words = [echo, rude].map((port) => ['-L', `0:localhost:${port}`]).flat()
  const more = ['-L', `0:[::1]:${six}`, '-L', '0:192.0.2.1:80', '-L', '0:localhost:1']
  const person = new Program(['attach', ready.link, '-N', ...words, ...more], elsewhere)
  const ports: number[] = []
  while (ports.length < 5)
    ports.push(Number((await person.next(({ event }) => event === 'listening'))['port']))
  const [toEcho = 0, toRude = 0, toSix = 0, toElsewhere = 0, toNone = 0] = ports

  const sent = Buffer.alloc(3_000_000, 'every byte of it ')
  const socket = dial(toEcho)
  socket.end(sent)
  expect((await allOf(socket)).equals(sent)).toBe(true)

  const reset = dial(toRude)
  reset.write('x')
  const [problem] = await once(reset, 'error')
  expect(problem).toMatchObject({ code: 'ECONNRESET' })
  expect(String(await allOf(dial(toSix)))).toBe('six')

  for (const [port, says] of [
    [toElsewhere, /192\.0\.2\.1 is not this machine/],
    [toNone, /No program answers at localhost, port 1/],
  ] as const) {
    const refused = dial(port)
    refused.on('error', () => {})
    expect((await person.next(({ event }) => event === 'port-refused'))['message']).toMatch(says)
  }

  let answered = 0
  const shorts = Array.from({ length: 10 }, async (_, lane) => {
    for (let at = lane; at < SHORT; at += 10) {
      const short = dial(toEcho)
      short.end(`short ${at}`)
      if (String(await allOf(short)) === `short ${at}`) answered += 1
    }
  })
  await Promise.all(shorts)
  expect(answered).toBe(SHORT)

  const none = await latchkey(['attach', '-R', '80'], elsewhere)
  expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('-R is not offered') })
  const taken = await latchkey(['attach', '-N', '-L', `${free}:localhost:80`], elsewhere)
  expect(taken).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('EADDRINUSE') })
  person.child.kill('SIGINT')
  expect(await person.ended()).toBe(130)
})
