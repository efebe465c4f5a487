import { createServer, type IncomingHttpHeaders } from 'node:http'
import { atCleanUp } from './harness.ts'

type Status = number | null

/** What a push service heard, and what it answers next. */
export interface PushService {
  readonly origin: string
  readonly heard: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[]
  /** `null`: it says nothing */
  answers(status: Status | ((path: string) => Status), headers?: Readonly<Record<string, string>>): void
}

/** A push service on loopback (RFC 8030), for the broker that lists it as its own. Ends with the test. */
export async function pushService(): Promise<PushService> {
  const heard: PushService['heard'] = []
  let statusOf: (path: string) => Status = () => 201
  let answered: Readonly<Record<string, string>> = {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      heard.push({ path, headers: request.headers, body: Buffer.concat(chunks) })
      const status = statusOf(path)
      if (status !== null) response.writeHead(status, answered).end('of no interest')
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
      statusOf = typeof status === 'function' ? status : () => status
      answered = headers
    },
  }
}
