/** The three brokers of deploy/three-brokers.mjs, and machines at them, for a bench. */
import { fork, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('../../deploy/three-brokers.mjs', import.meta.url))
const MACHINES = fileURLToPath(new URL('machines.mjs', import.meta.url))

const started = new Set()

export async function startThree(args = []) {
  const child = spawn(process.execPath, [SCRIPT, '--port', '0', '--json', '--log', 'info', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  started.add(child)
  const pids = new Map()
  const channels = new Map()
  const waiting = new Set()
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!line.startsWith('{')) return void process.stderr.write(`${line}\n`)
    const { event, pid } = JSON.parse(line)
    if (event === 'terminal.channel-opened') channels.set(pid, (channels.get(pid) ?? 0) + 1)
  })
  const told = await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the brokers have ended')))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line)
      if (said.event === 'listening') {
        for (const { name, pid } of said.brokers) pids.set(name, pid)
        resolve(said)
      } else if (said.event === 'broker-started') {
        pids.set(said.name, said.pid)
        for (const look of waiting) look(said.name)
      }
    })
  })
  return {
    url: told.url,
    brokers: told.brokers,
    secret: readFileSync(told.secretFile, 'utf8').trim(),
    pidOf: (name) => pids.get(name),
    /** the broker that has opened most channels */
    busiest: () =>
      told.brokers
        .map(({ name }) => name)
        .reduce((most, name) =>
          (channels.get(pids.get(name)) ?? 0) > (channels.get(pids.get(most)) ?? 0) ? name : most,
        ),
    channelsOf: (name) => channels.get(pids.get(name)) ?? 0,
    back: (name) =>
      new Promise((resolve) => {
        const look = (started) => {
          if (started !== name) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
      }),
  }
}

/** Answers with the codes of `count` machines, spread over `processes`. */
export async function startMachines({ secret }, url, count, processes = 1) {
  const codes = await Promise.all(
    Array.from({ length: processes }, (_, n) => {
      const share = Math.floor(count / processes) + (n < count % processes ? 1 : 0)
      const child = fork(MACHINES, [url, String(share)], {
        env: { ...process.env, LATCHKEY_RUNNER_SECRET: secret },
      })
      started.add(child)
      return new Promise((resolve, reject) => {
        child.once('message', ({ codes: told }) => resolve(told))
        child.once('exit', () => reject(new Error('machines have ended')))
      })
    }),
  )
  return codes.flat()
}

/** Ends everything that was started here. */
export async function endAll() {
  const all = [...started].reverse()
  started.clear()
  for (const child of all) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (child.connected) child.disconnect()
    else child.kill('SIGINT')
    await gone
  }
}
