import { createServer } from 'node:net'

/** How many ports above the default are tried when it is taken. */
const TRIED_MAX = 50

export type Port =
  | { readonly ok: true; readonly port: number }
  | { readonly ok: false; readonly reason: 'taken' | 'forbidden' | 'no-such-address' }

/**
 * The port to listen on: the wanted one, or, when nobody insisted on it, the next free one. 0 stays 0: any free port.
 * Another program may still take it before the broker does; the broker then fails and says so.
 */
export async function choosePort(wanted: { host: string; port: number; insisted: boolean }): Promise<Port> {
  if (wanted.port === 0) return { ok: true, port: 0 }
  const last = wanted.insisted ? wanted.port : Math.min(wanted.port + TRIED_MAX, 65_535)
  for (let port = wanted.port; port <= last; port++) {
    const outcome = await tryPort(wanted.host, port)
    if (outcome === 'free') return { ok: true, port }
    if (outcome !== 'taken') return { ok: false, reason: outcome }
  }
  return { ok: false, reason: 'taken' }
}

const tryPort = (host: string, port: number): Promise<'free' | 'taken' | 'forbidden' | 'no-such-address'> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (problem: NodeJS.ErrnoException) => {
      if (problem.code === 'EACCES') resolve('forbidden')
      else resolve(problem.code === 'EADDRINUSE' ? 'taken' : 'no-such-address')
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')))
  })
