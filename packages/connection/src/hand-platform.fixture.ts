import { type Calls, type Facts, received } from '@latchkey/protocol/call'
import { type HandshakeAuth, type Refusal, refusal } from '@latchkey/protocol/runner-pairing'
import { decodeFrame, type Frame } from '@latchkey/protocol/terminal/frames'
import {
  type ControlOpening,
  type ControlSocket,
  type ControlSocketOptions,
  type openControlSocket,
  refusalOf,
} from './control-socket.ts'
import type { BinarySocket, Platform } from './transport.ts'

export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A terminal connection whose broker is played by the test. */
export interface HandSocket extends BinarySocket {
  readonly url: string
  readonly sent: Uint8Array[]
  readonly isClosed: boolean
  /** all that was sent, read */
  frames(): Frame[]
}

/** A platform whose clock is turned by hand. Its random bytes are the largest, so each wait is as long as it can be. */
export function handPlatform() {
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>()
  const sockets: HandSocket[] = []
  const state = { nowMs: 1_000_000, unreachable: false }
  const platform: Platform = {
    nowMs: () => state.nowMs,
    randomBytes: (count) => new Uint8Array(count).fill(0xff),
    after: (delayMs, run) => {
      const timer = { atMs: state.nowMs + delayMs, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    openSocket: (url) => {
      if (state.unreachable) return Promise.reject(new Error('unreachable'))
      const sent: Uint8Array[] = []
      let isClosed = false
      const socket: HandSocket = {
        url,
        sent,
        get isClosed() {
          return isClosed
        },
        frames: () => sent.flatMap((bytes) => decodeFrame(bytes) ?? []),
        send: (frame) => void sent.push(frame),
        close: () => {
          if (isClosed) return
          isClosed = true
          socket.onEnd()
        },
        bufferedBytes: 0,
        onFrame: () => {},
        onEnd: () => {},
      }
      sockets.push(socket)
      return Promise.resolve(socket)
    },
  }
  const runDue = async (untilMs: number) => {
    for (;;) {
      const due = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) return
      timers.delete(due)
      state.nowMs = Math.max(state.nowMs, due.atMs)
      due.run()
      await settled()
    }
  }
  /** Time passes, and each timer runs at its moment. */
  const passes = async (ms: number) => {
    const untilMs = state.nowMs + ms
    await settled()
    await runDue(untilMs)
    state.nowMs = untilMs
    await settled()
  }
  /** The process sleeps: time passes, and the timers that were due run at the end. */
  const sleeps = async (ms: number) => {
    state.nowMs += ms
    await runDue(state.nowMs)
  }
  return { platform, sockets, timers, state, passes, sleeps }
}

interface Said {
  readonly name: string
  readonly request: unknown
}

/** One control connection, or the try of one. */
export interface HandControl {
  readonly auth: HandshakeAuth
  readonly said: Said[]
  readonly state: { readonly isClosed: boolean }
  /** The broker's next answers to calls of this name. A call without an answer waits for ever. */
  answers(name: string, ...all: unknown[]): void
  /** The broker says a fact. */
  tells(name: string, fact: object): void
  accept(): void
  refuse(code: string, kind?: 'unreachable' | 'timeout' | 'refused'): void
  /** The connection is lost, unless this end has closed it. */
  lose(): void
}

/** Control connections whose broker is played by the test. What it says is held to the schemas. */
export function handBroker() {
  const openings: HandControl[] = []
  const open: typeof openControlSocket = <C extends Calls, F extends Facts>(
    options: ControlSocketOptions<C, F>,
  ) =>
    new Promise<ControlOpening<C>>((settle) => {
      const said: Said[] = []
      const answers = new Map<string, unknown[]>()
      const state = { isClosed: false }
      const socket: ControlSocket<C> = {
        call: (name, request) => {
          said.push({ name, request })
          const answer = answers.get(name)?.shift()
          const definition = options.calls[name]
          if (answer === undefined || definition === undefined) return new Promise(() => {})
          const read =
            received(refusal, answer) ?? received<C[typeof name]['reply']>(definition.reply, answer)
          return read === null ? Promise.reject(new Error(`no answer to ${name}`)) : Promise.resolve(read)
        },
        close: () => {
          state.isClosed = true
        },
      }
      openings.push({
        auth: options.auth,
        said,
        state,
        answers: (name, ...all) => void answers.set(name, all),
        tells: (name, fact) => tell(options, name, fact),
        accept: () => settle({ ok: true, socket }),
        refuse: (code, kind = 'refused') => settle({ ok: false, kind, code, message: `no: ${code}` }),
        lose: () => {
          if (!state.isClosed) options.onEnd()
        },
      })
    })
  /** The connection that was tried last. */
  const last = (): HandControl => {
    const opening = openings.at(-1)
    if (opening === undefined) throw new Error('no connection was tried')
    return opening
  }
  return { open, openings, last }
}

function tell<C extends Calls, F extends Facts, Name extends keyof F & string>(
  { facts, onFact }: ControlSocketOptions<C, F>,
  name: Name,
  value: object,
): void {
  const schema = facts[name]
  const fact = schema === undefined ? null : received<F[Name]>(schema, value)
  if (fact === null) throw new Error(`no such fact: ${name}`)
  onFact[name]?.(fact)
}

export const refused = (code: Refusal['code'], more: Partial<Refusal> = {}): Refusal => ({
  ...refusalOf('NETWORK_ERROR', 'no'),
  code,
  error: code,
  ...more,
})
