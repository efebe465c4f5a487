import type { AcceptChannel, ChannelListener } from '@latchkey/connection/runner/terminal-plane'
import type { CloseReason } from '@latchkey/protocol/terminal/frames'
import {
  type AppMessage,
  decodeRunnerMessages,
  encodeAppMessages,
  type RunnerMessage,
} from '@latchkey/protocol/terminal/messages'
import {
  decodePlaintext,
  encodePlaintext,
  encodeSize,
  type FeatureBytes,
  type Size,
  Stream,
} from '@latchkey/protocol/terminal/streams'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'

/**
 * An app at the other end of a channel, speaking the real wire: it remembers all it was told, and each terminal's output by
 * offset.
 */
export interface AppUnderTest {
  readonly messages: RunnerMessage[]
  /** bytes of features, as they came */
  readonly received: FeatureBytes[]
  readonly closedWith: CloseReason | null
  say(...messages: AppMessage[]): void
  type(terminal: number, from: number, bytes: Uint8Array | string): void
  resize(terminal: number, size: Size): void
  raw(payload: Uint8Array): void
  pauseByBroker(paused: boolean): void
  /** the connection is lost */
  cut(): void
  /** the output of a terminal so far */
  seen(terminal: number): Seen
  /** the newest message of a type that satisfies `test`; waits for it */
  heard<T extends RunnerMessage['type']>(
    type: T,
    test?: (message: Extract<RunnerMessage, { type: T }>) => boolean,
  ): Promise<Extract<RunnerMessage, { type: T }>>
  /** opens a terminal and answers its number */
  open(size?: Size): Promise<number>
  attach(terminal: number, options?: { from?: number | null; writer?: string; size?: Size }): void
}

export interface Seen {
  /** everything since the last snapshot (or since `from`), in order */
  bytes: Uint8Array
  /** offset of the first of them */
  from: number
  /** offset after the last of them */
  readonly end: number
  /** snapshots as they came */
  readonly snapshots: { kind: string; offset: number; cols: number; rows: number; bytes: Uint8Array }[]
  /** grants this much beyond the received bytes; 0 for a stalled app */
  windowBytes: number
  /** so many frames are remembered, the newest; `from` follows */
  framesMax: number
  /** frames in which bytes were not where they belong */
  misplaced: number
}

interface Tracked extends Seen {
  parts: Uint8Array[]
  /** bytes of the newest snapshot that are still to come */
  awaited: number
}

const WAIT_MS_MAX = 60_000
let channels = 0

export const WRITER = 'ab'.repeat(16)

export function connectApp(
  accept: AcceptChannel,
  {
    app = 'app',
    greet = true,
    windowBytes = 256 * 1024,
    address = '127.0.0.1',
    features = [],
  }: {
    app?: string
    greet?: boolean
    windowBytes?: number
    address?: string
    features?: readonly string[]
  } = {},
): AppUnderTest {
  const messages: RunnerMessage[] = []
  const received: FeatureBytes[] = []
  const terminals = new Map<number, Tracked>()
  let closedWith: CloseReason | null = null
  let controlSeq = 0
  const seen = (terminal: number): Tracked => {
    const known = terminals.get(terminal)
    if (known !== undefined) return known
    const parts: Uint8Array[] = []
    const fresh: Tracked = {
      parts,
      awaited: 0,
      from: 0,
      snapshots: [],
      windowBytes,
      framesMax: Number.POSITIVE_INFINITY,
      misplaced: 0,
      get end() {
        return endOf(terminal)
      },
      get bytes() {
        return Buffer.concat(this.parts)
      },
      set bytes(bytes: Uint8Array) {
        this.parts = [bytes]
      },
    }
    terminals.set(terminal, fresh)
    return fresh
  }
  const lengths = new Map<number, number>()
  const endOf = (terminal: number): number => seen(terminal).from + (lengths.get(terminal) ?? 0)
  const begin = (terminal: number, offset: number) => {
    const known = seen(terminal)
    known.parts = []
    known.from = offset
    lengths.set(terminal, 0)
  }
  const grant = (terminal: number) => {
    const { windowBytes: window } = seen(terminal)
    if (window > 0) say({ type: 'credit', terminal, upTo: endOf(terminal) + window })
  }
  const hearMessage = (message: RunnerMessage) => {
    messages.push(message)
    if (message.type === 'attached') {
      if (endOf(message.terminal) !== message.offset) begin(message.terminal, message.offset)
      grant(message.terminal)
    }
    if (message.type === 'snapshot') {
      const { kind, offset, cols, rows, terminal } = message
      const known = seen(terminal)
      known.snapshots.push({ kind, offset, cols, rows, bytes: new Uint8Array(message.bytes) })
      known.awaited = message.bytes
      if (kind === 'screen') {
        begin(terminal, offset)
        grant(terminal)
      }
    }
  }
  let listener: ChannelListener | null = null
  const hear = (payload: Uint8Array) => {
    const plaintext = decodePlaintext(Uint8Array.from(payload))
    if (plaintext === null) throw new Error('the runner sent something malformed')
    if (plaintext.stream === Stream.control) {
      const told = decodeRunnerMessages(plaintext.bytes)
      if (told === null) throw new Error('the runner sent a malformed message')
      return told.forEach(hearMessage)
    }
    if ('number' in plaintext) return void received.push(plaintext)
    const known = seen(plaintext.terminal)
    if (plaintext.stream === Stream.history) {
      known.snapshots.at(-1)?.bytes.set(plaintext.bytes, plaintext.seq)
      known.awaited -= plaintext.bytes.length
    } else {
      if (plaintext.seq !== endOf(plaintext.terminal) || known.awaited > 0) known.misplaced += 1
      known.parts.push(plaintext.bytes)
      lengths.set(plaintext.terminal, (lengths.get(plaintext.terminal) ?? 0) + plaintext.bytes.length)
      while (known.parts.length > known.framesMax) {
        const forgotten = known.parts.shift()?.length ?? 0
        known.from += forgotten
        lengths.set(plaintext.terminal, (lengths.get(plaintext.terminal) ?? 0) - forgotten)
      }
      grant(plaintext.terminal)
    }
  }
  // As over a socket: never within the call that sent it, always in order.
  const raw = (payload: Uint8Array) => setImmediate(() => listener?.onEnvelope(payload))
  const say = (...said: AppMessage[]) =>
    raw(encodePlaintext({ stream: Stream.control, seq: controlSeq++, bytes: encodeAppMessages(said) }))
  const channel = ++channels
  let requests = 0
  listener = accept({
    opening: {
      channel,
      pid: '00'.repeat(16),
      runnerId: 'runner',
      appSessionId: app,
      label: app,
      address,
    },
    send: (payload) => void setImmediate(() => hear(payload)),
    close: (reason) => {
      closedWith = reason
      listener = null
    },
  })
  const heard: AppUnderTest['heard'] = async (type, test = () => true) => {
    const until = performance.now() + WAIT_MS_MAX
    for (;;) {
      for (const message of messages.toReversed()) if (isA(message, type) && test(message)) return message
      if (performance.now() > until) throw new Error(`no ${type} within ${WAIT_MS_MAX} ms`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const it: AppUnderTest = {
    messages,
    received,
    get closedWith() {
      return closedWith
    },
    say,
    raw,
    type: (terminal, from, bytes) =>
      raw(
        encodePlaintext({
          stream: Stream.input,
          seq: from,
          terminal,
          bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
        }),
      ),
    resize: (terminal, size) =>
      raw(encodePlaintext({ stream: Stream.resize, seq: 0, terminal, bytes: encodeSize(size) })),
    pauseByBroker: (paused) => listener?.onPaused(paused),
    cut: () => {
      listener?.onEnd()
      listener = null
    },
    seen,
    heard,
    open: async (size = { cols: 80, rows: 24 }) => {
      const request = ++requests
      say({ type: 'open', request, ...size })
      const { terminal } = await heard('opened', (message) => message.request === request)
      return terminal
    },
    attach: (terminal, { from = null, writer = WRITER, size = { cols: 80, rows: 24 } } = {}) =>
      say({ type: 'attach', terminal, writer, from, ...size }),
  }
  if (greet) say({ type: 'hello', version: PROTOCOL_VERSION, label: app, features: [...features] })
  return it
}

const isA = <T extends RunnerMessage['type']>(
  message: RunnerMessage,
  type: T,
): message is Extract<RunnerMessage, { type: T }> => message.type === type

/** Waits until `ready` holds. */
export async function until(ready: () => boolean, withinMs: number = WAIT_MS_MAX): Promise<void> {
  const end = performance.now() + withinMs
  while (!ready()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${ready}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
