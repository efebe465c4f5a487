import { join } from 'node:path'
import type { RunnerIdentity } from '../identity.ts'
import type { Terminals } from '../terminal/terminals.ts'
import { type AdapterSocket, serveAdapters } from './adapter-socket.ts'
import { ADAPTER_SOCKET, ADAPTER_SOCKET_VARIABLE, TERMINAL_MARK_VARIABLE } from './adapter-wire.ts'
import { type AuditEntry, auditFile } from './audit-file.ts'
import { GuardedKeys } from './guarded-keys.ts'
import { type AdapterSays, QuestionDesk } from './question-desk.ts'
import { TerminalMarks } from './terminal-mark.ts'

export interface QuestionFeatureOptions {
  /** for the socket of adapters and the record of questions; null: no adapter is heard, nothing is written */
  readonly stateFolder: string | null
  readonly identity: RunnerIdentity
  readonly randomBytes: (byteCount: number) => Uint8Array
  readonly onTrouble: (message: string) => void
  readonly adapterSays?: AdapterSays
}

/** Questions of agents on this machine: the feature for the apps, and the socket at which adapters ask. */
export interface QuestionFeature {
  readonly desk: QuestionDesk
  /** for the environment of a terminal's shell */
  terminalEnv(terminal: number): Readonly<Record<string, string>>
  /** Hears adapters from now on. */
  serve(terminals: Pick<Terminals, 'get'>): Promise<void>
  stop(): Promise<void>
}

export function questionFeature(options: QuestionFeatureOptions): QuestionFeature {
  const { stateFolder, identity, randomBytes, onTrouble, adapterSays } = options
  const secret = identity.reachSecret()
  const marks = new TerminalMarks(secret, randomBytes)
  secret.fill(0)
  const write = stateFolder === null ? () => {} : auditFile(join(stateFolder, 'questions.log'), onTrouble)
  const audit = (entry: Omit<AuditEntry, 'atMs'>) => write({ atMs: Date.now(), ...entry })
  const desk = new QuestionDesk({
    nowMs: Date.now,
    randomBytes,
    keys: new GuardedKeys(audit),
    audit: write,
    ...(adapterSays === undefined ? {} : { adapterSays }),
  })
  const path = stateFolder === null ? null : join(stateFolder, ADAPTER_SOCKET)
  let socket: AdapterSocket | null = null
  return {
    desk,
    terminalEnv: (terminal) =>
      path === null
        ? {}
        : { [ADAPTER_SOCKET_VARIABLE]: path, [TERMINAL_MARK_VARIABLE]: marks.make(terminal) },
    serve: async (terminals) => {
      if (path === null) return
      const served = await serveAdapters(path, {
        desk,
        terminalOf: (mark) => {
          const number = marks.read(mark)
          const terminal = number === null ? null : terminals.get(number)
          return terminal === null || terminal.hasEnded ? null : number
        },
      })
      if (typeof served === 'string') onTrouble(`Agents cannot ask apps: ${served}`)
      else socket = served
    },
    stop: async () => {
      desk.stop()
      await socket?.stop()
    },
  }
}
