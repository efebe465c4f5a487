import { chmodSync, rmSync } from 'node:fs'
import { connect, type Server } from 'node:net'

/** Programs of the same user alone reach it; its folder is closed to others as well. */
const KEPT_FOR_OWNER = 0o600

/**
 * Listens on a Unix socket that belongs to this user. A socket file without a listener, left by a killed process, is replaced.
 * Null when it listens, or why not.
 */
export async function listenForOwner(server: Server, path: string): Promise<string | null> {
  const problem = (await listen(server, path)) && (await isDead(path)) ? await listen(server, path) : null
  if (problem !== null || !server.listening) return problem ?? 'another process has it'
  chmodSync(path, KEPT_FOR_OWNER)
  return null
}

const listen = (server: Server, path: string): Promise<string | null> =>
  new Promise((resolve) => {
    const failed = (problem: NodeJS.ErrnoException) => resolve(problem.code ?? problem.message)
    server.once('error', failed)
    server.listen(path, () => {
      server.off('error', failed)
      resolve(null)
    })
  })

/** Whether a connection failed for want of a listener. One whose queue is full (EAGAIN) is alive. */
export const hasNoListener = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'ECONNREFUSED' || code === 'ENOENT'

/** Whether the socket has no listener; its file is removed then. */
const isDead = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (problem) => {
      const dead = hasNoListener(problem)
      if (dead) rmSync(path, { force: true })
      resolve(dead)
    })
  })
