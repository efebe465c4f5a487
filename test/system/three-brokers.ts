import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { leftRunning } from '@latchkey/stores/testing/left-running'
import { z } from 'zod'
import { cleanEnv } from './up-process.ts'

const SCRIPT = fileURLToPath(new URL('../../deploy/three-brokers.mjs', import.meta.url))
const START_MS_MAX = 60_000
const STOP_MS_MAX = 20_000

const listening = z.object({
  event: z.literal('listening'),
  url: z.url(),
  secretFile: z.string(),
  brokers: z.array(z.object({ name: z.string(), url: z.url(), pid: z.number() })).length(3),
  redis: z.number(),
  postgres: z.number(),
})
const brokerEvent = z.object({
  event: z.enum(['broker-ended', 'broker-started']),
  name: z.string(),
  pid: z.number(),
})
const logLine = z.looseObject({ event: z.string(), pid: z.number() })

/** What people run to try several brokers, driven by a test: three brokers, HAProxy, Redis and PostgreSQL as processes. */
export interface ThreeBrokers {
  /** of HAProxy */
  readonly url: string
  readonly secret: string
  readonly brokers: readonly { readonly name: string; readonly url: string }[]
  /** of its process now; throws while it has none */
  pidOf(name: string): number
  /** Ends its process; it is started again. */
  end(name: string, signal: 'SIGKILL' | 'SIGTERM'): void
  readonly redisPid: number
  /** how often this was logged, by all brokers or by the one that is this process */
  logged(event: string, pid?: number): number
  /** resolves when all three are there */
  whole(): Promise<void>
  stop(): Promise<void>
}

/** @param args as of the script, as `--direct` */
export async function startThreeBrokers(args: readonly string[] = []): Promise<ThreeBrokers> {
  const child = spawn(process.execPath, [SCRIPT, '--port', '0', '--json', '--log', 'info', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: cleanEnv(),
  })
  const logged: z.output<typeof logLine>[] = []
  let complaints = ''
  lines(child.stderr, (line) => {
    const entry = line.startsWith('{') ? logLine.safeParse(JSON.parse(line)) : null
    if (entry?.success) logged.push(entry.data)
    else complaints += `${line}\n`
  })
  const pids = new Map<string, number>()
  const waiting = new Set<() => void>()
  const told = await new Promise<z.output<typeof listening>>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no brokers in time\n${complaints}`)), START_MS_MAX)
    lines(child.stdout, (line) => {
      const value: unknown = JSON.parse(line)
      const first = listening.safeParse(value)
      if (first.success) {
        clearTimeout(late)
        for (const { name, pid } of first.data.brokers) pids.set(name, pid)
        return resolve(first.data)
      }
      const { event, name, pid } = brokerEvent.parse(value)
      if (event === 'broker-ended') pids.delete(name)
      else pids.set(name, pid)
      for (const look of waiting) look()
    })
    child.once('exit', () => reject(new Error(`it ended by itself\n${complaints}`)))
  })
  const pidOf = (name: string): number => {
    const pid = pids.get(name)
    // A signal to no process would be one to all of ours.
    if (pid === undefined) throw new Error(`${name} is not running`)
    return pid
  }
  const three: ThreeBrokers = {
    url: told.url,
    secret: readFileSync(told.secretFile, 'utf8').trim(),
    brokers: told.brokers,
    pidOf,
    end: (name, signal) => {
      process.kill(pidOf(name), signal)
      pids.delete(name)
    },
    redisPid: told.redis,
    logged: (event, pid) =>
      logged.filter((entry) => entry.event === event && (pid === undefined || entry.pid === pid)).length,
    whole: () =>
      new Promise((resolve) => {
        const look = () => {
          if (pids.size < told.brokers.length) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    stop: () => stop(child, three),
  }
  leftRunning.add(three)
  return three
}

async function stop(child: ChildProcess, three: ThreeBrokers): Promise<void> {
  leftRunning.delete(three)
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  // A server that a test has paused must hear that it is to end.
  resume(three.redisPid)
  child.kill('SIGINT')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await ended
  clearTimeout(late)
}

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // it is gone already
  }
}

function lines(stream: NodeJS.ReadableStream | null, hear: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', hear)
}
