import { createServer, type IncomingHttpHeaders } from 'node:http'
import { atCleanUp } from './harness.ts'

/** What a push service heard, and what it answers next. */
export interface PushService {
  readonly origin: string
  readonly heard: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[]
  /** `null`: it says nothing */
  answers(status: number | null, headers?: Readonly<Record<string, string>>): void
}

/** A push service on loopback (RFC 8030), for the broker that lists it as its own. Ends with the test. */
export async function pushService(): Promise<PushService> {
  const heard: PushService['heard'] = []
  let answer: { status: number | null; headers: Readonly<Record<string, string>> } = {
    status: 201,
    headers: {},
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heard.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      if (answer.status !== null) response.writeHead(answer.status, answer.headers).end('of no interest')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atCleanUp(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    heard,
    answers: (status, headers = {}) => {
      answer = { status, headers }
    },
  }
}
