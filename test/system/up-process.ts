import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leftRunning } from '@latchkey/stores/testing/left-running'
import { z } from 'zod'

/** The built command line: system tests run what people run. */
export const LATCHKEY = fileURLToPath(new URL('../../apps/cli/dist/bundle/main.js', import.meta.url))

const programEvent = z.looseObject({ event: z.string() })
export type ProgramEvent = z.output<typeof programEvent>
const readyEvent = z.object({
  event: z.literal('ready'),
  url: z.url(),
  consoleUrl: z.url(),
  code: z.string(),
  pin: z.null(),
  runnerId: z.string(),
  expiresAt: z.number(),
  link: z.url(),
})
export type Ready = z.output<typeof readyEvent>

const upFile = z.object({
  brokerPid: z.number(),
  runnerPid: z.number(),
  secretFile: z.string(),
  operatorSecretFile: z.string(),
  url: z.string(),
})

/** An environment without what the machine's own settings or an outer run would bring in. */
export function cleanEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(LATCHKEY|CI$|NO_COLOR|VITEST|NODE_ENV|NODE_OPTIONS)/.test(name),
  )
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ''])),
    SHELL: '/bin/sh',
    // What a test starts ends with it.
    LATCHKEY_END_TERMINALS: '1',
    ...more,
  }
}

/** A data directory of its own for each test; removed by `remove`. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A command with `--json`, as a program would drive it. */
export class Program {
  readonly child: ChildProcess
  readonly events: ProgramEvent[] = []
  errorText = ''
  #read = 0
  #wake: () => void = () => {}
  readonly #exited: Promise<unknown>

  /** @param program another command line than this repository's own, like one that was installed */
  constructor(args: readonly string[], env?: Readonly<Record<string, string>>, program = LATCHKEY) {
    this.child = spawn(process.execPath, [program, ...args, '--json'], { env: cleanEnv(env), stdio: 'pipe' })
    let unfinished = ''
    this.child.stdout?.on('data', (bytes: Buffer) => {
      const lines = (unfinished + bytes.toString()).split('\n')
      unfinished = lines.pop() ?? ''
      for (const line of lines) this.events.push(programEvent.parse(JSON.parse(line)))
      this.#wake()
    })
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.errorText += bytes.toString()
    })
    leftRunning.add(this)
    this.#exited = once(this.child, 'exit').then(() => {
      leftRunning.delete(this)
      this.#wake()
    })
  }

  /** The next event that `wanted` accepts; those before it are passed over. */
  async next(wanted: (event: ProgramEvent) => boolean, withinMs = 60_000): Promise<ProgramEvent> {
    const until = performance.now() + withinMs
    for (;;) {
      while (this.#read < this.events.length) {
        const event = this.events[this.#read++]
        if (event !== undefined && wanted(event)) return event
      }
      const leftMs = until - performance.now()
      if (leftMs <= 0 || this.child.exitCode !== null)
        throw new Error(`no such event; got ${JSON.stringify(this.events)}; stderr: ${this.errorText}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Waits until it has ended by itself; answers with its exit code. */
  async ended(): Promise<number | null> {
    await this.#exited
    return this.child.exitCode
  }

  /** Ends it as an init system would; answers exit code and how long it took. */
  async stop(): Promise<{ exitCode: number | null; tookMs: number }> {
    const startMs = performance.now()
    this.child.kill('SIGTERM')
    await this.#exited
    return { exitCode: this.child.exitCode, tookMs: performance.now() - startMs }
  }
}

/** `latchkey up` on loopback and any free port. */
export class UpProcess extends Program {
  readonly dataDir: string
  readonly #remove: () => void

  constructor(options: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {}) {
    const folder = temporaryFolder()
    super(['up', '--local', '--port', '0', '--data-dir', folder.path, ...(options.args ?? [])], options.env)
    this.dataDir = folder.path
    this.#remove = folder.remove
  }

  /** The first event, which must be `ready`. */
  async ready(): Promise<Ready> {
    return readyEvent.parse(await this.next(() => true))
  }

  /** What the running `up` left for `status`. */
  upFile(): z.output<typeof upFile> {
    return upFile.parse(JSON.parse(readFileSync(join(this.dataDir, 'up.json'), 'utf8')))
  }

  override async stop(): Promise<{ exitCode: number | null; tookMs: number }> {
    const stopped = await super.stop()
    this.#remove()
    return stopped
  }
}

/**
 * One `up` for all tests of a file, begun by the first that asks for it; it ends with the file. `ready.link` is unused,
 * provided that each test uses the one it was given.
 */
export function sharedUp(options: ConstructorParameters<typeof UpProcess>[0] = {}) {
  let begun: Promise<{ readonly up: UpProcess; readonly ready: Ready }> | null = null
  const begin = async () => {
    const up = new UpProcess(options)
    return { up, ready: await up.ready() }
  }
  return async (): Promise<{ readonly up: UpProcess; readonly ready: Ready }> => {
    if (begun === null) return (begun = begin())
    const { up, ready } = await begun
    const { link } = await up.next(({ event }) => event === 'pairing-link')
    return { up, ready: { ...ready, link: String(link) } }
  }
}

/** Runs the command line to its end. */
export async function latchkey(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [LATCHKEY, ...args], {
    env: cleanEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString()
  })
  const overdue = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await once(child, 'close')
  clearTimeout(overdue)
  return { exitCode: child.exitCode, stdout, stderr }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie (ended, not yet waited for) is not alive.
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
