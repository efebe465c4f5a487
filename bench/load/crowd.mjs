/** Machines and apps in processes of their own, for the load and the storms: starts them, asks what they counted, ends them. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MACHINES = fileURLToPath(new URL('machines.mjs', import.meta.url))
const APPS = fileURLToPath(new URL('apps.mjs', import.meta.url))
const COUNTED_WITHIN_MS = 30_000

/** Some machines and the apps that watch them: two processes. */
export class Crowd {
  #machines
  #apps
  /** the codes with which machines were held off, and how often */
  refusals = {}
  /** by machine, when its terminal link was up again, by the wall clock; null while it is away */
  onlineAtMs = new Map()
  failed = 0
  newLives = 0
  troubles = []
  ended = 0

  static async start({ url, appsUrl = url, secret, machines, apps, pace }) {
    const crowd = new Crowd()
    const env = { ...process.env, LATCHKEY_RUNNER_SECRET: secret }
    crowd.#machines = fork(MACHINES, [url, String(machines), pace], { env })
    crowd.#apps = fork(APPS, [appsUrl, pace])
    crowd.#listen()
    for (const child of [crowd.#machines, crowd.#apps])
      child.once('exit', () => {
        crowd.ended++
      })
    await crowd.#pairAll(machines, apps)
    return crowd
  }

  get pids() {
    return [this.#machines.pid, this.#apps.pid]
  }

  /** What the apps have counted since they were asked last. */
  async count() {
    const answer = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('apps did not answer')), COUNTED_WITHIN_MS)
      const hear = (message) => {
        if (message.event !== 'counted') return
        clearTimeout(late)
        this.#apps.off('message', hear)
        resolve(message)
      }
      this.#apps.on('message', hear)
    })
    this.#apps.send({ order: 'count' })
    return answer
  }

  /** Ends the typing of all apps. */
  quiet() {
    this.#apps.send({ order: 'quiet' })
  }

  async end() {
    await Promise.all(
      [this.#apps, this.#machines].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const gone = once(child, 'exit')
        if (child.connected) child.disconnect()
        else child.kill('SIGTERM')
        await gone
      }),
    )
  }

  #listen() {
    this.#machines.on('message', (message) => {
      if (message.event === 'link')
        this.onlineAtMs.set(message.machine, message.status === 'online' ? message.atMs : null)
      if (message.event === 'refused') this.refusals[message.code] = (this.refusals[message.code] ?? 0) + 1
      if (message.event === 'failed') this.failed++
      if (message.event === 'new-life') this.newLives++
      if (message.event === 'trouble') this.troubles.push(message.message)
    })
    this.#apps.on('message', (message) => {
      if (message.event === 'trouble') this.troubles.push(message.message)
    })
  }

  /** Each pairing URL works once: a machine's next app waits for its next one. */
  async #pairAll(machines, apps) {
    const left = Array.from(
      { length: machines },
      (_, n) => Math.floor(apps / machines) + (n < apps % machines ? 1 : 0),
    )
    const fresh = new Map()
    const busy = new Set()
    let missing = apps
    await new Promise((resolve, reject) => {
      const next = (machine) => {
        if (busy.has(machine) || !fresh.has(machine) || left[machine] === 0) return
        left[machine]--
        busy.add(machine)
        this.#apps.send({ order: 'pair', machine, fragment: fresh.get(machine) })
        fresh.delete(machine)
      }
      this.#machines.on('message', (message) => {
        if (message.event !== 'fragment') return
        fresh.set(message.machine, message.fragment)
        next(message.machine)
      })
      this.#apps.on('message', (message) => {
        if (message.event === 'not-paired') reject(new Error(`not paired: ${message.message}`))
        if (message.event !== 'paired') return
        busy.delete(message.machine)
        if (--missing === 0) return resolve()
        next(message.machine)
      })
      for (const child of [this.#machines, this.#apps])
        child.once('exit', () => reject(new Error('a process of the load has ended: is it built?')))
      if (missing === 0) resolve()
    })
  }
}
