import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import headless from '@xterm/headless'
import type { ChannelFeature } from '../../apps/runner/src/channel/feature.ts'
import { type Guest, openEnvelope } from '../../apps/runner/src/channel/guest.ts'
import { hostTerminals } from '../../apps/runner/src/host-terminals.ts'
import { loadIdentity } from '../../apps/runner/src/identity.ts'
import { questionFeature } from '../../apps/runner/src/questions/question-feature.ts'
import { type AppUnderTest, connectApp } from '../../apps/runner/src/testing/app-under-test.ts'
import { LATCHKEY } from '../system/up-process.ts'
import { installedAgent } from './installed-agents.ts'
import { type ModelServer, startModelServer } from './model-server.ts'

const COLUMNS = 110
const ROWS = 40

/** A machine whose terminals have real agents in them, offline, and the desk and phones that use it. */
export interface AgentMachine {
  readonly home: string
  readonly work: string
  readonly model: ModelServer
  /** a phone that may answer */
  phone(name?: string, rights?: Partial<Guest>): AppUnderTest
  /** a new terminal and its person */
  desk(): Promise<Desk>
  /** ends the runner's part for questions and begins it anew, as another life of the runner would */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface Desk {
  readonly terminal: number
  type(text: string): void
  /** what the person sees */
  screen(): Promise<string>
  sees(text: string): Promise<void>
  seesNoMore(text: string): Promise<void>
}

/** @param agent whose program is on the PATH of the terminals */
export async function agentMachine(agent: 'codex' | 'opencode'): Promise<AgentMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-agents-'))
  const [home, work, bin] = [join(folder, 'home'), join(folder, 'work'), join(folder, 'bin')]
  for (const path of [home, work, bin]) mkdirSync(path)
  writeFileSync(join(bin, 'latchkey'), `#!/bin/sh\nexec ${process.execPath} ${LATCHKEY} "$@"\n`, {
    mode: 0o755,
  })
  // A shell is given no folder of npm's packages.
  symlinkSync(join(installedAgent(agent), agent), join(bin, agent))
  const model = await startModelServer()
  const identity = loadIdentity(join(folder, 'identity.json'))
  const features = () =>
    questionFeature({
      ...{ stateFolder: folder, identity, randomBytes: (count: number) => randomBytes(count) },
      onTrouble: (message) => {
        throw new Error(message)
      },
    })
  let feature = features()
  /** of the life that is now */
  const questions: ChannelFeature = {
    ...{ name: 'questions', hears: feature.desk.hears, streams: feature.desk.streams },
    joined: (app) => feature.desk.joined(app),
  }
  const hosted = hostTerminals({
    ...{ label: 'machine', shell: '/bin/sh', folder: work, features: [questions] },
    terminalEnv: (terminal) => feature.terminalEnv(terminal),
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      ...{ HOME: home, LANG: 'C.UTF-8', PS1: '$ ', ENV: '/dev/null', MODEL_KEY: 'dummy' },
      ...{ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' },
      ...{ OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1' },
    },
    onEvent: () => {},
  })
  await feature.serve(hosted.terminals)
  const connected = (name: string, rights: Partial<Guest> = {}) => {
    const guest: Guest = {
      ...{ envelope: openEnvelope, handle: name, appId: null, sealed: false, label: name },
      ...{ knownSinceMs: 0, mayType: true, mayApprove: true, maySend: true, only: null, ...rights },
    }
    const app = connectApp((channel) => hosted.serve(channel, guest), { app: name, greet: false })
    app.say({ type: 'hello', version: PROTOCOL_VERSION, label: name, features: ['questions'] })
    return app
  }
  return {
    ...{ home, work, model },
    phone: (name = 'phone', rights) => connected(name, rights),
    desk: () => sitDown(connected('desk')),
    restart: async () => {
      await feature.stop()
      feature = features()
      await feature.serve(hosted.terminals)
    },
    stop: async () => {
      await feature.stop()
      hosted.kill()
      await hosted.stop()
      await model.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

const emulator = () => new headless.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true })

async function sitDown(app: AppUnderTest): Promise<Desk> {
  const terminal = await app.open({ cols: COLUMNS, rows: ROWS })
  app.attach(terminal, { size: { cols: COLUMNS, rows: ROWS } })
  let typed = 0
  let drawn = emulator()
  let from = -1
  let drawnBytes = 0
  const screen = async () => {
    const seen = app.seen(terminal)
    if (seen.from !== from) {
      drawn.dispose()
      drawn = emulator()
      from = seen.from
      drawnBytes = 0
      const snapshot = seen.snapshots.findLast(({ kind }) => kind === 'screen')
      if (snapshot !== undefined) drawn.write(snapshot.bytes)
    }
    const news = seen.bytes.subarray(drawnBytes)
    drawnBytes += news.length
    await new Promise<void>((done) => drawn.write(news, done))
    const { active } = drawn.buffer
    const row = (at: number) => active.getLine(active.baseY + at)?.translateToString(true)
    return Array.from({ length: ROWS }, (_, at) => row(at)).join('\n')
  }
  const shows = async (text: string, wanted: boolean) => {
    const endMs = performance.now() + 120_000
    while ((await screen()).includes(text) !== wanted) {
      if (performance.now() > endMs)
        throw new Error(`${wanted ? 'never' : 'always'} seen: ${text}\n${await screen()}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return {
    ...{ terminal, screen },
    type: (text) => {
      app.type(terminal, typed, text)
      typed += Buffer.byteLength(text)
    },
    sees: (text) => shows(text, true),
    seesNoMore: (text) => shows(text, false),
  }
}
