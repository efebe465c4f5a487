import type {
  AnswerOf,
  AskedOf,
  Call,
  Calls,
  FactOf,
  Facts,
  ReplyOf,
  RequestOf,
} from '@latchkey/protocol/call'
import { received } from '@latchkey/protocol/call'
import { type HandshakeAuth, type Refusal, refusal } from '@latchkey/protocol/runner-pairing'
import { SHARD_PARAMETER, shardOf } from '@latchkey/protocol/terminal/shard'
import { io, type Socket } from 'socket.io-client'
import { brokerAddress } from './broker-address.ts'

/**
 * One control connection to the broker, from its handshake to its end. It never reconnects and never buffers: a call that
 * cannot leave at once is refused, so nothing that was asked in one connection runs in a later one. Coming back is its
 * owner's business.
 */
export interface ControlSocket<C extends Calls> {
  /** The broker's answer. NETWORK_ERROR: it was never sent. TIMEOUT: its outcome is unknown. */
  call<Name extends keyof C & string>(
    name: Name,
    request: RequestOf<C, Name>,
    withinMs?: number,
  ): Promise<ReplyOf<C, Name> | Refusal>
  close(): void
}

export interface ControlSocketOptions<C extends Calls, F extends Facts> {
  readonly brokerUrl: string
  readonly auth: HandshakeAuth
  /** the runner that this connection concerns, as far as it is known: for load balancers alone */
  readonly runnerId: string | null
  readonly calls: C
  readonly facts: F
  /** A fact that its schema refuses is not heard. */
  readonly onFact: { readonly [Name in keyof F & string]?: (fact: FactOf<F, Name>) => void }
  /** What the broker may ask of this end, by name. */
  readonly asks?: Readonly<Record<string, Answering>> | undefined
  /** The connection was lost, or the broker ended it; not called after `close`. */
  readonly onEnd: () => void
  readonly connectWithinMs: number
  /** how long a call waits for its answer, unless it says so itself */
  readonly answerWithinMs: number
}

/** Answers one kind of question; null when it is none of that kind, which is left without an answer. */
export type Answering = (asked: unknown) => Promise<unknown> | null

/** Answers the questions of `call` by `run`, which never rejects. */
export const answering =
  <C extends Call>({ request }: C, run: (asked: AskedOf<C>) => Promise<AnswerOf<C>>): Answering =>
  (asked) => {
    const read = received<C['request']>(request, asked)
    return read === null ? null : run(read)
  }

export type ControlOpening<C extends Calls> =
  | { readonly ok: true; readonly socket: ControlSocket<C> }
  | {
      readonly ok: false
      /** `refused`: the broker answered, and does not want this client */
      readonly kind: 'unreachable' | 'timeout' | 'refused'
      /** the broker's own code; NETWORK_ERROR where it gave no answer, REFUSED where its answer has none */
      readonly code: string
      readonly message: string
    }

/** Opens a control connection. Facts may be heard before the promise is settled. */
export function openControlSocket<C extends Calls, F extends Facts>(
  options: ControlSocketOptions<C, F>,
): Promise<ControlOpening<C>> {
  const address = brokerAddress(options.brokerUrl)
  const socket: Socket = io(address.origin, {
    path: address.socketPath,
    ...(options.runnerId === null ? {} : { query: { [SHARD_PARAMETER]: shardOf(options.runnerId) } }),
    auth: options.auth,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    autoConnect: false,
  })
  for (const name of Object.keys(options.facts)) hear(socket, options, name)
  for (const [name, answer] of Object.entries(options.asks ?? {})) {
    socket.on<string>(name, (asked: unknown, acknowledge: unknown) => {
      if (typeof acknowledge === 'function') void answer(asked)?.then((reply) => acknowledge(reply))
    })
  }
  return new Promise((resolve) => {
    // Socket.IO's own connect timeout ends with the transport; the handshake behind it would be waited for in vain.
    const { connectWithinMs } = options
    const timer = setTimeout(() => {
      const message = `no answer within ${connectWithinMs} ms`
      settle({ ok: false, kind: 'timeout', code: 'NETWORK_ERROR', message })
    }, connectWithinMs)
    const settle = (opening: ControlOpening<C>) => {
      clearTimeout(timer)
      socket.off('connect')
      socket.off('connect_error')
      if (opening.ok) socket.on('disconnect', options.onEnd)
      else socket.disconnect()
      resolve(opening)
    }
    socket.on('connect', () => settle({ ok: true, socket: controlSocket(socket, options) }))
    socket.on('connect_error', (problem: Error) => settle(failed(problem)))
    socket.connect()
  })
}

function hear<C extends Calls, F extends Facts, Name extends keyof F & string>(
  socket: Socket,
  options: ControlSocketOptions<C, F>,
  name: Name,
): void {
  const schema = options.facts[name]
  if (schema === undefined) return
  socket.on<string>(name, (value: unknown) => {
    const fact = received<F[Name]>(schema, value)
    if (fact !== null) options.onFact[name]?.(fact)
  })
}

function failed(problem: Error & { readonly data?: unknown }): ControlOpening<never> {
  const told = received(refusal, problem.data)
  if (told !== null) return { ok: false, kind: 'refused', code: told.code, message: told.message }
  // Only a middleware of the broker sets `data`; transport errors have a description instead.
  if ('data' in problem) return { ok: false, kind: 'refused', code: 'REFUSED', message: problem.message }
  return { ok: false, kind: 'unreachable', code: 'NETWORK_ERROR', message: problem.message }
}

function controlSocket<C extends Calls>(
  socket: Socket,
  { calls, answerWithinMs }: { readonly calls: C; readonly answerWithinMs: number },
): ControlSocket<C> {
  return {
    call(name, request, withinMs = answerWithinMs) {
      return new Promise((resolve) => {
        const definition = calls[name]
        if (!socket.connected || definition === undefined) {
          resolve(refusalOf('NETWORK_ERROR', 'not connected to the broker'))
          return
        }
        socket.timeout(withinMs).emit(name, request, (problem: Error | null, answer: unknown) => {
          if (problem !== null) return resolve(refusalOf('TIMEOUT', 'the broker did not answer in time'))
          resolve(
            received(refusal, answer) ??
              received<C[typeof name]['reply']>(definition.reply, answer) ??
              refusalOf('NETWORK_ERROR', 'the broker answered something this version does not know'),
          )
        })
      })
    },
    close() {
      socket.off('disconnect')
      socket.disconnect()
    },
  }
}

/** A refusal that this end gives itself. */
export const refusalOf = (code: 'NETWORK_ERROR' | 'TIMEOUT', message: string): Refusal => ({
  success: false,
  error: code,
  code,
  message,
})
