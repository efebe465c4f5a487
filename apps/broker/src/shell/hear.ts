import type { Socket } from 'socket.io'
import { type CallArguments, callArguments } from './call-arguments.ts'

/** Answers one call of a connection. Neither throws nor rejects. */
export type Hear<Connection> = (socket: Connection, sent: CallArguments) => Promise<void>

/**
 * Hears the calls of one connection, each by its name. Any other event is refused, by its acknowledgement and by the event
 * `error`: a misspelt call is not silent.
 * @param refusal what other events are answered, in the words of the namespace
 */
export function hear<Connection extends Pick<Socket, 'on' | 'use' | 'emit'>>(
  socket: Connection,
  calls: Readonly<Record<string, Hear<Connection>>>,
  refusal: () => object,
): void {
  for (const [name, answer] of Object.entries(calls))
    socket.on(name, (...sent: readonly unknown[]) => void answer(socket, callArguments(sent)))
  socket.use(([event, ...sent]: readonly unknown[], next) => {
    if (Object.hasOwn(calls, String(event))) return next()
    const reply = refusal()
    callArguments(sent).ack?.(reply)
    socket.emit('error', reply)
  })
}
