import type { Socket } from 'socket.io'
import { type CallArguments, callArguments } from './call-arguments.ts'

/** Answers one call of a connection. Neither throws nor rejects. */
export type Hear<Connection> = (socket: Connection, sent: CallArguments) => Promise<void>

/**
 * Hears the calls of one connection, each by its name. Any other event is refused, by its acknowledgement and by the event
 * `error`: a misspelt call is not silent. One listener hears them all: one for each call would be a tenth of what an idle
 * connection costs.
 * @param refusal what other events are answered, in the words of the namespace
 */
export function hear<Connection extends Pick<Socket, 'use' | 'emit' | 'connected'>>(
  socket: Connection,
  calls: Readonly<Record<string, Hear<Connection>>>,
  refusal: () => object,
): void {
  // `next` is not called: the event has been heard, and has no other listener.
  socket.use(([name, ...sent]: readonly unknown[]) => {
    // A packet that was read together with the last one before the connection was closed.
    if (!socket.connected) return
    const call = typeof name === 'string' && Object.hasOwn(calls, name) ? calls[name] : undefined
    if (call !== undefined) return void call(socket, callArguments(sent))
    const reply = refusal()
    callArguments(sent).ack?.(reply)
    socket.emit('error', reply)
  })
}
