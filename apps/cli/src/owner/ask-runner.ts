import { connect } from 'node:net'
import { join } from 'node:path'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import {
  CONTROL_SOCKET,
  type ControlAnswer,
  type ControlRequest,
  controlAnswer,
} from '@latchkey/runner/sealing/control-wire'
import type { Invocation } from '../command.ts'
import { dataDirOf } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

/** A runner on this machine answers in milliseconds; one that does not in this time is stuck. */
const ANSWER_WITHIN_MS = 5_000

export type Granted = Extract<ControlAnswer, { readonly ok: true }>

/** Asks this machine's runner and gives a granted answer to `tell`; complains about all others. */
export async function orderRunner(
  call: Invocation,
  request: ControlRequest,
  tell: (granted: Granted) => ExitCode,
): Promise<ExitCode> {
  const answer = await askRunnerOf(dataDirOf(call), request)
  if (answer === null) {
    call.emit({ event: request.command, running: false })
    call.complain('No runner runs on this machine. Start it with: latchkey up')
    return EXIT.brokerUnreachable
  }
  if (answer.ok) return tell(answer)
  call.emit({ event: request.command, problem: answer.code, message: answer.message })
  call.complain(answer.message)
  if (answer.code === 'NO_SUCH_TERMINAL') call.complain('To list the terminals: latchkey status')
  if (answer.code === 'NO_SUCH_SHARE') call.complain('To list the links: latchkey share list')
  if (answer.code === 'NO_SUCH_APP') call.complain('To list the known apps: latchkey apps')
  return answer.code === 'FAILED' ? EXIT.failed : EXIT.badUsage
}

/** What the runner that works on `dataDir` answers; null when none does. */
export const askRunnerOf = (dataDir: string, request: ControlRequest): Promise<ControlAnswer | null> =>
  askRunner(join(dataDir, 'runner', CONTROL_SOCKET), request)

/** Locks or unlocks the runner of this call; it tells of it by itself, so only a refusal is said. */
export async function orderLock(call: Invocation, dataDir: string, on: boolean): Promise<void> {
  const answer = await askRunnerOf(dataDir, { command: on ? 'lock' : 'unlock' })
  if (answer?.ok !== true)
    call.complain(`It was not ${on ? 'locked' : 'unlocked'}: ${answer?.message ?? 'no runner works here'}.`)
}

/** What a person at the screen of this call may ask its runner about the apps that it knows. */
export const appOrders = (call: Invocation, dataDir: string) => ({
  listApps: async (): Promise<readonly ListedApp[] | null> => {
    const answer = await askRunnerOf(dataDir, { command: 'apps' })
    return answer?.ok === true ? (answer.apps ?? []) : null
  },
  /** The runner tells of it by itself, so only a refusal is said. */
  revoke: async (app: string): Promise<void> => {
    const answer = await askRunnerOf(dataDir, { command: 'revoke', app })
    if (answer?.ok !== true)
      call.complain(`It was not revoked: ${answer?.message ?? 'no runner works here'}.`)
  },
})

/** The runner's answer; null when no runner listens at `path`. */
const askRunner = (path: string, request: ControlRequest): Promise<ControlAnswer | null> =>
  new Promise((resolve) => {
    const socket = connect(path)
    let read = ''
    const end = (answer: ControlAnswer | null): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(null))
    socket.on('error', () => end(null))
    socket.on('close', () => resolve(null))
    socket.on('data', (bytes: Buffer) => {
      read += bytes.toString('utf8')
      if (read.endsWith('\n')) end(answerIn(read))
    })
    socket.write(`${JSON.stringify(request)}\n`)
  })

function answerIn(line: string): ControlAnswer {
  try {
    return controlAnswer.parse(JSON.parse(line))
  } catch {
    return { ok: false, code: 'FAILED', message: 'The runner here is of another release.' }
  }
}
