import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { assertNever } from '@latchkey/domain/kernel'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import type { StatusFeature } from '../attention/status-feature.ts'
import type { FleetBook } from '../fleet/fleet-book.ts'
import type { ShareOrders } from '../sharing/share-orders.ts'
import type { RecordOrders } from '../terminal/record-orders.ts'
import { listenForOwner } from '../unix-socket.ts'
import { knownApp, revoke, revokeAll, standing } from './app-orders.ts'
import {
  CONTROL_LINE_BYTES_MAX,
  CONTROL_SOCKET,
  type ControlAnswer,
  type ControlRequest,
  controlRequest,
} from './control-wire.ts'
import type { Doorkeeper } from './doorkeeper.ts'
import type { SealingEvent } from './sealing-events.ts'

export interface Control {
  stop(): Promise<void>
}

/** What answers the owner. */
interface Asked {
  readonly door: Doorkeeper
  readonly recordings: RecordOrders | null
  readonly shares: ShareOrders
  readonly fleet: FleetBook
  readonly status: Pick<StatusFeature, 'list'> | null
}

const IDLE_MS_MAX = 10_000
const ID_START = /^[0-9a-f]{4,32}$/

/**
 * Takes the owner's orders on a Unix socket in `folder`. Null when that cannot be: its path is too long for the system, or
 * another process of this machine has it. The runner does its work all the same.
 */
export async function serveControl(
  folder: string,
  asked: Asked,
  onEvent: (event: SealingEvent) => void,
): Promise<Control | null> {
  const path = join(folder, CONTROL_SOCKET)
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    hear(socket, asked)
  })
  const problem = await listenForOwner(server, path)
  if (problem !== null) {
    onEvent({ type: 'trouble', message: `${path}: ${problem}` })
    return null
  }
  return {
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function hear(socket: Socket, asked: Asked): void {
  let unread = ''
  socket.setTimeout(IDLE_MS_MAX, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    unread += bytes.toString('utf8')
    const lines = unread.split('\n')
    unread = lines.pop() ?? ''
    if (unread.length > CONTROL_LINE_BYTES_MAX) return socket.destroy()
    for (const line of lines)
      void answerTo(line, asked).then((answer) => socket.write(`${JSON.stringify(answer)}\n`))
  })
}

async function answerTo(line: string, asked: Asked): Promise<ControlAnswer> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    value = null
  }
  const request = controlRequest.safeParse(value)
  if (!request.success) return { ok: false, code: 'MALFORMED', message: 'Not understood.' }
  try {
    return await carryOut(request.data, asked)
  } catch (problem) {
    const message = problem instanceof Error ? problem.message : String(problem)
    return { ok: false, code: 'FAILED', message }
  }
}

async function carryOut(
  request: ControlRequest,
  { door, recordings, shares, fleet, status }: Asked,
): Promise<ControlAnswer> {
  switch (request.command) {
    case 'apps':
      return standing(door)
    case 'status':
      return { ...standing(door), pin: pinOf(door) }
    case 'fragment':
      return { ok: true, fragment: door.hasCode ? door.fragment : null, locked: door.locked }
    case 'pin':
      return { ok: true, pin: pinOf(door), locked: door.locked }
    case 'revoke':
      return withApp(request.app, door, async (app) => {
        await revoke(app, door)
        return { ok: true, changed: [app] }
      })
    case 'rename':
      return withApp(request.app, door, async ({ app }) => {
        await door.rename(app, request.label)
        const renamed = knownApp(door, app)
        return { ok: true, changed: renamed === null ? [] : [renamed] }
      })
    case 'rights':
      return withApp(request.app, door, async ({ app }) => {
        if (!(await door.giveRights(app, request)))
          return { ok: false, code: 'FAILED', message: 'This app cannot seal: pair it anew to change it.' }
        const changed = knownApp(door, app)
        return { ok: true, changed: changed === null ? [] : [changed] }
      })
    case 'revoke-all':
      return { ok: true, changed: [...(await revokeAll(door))] }
    case 'accept':
      return door.accept(request.pin)
        ? { ok: true }
        : { ok: false, code: 'NO_SUCH_APP', message: 'No app that cannot seal waits under that number.' }
    case 'lock':
      await door.lock()
      return { ok: true, locked: door.locked }
    case 'terminals':
      return { ok: true, terminals: [...((await status?.list()) ?? [])] }
    case 'recordings':
      return { ok: true, recordings: [...(recordings?.running() ?? [])] }
    case 'record': {
      if (recordings === null)
        return { ok: false, code: 'FAILED', message: 'This machine makes no recordings.' }
      const answer = await recordings.record(request.terminal, request.on)
      return answer.ok ? { ok: true, recordings: [...answer.recordings] } : answer
    }
    case 'share':
      return shares.open(request)
    case 'shares':
      return shares.list()
    case 'unshare':
      return shares.end(request.share)
    case 'fleet':
      return fleetAnswer(fleet, true)
    case 'fleet-allow':
      return fleetAnswer(fleet, await fleet.allow(request.allowed))
    case 'fleet-leave':
      return fleetAnswer(fleet, await fleet.leave())
    case 'unlock':
      await door.unlock()
      return { ok: true, locked: door.locked }
    default:
      return assertNever(request)
  }
}

function fleetAnswer({ standing }: FleetBook, done: boolean): ControlAnswer {
  const { owner, allowed, list } = standing
  if (!done) return { ok: false, code: 'NO_OWNER', message: 'This machine belongs to no fleet.' }
  if (owner === null) return { ok: true, fleet: null }
  const devices = (list?.devices ?? []).map(({ label, rights }) => ({ label, rights }))
  const machines = (list?.machines ?? []).map(({ label }) => label)
  const times = { issuedAt: list?.issuedAtMs ?? null, goodUntil: list?.goodUntilMs ?? null }
  return { ok: true, fleet: { owner, allowed, number: list?.number ?? 0, ...times, devices, machines } }
}

async function withApp(
  said: string,
  door: Doorkeeper,
  act: (app: ListedApp) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  const { known } = door
  const byId = ID_START.test(said) ? known.filter(({ app }) => app.startsWith(said)) : []
  const found = byId.length > 0 ? byId : known.filter(({ label }) => label === said)
  const [app] = found
  if (app === undefined)
    return { ok: false, code: 'NO_SUCH_APP', message: 'No app of that name is known here.' }
  if (found.length > 1)
    return { ok: false, code: 'AMBIGUOUS', message: `${found.length} apps are called that. Say the id.` }
  return act(app)
}

function pinOf({ prompt }: Doorkeeper) {
  const shown = prompt?.shown ?? null
  if (shown === null) return null
  const { type: _, ...told } = shown
  return told
}
