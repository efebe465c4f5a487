import path from 'node:path'
import { sleep } from './stats.mjs'
import { endProcs, freePort, ROOT, startProc, waitPort } from './util.mjs'

/** Time for a runner to reach its relay. */
const SETTLE_MS = 500

/** Starts the relay and the runner of a two-hop baseline, files of bench/servers, on a free port. */
export async function startTwoHop(name, [relayFile, runnerFile], options, env) {
  const port = await freePort()
  const started = (role, file) => {
    const args = [path.join(ROOT, 'servers', file), JSON.stringify({ port, ...options })]
    return startProc(`${name}-${role}`, process.execPath, args, { env })
  }
  const relay = started('relay', relayFile)
  await waitPort(port)
  const runner = started('runner', runnerFile)
  await sleep(SETTLE_MS)
  return {
    host: '127.0.0.1',
    port,
    pids: [relay.pid, runner.pid],
    roles: { broker: [relay.pid], runner: [runner.pid] },
  }
}

export const stopTwoHop = (ctx) => endProcs(ctx.pids)
