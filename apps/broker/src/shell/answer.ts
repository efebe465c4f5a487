import type { PairingErrorCode } from '@latchkey/domain/pairing-errors'
import type { Call } from '@latchkey/protocol/call'
import type { Refusal } from '@latchkey/protocol/runner-pairing'
import { StoreUnavailable } from '@latchkey/stores/store-unavailable'
import type { z } from 'zod'
import { failureFields, type Log } from '../log/log.ts'
import type { CallCounts } from './call-counts.ts'
import type { ControlSocket, Peer } from './connection.ts'
import type { Hear } from './hear.ts'

/** What a use case gets besides the request: the peer of the connection, and whether it still lives. */
export interface Caller {
  readonly peer: Peer
  readonly socket: ControlSocket
}

export const refusalOf = (code: PairingErrorCode, message: string, remainingBanTime?: number): Refusal => ({
  success: false,
  error: code,
  code,
  message,
  ...(remainingBanTime === undefined ? {} : { remainingBanTime }),
})

/**
 * The only way from a socket to a use case: checks the request, runs it, answers by the acknowledgement and by the call's
 * event with the same object. Never throws and never rejects.
 */
export const answering =
  ({ log, calls }: { readonly log: Log; readonly calls: CallCounts }) =>
  <Request extends z.ZodType, Reply extends z.ZodType>(
    call: Call<Request, Reply>,
    run: (request: z.output<Request>, caller: Caller) => Promise<z.input<Reply> | Refusal>,
  ): Hear<ControlSocket> =>
  async (socket, { request, ack }) => {
    const reply = await replyTo(call, request, socket, log, run)
    calls.answered(call, isRefusal(reply) ? reply.code : 'success')
    ack?.(reply)
    const event = isRefusal(reply) ? call.fails : call.succeeds
    if (event !== null) socket.emit(event, reply)
  }

async function replyTo<Request extends z.ZodType, Reply extends z.ZodType>(
  call: Call<Request, Reply>,
  input: unknown,
  socket: ControlSocket,
  log: Log,
  run: (request: z.output<Request>, caller: Caller) => Promise<z.input<Reply> | Refusal>,
): Promise<z.input<Reply> | Refusal> {
  const request = call.request.safeParse(input)
  if (!request.success) return refusalOf('INVALID_FORMAT', `malformed request: ${whatIsWrong(request.error)}`)
  try {
    return await run(request.data, { peer: socket.data, socket })
  } catch (problem) {
    log.error('call.failed', failureFields(problem))
    if (problem instanceof StoreUnavailable && problem.outcome === 'unknown') {
      return refusalOf('TIMEOUT', 'the store did not answer in time: ask how it stands, or do it again')
    }
    return refusalOf('NETWORK_ERROR', 'the broker could not do this just now: try again')
  }
}

/** Names the malformed fields, never their contents. */
const whatIsWrong = (error: z.ZodError): string =>
  error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join('.').slice(0, 60) || 'request'} (${issue.code})`)
    .join(', ')

const isRefusal = (reply: unknown): reply is Refusal =>
  typeof reply === 'object' && reply !== null && 'success' in reply && reply.success === false
