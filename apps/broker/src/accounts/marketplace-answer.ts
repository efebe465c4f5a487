import type { AccountReason } from '@latchkey/domain/accounts/reasons'
import type { AccountRefusalReply } from '@latchkey/protocol/accounts'
import type { Call } from '@latchkey/protocol/call'
import type { z } from 'zod'
import { failureFields, type Log } from '../log/log.ts'
import type { Hear } from '../shell/hear.ts'
import { refusalOf } from './marketplace.notifier.ts'
import type { MarketplacePeer, MarketplaceSocket } from './marketplace-peer.ts'

/** What a call does once its request was found to be one. */
type PageUseCase<Request extends z.ZodType, Reply extends z.ZodType> = (
  request: z.output<Request>,
  peer: MarketplacePeer,
) => Promise<z.input<Reply> | AccountRefusalReply>

/**
 * The only way from a page to a use case: checks the request, runs it, answers by the acknowledgement; a refusal also by the
 * call's event, for pages that gave none. Never rejects.
 */
export const answeringPages =
  ({ log, refused }: { readonly log: Log; readonly refused: (reason: AccountReason) => void }) =>
  <Request extends z.ZodType, Reply extends z.ZodType>(
    call: Call<Request, Reply>,
    run: PageUseCase<Request, Reply>,
  ): Hear<MarketplaceSocket> =>
  async (socket, { request, ack }) => {
    const reply = await replyTo(call, request, socket.data, log, run)
    if (isRefusal(reply)) refused(reply.reason)
    ack?.(reply)
    if (isRefusal(reply) && call.fails !== null) socket.emit(call.fails, reply)
  }

async function replyTo<Request extends z.ZodType, Reply extends z.ZodType>(
  call: Call<Request, Reply>,
  input: unknown,
  peer: MarketplacePeer,
  log: Log,
  run: PageUseCase<Request, Reply>,
): Promise<z.input<Reply> | AccountRefusalReply> {
  const request = call.request.safeParse(input)
  if (!request.success) return refusalOf(whatIsWrong(call, request.error))
  try {
    return await run(request.data, peer)
  } catch (problem) {
    const refusal = refusalOf('INTERNAL')
    const { correlationId } = refusal
    log.error('linking.call-failed', {
      linkSessionId: peer.sessionId,
      correlationId,
      ...failureFields(problem),
    })
    return refusal
  }
}

/** A request for a code that has no readable number is one without a number: the founding words know no other. */
function whatIsWrong(call: Call, error: z.ZodError): 'PHONE_REQUIRED' | 'PHONE_INVALID' | 'INVALID_REQUEST' {
  if (call.fails !== 'pairing-code-error') return 'INVALID_REQUEST'
  const issue = error.issues.find(({ path }) => path[0] === 'phoneNumber' || path.length === 0)
  if (issue === undefined) return 'INVALID_REQUEST'
  const isMissing = issue.code === 'invalid_type' && issue.message.includes('undefined')
  return isMissing || issue.path.length === 0 ? 'PHONE_REQUIRED' : 'PHONE_INVALID'
}

const isRefusal = (reply: unknown): reply is AccountRefusalReply =>
  typeof reply === 'object' && reply !== null && 'success' in reply && reply.success === false
