import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'

/** How many ports are tried: somebody may listen on the first. */
const PORTS_TRIED_MAX = 10

/**
 * Below what Linux and macOS give to outgoing connections: a client that reconnects to a server that is away could be
 * given the server's own port, connect to itself, and keep the server from coming back.
 */
const PORT_MIN = 20_000
const PORT_END = 32_000

/** A server could not listen on the port that it was given. */
export class PortTaken extends Error {}

/** Launches a server on a port that was drawn, and on another one as long as `launch` rejects with PortTaken. */
export async function launchOnFreePort(
  launch: (port: number) => Promise<ChildProcess>,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  for (let tried = 1; ; tried++) {
    const port = randomInt(PORT_MIN, PORT_END)
    try {
      return { child: await launch(port), port }
    } catch (error) {
      if (!(error instanceof PortTaken) || tried === PORTS_TRIED_MAX) throw error
    }
  }
}
