import { type ChildProcess, spawn } from 'node:child_process'
import { FRUGAL_ENV, FRUGAL_NODE_FLAGS } from '@latchkey/runner/idle-memory'

/**
 * Waits between restarts, doubling; a child that lived for RECOVERED_AFTER_MS starts again at the first. That is short:
 * people wait for their terminals, and a child that dies at each start is at waits of seconds after eight of them.
 */
const RESTART_FIRST_MS = 25
const RESTART_MAX_MS = 10_000
const RECOVERED_AFTER_MS = 10_000

/** How a process ended by itself. */
export interface Death {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildPlan {
  /** the program, run with this process's own Node */
  readonly program: string
  /** called at each start, because it may contain the last run's port */
  readonly env: () => Readonly<Record<string, string | undefined>>
  /** written to its stdin at each start, and then no more; null for nothing */
  readonly input: () => string | null
  readonly onMessage: (message: unknown) => void
  /** its output on both streams */
  readonly onPrint: (text: string) => void
  /** whether it shall be started again; asked after each unexpected end */
  readonly onDeath: (death: Death, retryInMs: number) => boolean
  /** from the polite request to the end by force, milliseconds */
  readonly graceMs: number
}

/** A process that is kept running until it is stopped. */
export class Child {
  readonly #plan: ChildPlan
  #process: ChildProcess | null = null
  #retryInMs = RESTART_FIRST_MS
  #restart: NodeJS.Timeout | null = null
  #stopping: Promise<void> | null = null

  constructor(plan: ChildPlan) {
    this.#plan = plan
  }

  get pid(): number | null {
    return this.#process?.pid ?? null
  }

  start(): void {
    const startedMs = performance.now()
    const input = this.#plan.input()
    const child = spawn(process.execPath, [...FRUGAL_NODE_FLAGS, this.#plan.program], {
      env: { ...FRUGAL_ENV, ...definedOf(this.#plan.env()) },
      stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe', 'ipc'],
      // Its own group: Ctrl-C at the terminal then reaches only this process, which may ask first.
      detached: true,
    })
    this.#process = child
    // It may be gone before it has read it; its end is told by `exit`.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    child.on('message', this.#plan.onMessage)
    // As text, so that no character is cut where a chunk ends.
    child.stdout?.setEncoding('utf8').on('data', this.#plan.onPrint)
    child.stderr?.setEncoding('utf8').on('data', this.#plan.onPrint)
    // A message to a child that has just died; its end is told by `exit`.
    child.on('error', () => {})
    child.once('exit', (exitCode, signal) => {
      this.#process = null
      if (this.#stopping !== null) return
      if (performance.now() - startedMs >= RECOVERED_AFTER_MS) this.#retryInMs = RESTART_FIRST_MS
      const retryInMs = this.#retryInMs
      this.#retryInMs = Math.min(retryInMs * 2, RESTART_MAX_MS)
      if (!this.#plan.onDeath({ exitCode, signal }, retryInMs)) return
      this.#restart = setTimeout(() => this.start(), retryInMs)
    })
  }

  /** Tells it something; nothing happens when it is not running. */
  send(message: Readonly<Record<string, string>>): void {
    if (this.#process?.connected === true) this.#process.send(message, () => {})
  }

  /** Ends it: politely, then, after the grace, by force. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end()
    return this.#stopping
  }

  /** Ends it at once; for when this process itself has no time left. */
  kill(): void {
    this.#process?.kill('SIGKILL')
  }

  #end(): Promise<void> {
    if (this.#restart !== null) clearTimeout(this.#restart)
    const child = this.#process
    if (child === null) return Promise.resolve()
    return new Promise((resolve) => {
      const force = setTimeout(() => child.kill('SIGKILL'), this.#plan.graceMs)
      child.once('exit', () => {
        clearTimeout(force)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }
}

const definedOf = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
