import { invariant } from '@latchkey/domain/kernel'
import { z } from 'zod'
import { ByteReader, ByteWriter, concatenated, decoded, textOf, utf8 } from '../bytes.ts'
import { hex128 } from '../fields.ts'
import { appFeatureMessages, features, runnerFeatureMessages } from './feature-messages.ts'
import { message } from './message.ts'
import { SIZE_MAX } from './streams.ts'

/**
 * Stream 0: a list of typed messages, each `type u8 ‖ length u16 ‖ body`. The three that travel with every keystroke or
 * chunk (credit, input acknowledgement, gap) have binary bodies; the rest are JSON, checked by the schemas below.
 */

const terminal = z.number().int().min(0).max(0xffff)
const offset = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const cells = z.number().int().min(1).max(SIZE_MAX)
const request = z.number().int().nonnegative().max(0xffffffff)
const name = z.string().max(64)
/** 16 random bytes in hex, chosen by an app for one terminal it types into: the ledger's key beside the app itself */
const writer = hex128

/** An attachment names no more; the machine remembers those of earlier ones. */
export const GIVEN_UP_WRITERS_MAX = 16

/** A longer folder is shown shortened; a new terminal still starts in it. */
export const PAST_FOLDER_CHARS_MAX = 256
export const PAST_RESUME_CHARS_MAX = 128

const watcher = z.object({
  /** the app's handle; the same for all windows of one app session */
  app: z.string(),
  label: z.string(),
  mayType: z.boolean(),
  /** it came by a share link; absent for apps that the machine knows */
  guest: z.boolean().optional(),
})

/** A terminal that ended with its machine, or with the process that kept it: its last screen can be read, nothing runs. */
const past = z.object({
  /** when it was last seen alive, epoch milliseconds of the machine */
  seenAtMs: offset,
  /** where its shell was, as far as the machine knows; a new terminal `like` this one starts there */
  folder: z.string().max(PAST_FOLDER_CHARS_MAX),
  /** goes on with an agent's session, as its last screen says; null when it says nothing of the kind. An app may offer to type it */
  resume: z.string().max(PAST_RESUME_CHARS_MAX).nullable(),
})
export type Past = z.output<typeof past>

export const terminalInfo = z.object({
  terminal,
  name,
  cols: cells,
  rows: cells,
  /** the app whose size the terminal has; null while no app has taken it */
  owner: z.string().nullable(),
  watchers: z.array(watcher),
  /** set once the program has ended */
  exit: z.object({ code: z.number().int(), signal: z.number().int().nullable() }).nullable(),
  /** the program reads a line that is not echoed, such as a password; older runners do not say */
  secret: z.boolean().optional(),
  /** set on a terminal of before; `exit` is set as well, so that an older app shows it as ended */
  past: past.optional(),
  /** it was opened as private: its machine keeps nothing of it on disk */
  private: z.boolean().optional(),
  /** whether the terminal is recorded; absent where the machine makes no recordings, as older runners do not */
  recording: z.boolean().optional(),
})
export type TerminalInfo = z.output<typeof terminalInfo>

/** app → runner, JSON bodies. */
export const appMessage = z.discriminatedUnion('type', [
  /** first message of a channel; `version` is PROTOCOL_VERSION, `locale` a BCP 47 tag */
  message('hello', {
    version: z.number().int(),
    label: name,
    locale: z.string().max(35).optional(),
    features,
  }),
  /**
   * Starts a program; answered by `opened` or `error` with the same `request`. `like`: in the folder of that past terminal.
   * `private`: nothing of it is kept on disk. `writer`: the app watches it from its first byte, as if `attach` followed; the
   * machine that does so says it in `opened`. Older machines pass all three over.
   */
  message('open', {
    request,
    name: name.optional(),
    cols: cells,
    rows: cells,
    like: terminal.optional(),
    private: z.boolean().optional(),
    writer: writer.optional(),
  }),
  /**
   * Begins or resumes watching. `from`: the offset up to which this app already has the output; null for none.
   * `writer` may be kept across connections; its input goes on where the runner's ledger stands, and what an earlier
   * connection still brings of it is not typed. `gaveUp`: writers of this app whose input is not wanted any more.
   */
  message('attach', {
    terminal,
    writer,
    from: offset.nullable(),
    cols: cells,
    rows: cells,
    gaveUp: z.array(writer).max(GIVEN_UP_WRITERS_MAX).optional(),
  }),
  message('detach', { terminal }),
  /** ends the program (HUP, then KILL after a grace time); a past terminal is forgotten for good */
  message('close', { terminal }),
  message('rename', { terminal, name }),
  /** makes this app's size the terminal's */
  message('takeSize', { terminal, cols: cells, rows: cells }),
  /** asks for up to `lines` lines above the screen; answered by a snapshot of kind 'scrollback' */
  message('scrollback', { terminal, request, lines: z.number().int().min(1).max(10_000) }),
  /**
   * Echoed by `pong`: measures the way to the machine and back. `heard`: the `mark` of the newest `pong`, so that the
   * machine knows that what follows was said after it.
   */
  message('ping', { id: request, heard: request.optional() }),
  /** begins or ends a recording on the machine; not for terminals whose `recording` is absent */
  message('record', { terminal, on: z.boolean() }),
  ...appFeatureMessages,
])

/** runner → app, JSON bodies. */
export const runnerMessage = z.discriminatedUnion('type', [
  message('welcome', {
    version: z.number().int(),
    /** how the machine calls itself */
    machine: name,
    /** this app's own handle, as in `owner` and `watchers` */
    you: z.string(),
    mayType: z.boolean(),
    /** whether this app may send files; absent: as `mayType` */
    maySend: z.boolean().optional(),
    shell: z.string(),
    terminals: z.array(terminalInfo),
    features,
  }),
  /** the state of one terminal, whenever it changed; also for apps that do not watch it */
  message('terminal', terminalInfo.shape),
  /** the terminal is gone for good: closed, or its program ended and no app watches any more */
  message('gone', { terminal }),
  /** `watched`: the `writer` of the `open` is attached, and `attached` follows */
  message('opened', { request, terminal, watched: z.literal(true).optional() }),
  /** `offset`: where the output that follows begins; `applied`: how much of this writer's input has been typed */
  message('attached', { terminal, offset, applied: offset }),
  /** `bytes` bytes follow on stream 4; then output goes on from `offset`. They replace the whole screen */
  message('snapshot', {
    terminal,
    kind: z.enum(['screen', 'scrollback']),
    request: request.optional(),
    offset,
    cols: cells,
    rows: cells,
    bytes: offset,
  }),
  /** all output up to `offset` has been sent and the program has ended */
  message('exited', { terminal, code: z.number().int(), signal: z.number().int().nullable(), offset }),
  /** `mark`: a number that grows; `ping` brings it back */
  message('pong', { id: request, mark: request.optional() }),
  message('error', {
    request: request.optional(),
    terminal: terminal.optional(),
    code: z.enum([
      'VERSION',
      'NO_SUCH_TERMINAL',
      'TOO_MANY_TERMINALS',
      'VIEW_ONLY',
      'CANNOT_START',
      'E2EE_REQUIRED',
      'MALFORMED',
      'INPUT_GAP',
      /** said to a guest: its share link opens one terminal to look at or type in */
      'NOT_SHARED',
    ]),
    message: z.string(),
  }),
  ...runnerFeatureMessages,
])

/** Binary bodies: terminal u16 ‖ u64. */
export interface Credit {
  readonly type: 'credit'
  readonly terminal: number
  /** app → runner: output may be sent up to this offset. Grows; a smaller one changes nothing */
  readonly upTo: number
}
export interface InputApplied {
  readonly type: 'applied'
  readonly terminal: number
  /** runner → app: this writer's input has been typed up to this offset */
  readonly upTo: number
}
/** Binary body: terminal u16 ‖ from u64 ‖ to u64. */
export interface Gap {
  readonly type: 'gap'
  readonly terminal: number
  /** runner → app: output [from, to) is no longer kept; a snapshot follows */
  readonly from: number
  readonly to: number
}

export type AppMessage = z.output<typeof appMessage> | Credit
export type RunnerMessage = z.output<typeof runnerMessage> | InputApplied | Gap

/** Numbers on the wire. Never reused; a new message gets a new one. */
export const APP_TYPES = {
  hello: 1,
  open: 2,
  attach: 3,
  detach: 4,
  close: 5,
  rename: 6,
  takeSize: 7,
  scrollback: 8,
  ping: 9,
  credit: 10,
  front: 11,
  record: 12,
  answer: 13,
  seen: 14,
  guardedKey: 15,
  pushWanted: 16,
  pushTest: 17,
  sendFile: 18,
  fetchFile: 19,
  fileCredit: 20,
  fileEnd: 21,
  fileCancel: 22,
  openPort: 23,
  portCredit: 24,
  portEnd: 25,
  integrate: 28,
  shareTerminal: 96,
  shareEnd: 97,
  fleetAdopt: 98,
  fleetList: 99,
} as const
export const RUNNER_TYPES = {
  welcome: 33,
  terminal: 34,
  gone: 35,
  opened: 36,
  attached: 37,
  snapshot: 38,
  exited: 39,
  pong: 40,
  error: 41,
  applied: 42,
  gap: 43,
  status: 44,
  question: 45,
  proof: 46,
  guarded: 47,
  pushStanding: 48,
  pushTested: 49,
  fileWritten: 50,
  fileDone: 51,
  fileFound: 52,
  fileSent: 53,
  fileRefused: 54,
  portOpened: 55,
  portGranted: 56,
  portEnded: 57,
  portRefused: 58,
  shared: 112,
  shareRefused: 113,
  shares: 114,
  fleet: 115,
  fleetRefused: 116,
} as const

const nameOf = <T extends Record<string, number>>(types: T) =>
  new Map(Object.entries(types).map(([key, value]) => [value, key as keyof T & string]))
const APP_NAMES = nameOf(APP_TYPES)
const RUNNER_NAMES = nameOf(RUNNER_TYPES)

/** Encodes a list of messages as one stream-0 body. */
export const encodeAppMessages = (messages: readonly AppMessage[]): Uint8Array =>
  concatenated(...messages.map((each) => item(APP_TYPES[each.type], bodyOf(each))))

export const encodeRunnerMessages = (messages: readonly RunnerMessage[]): Uint8Array =>
  concatenated(...messages.map((each) => item(RUNNER_TYPES[each.type], bodyOf(each))))

/** The messages of a stream-0 body; null when any of them is malformed or of an unknown type. */
export const decodeAppMessages = (bytes: Uint8Array): readonly AppMessage[] | null =>
  decodeList(bytes, (type, body) => {
    const known = APP_NAMES.get(type)
    if (known === undefined) return null
    return known === 'credit' ? { type: known, ...readMark(body) } : readJson(appMessage, known, body)
  })

export const decodeRunnerMessages = (bytes: Uint8Array): readonly RunnerMessage[] | null =>
  decodeList(bytes, (type, body) => {
    const known = RUNNER_NAMES.get(type)
    if (known === undefined) return null
    if (known === 'applied') return { type: known, ...readMark(body) }
    if (known === 'gap') return { type: known, ...readGap(body) }
    return readJson(runnerMessage, known, body)
  })

function bodyOf(each: AppMessage | RunnerMessage): Uint8Array {
  if (each.type === 'credit' || each.type === 'applied')
    return new ByteWriter(10).u16(each.terminal).u53(each.upTo).bytes
  if (each.type === 'gap') return new ByteWriter(18).u16(each.terminal).u53(each.from).u53(each.to).bytes
  const { type: _, ...body } = each
  return utf8(JSON.stringify(body))
}

function item(type: number, body: Uint8Array): Uint8Array {
  invariant(body.length <= 0xffff, `a message of type ${type} of ${body.length} bytes: its length is a u16`)
  return new ByteWriter(3 + body.length).u8(type).u16(body.length).put(body).bytes
}

function decodeList<T>(
  bytes: Uint8Array,
  read: (type: number, body: Uint8Array) => T | null,
): readonly T[] | null {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const out: T[] = []
    while (reader.left > 0) {
      const type = reader.u8()
      const message = read(type, reader.bytes(reader.u16()))
      if (message === null) return null
      out.push(message)
    }
    return out
  })
}

function readMark(body: Uint8Array): { terminal: number; upTo: number } {
  const reader = new ByteReader(body)
  return { terminal: reader.u16(), upTo: reader.u53() }
}

function readGap(body: Uint8Array): { terminal: number; from: number; to: number } {
  const reader = new ByteReader(body)
  return { terminal: reader.u16(), from: reader.u53(), to: reader.u53() }
}

function readJson<S extends z.ZodType>(schema: S, type: string, body: Uint8Array): z.output<S> | null {
  const text = textOf(body)
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const parsed = schema.safeParse({ ...value, type })
  return parsed.success ? parsed.data : null
}
