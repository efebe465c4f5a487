import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodexAdapter } from '@latchkey/runner/agents/codex'
import { AdapterClient } from '@latchkey/runner/questions/adapter-client'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type AdapterPlace, adapterPlace } from './adapter-place.ts'

/** An app-server listens after a second or two; a slow machine needs ten times that. */
const SERVER_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 50

/**
 * codex with an app-server of its own, so that a question surely belongs to this terminal. A plain `codex` shares a server
 * with other terminals. Ends with codex's exit code.
 */
export async function runCodex(call: Invocation, args: readonly string[]): Promise<ExitCode> {
  const place = adapterPlace(call)
  if (place === null) {
    call.say('This is no terminal of a runner: codex runs without Latchkey. Open one with: latchkey up')
    return exitOf(call, spawn('codex', [...args], { stdio: 'inherit' }))
  }
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-codex-'))
  try {
    return await withServer(call, place, join(folder, 'app.sock'), args)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function withServer(
  call: Invocation,
  place: AdapterPlace,
  socket: string,
  args: readonly string[],
): Promise<ExitCode> {
  const server = spawn('codex', ['app-server', '--listen', `unix://${socket}`], { stdio: 'ignore' })
  const client = new AdapterClient({ ...place, onEnd: () => {} })
  try {
    const adapter = await joined(server, socket, client)
    if (adapter === null) {
      call.complain('codex did not start. Install it, or look what it says: codex app-server')
      return EXIT.failed
    }
    const remote = ['--remote', `unix://${socket}`, '-C', process.cwd(), ...args]
    const code = await exitOf(call, spawn('codex', remote, { stdio: 'inherit' }))
    adapter.close()
    return code
  } finally {
    client.end()
    server.kill()
  }
}

/** Null when the server ended, or does not listen in time. */
async function joined(
  server: ChildProcess,
  socket: string,
  client: AdapterClient,
): Promise<CodexAdapter | null> {
  let ended = false
  server.on('error', () => {
    ended = true
  })
  server.on('exit', () => {
    ended = true
  })
  const untilMs = performance.now() + SERVER_WITHIN_MS
  while (!ended && performance.now() < untilMs) {
    const adapter = await CodexAdapter.join(socket, client)
    if (adapter !== null) return adapter
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return null
}

/** Its keys and signals are codex's own; an end of this process is passed on. */
function exitOf(call: Invocation, child: ChildProcess): Promise<ExitCode> {
  const ignore = () => {}
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  process.on('SIGINT', ignore)
  process.on('SIGTERM', pass)
  process.on('SIGHUP', pass)
  return new Promise((resolve) => {
    child.on('error', () => {
      call.complain('codex could not be started. Install it, and see that it is on the PATH.')
      resolve(EXIT.failed)
    })
    child.on('exit', (code) => resolve(code === 0 ? EXIT.ended : EXIT.failed))
  })
}
