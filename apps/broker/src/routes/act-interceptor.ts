import type { IncomingMessage } from 'node:http'
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { concatMap, type Observable } from 'rxjs'
import { z } from 'zod'
import { MayAsk } from './answers.ts'
import type { Facts } from './route.ts'

/** One act over HTTP. */
export interface Deed {
  readonly what: NonNullable<Facts['act']>
  /** its object; null: the broker itself */
  readonly to: { readonly id: string; readonly name: string } | null
  readonly request: IncomingMessage
}

/** Tells of the acts that lines of routes name: after the handler succeeded, before its answer goes out. */
export class ActInterceptor implements NestInterceptor {
  readonly #reflector = new Reflector()
  constructor(private readonly remember: (deed: Deed) => Promise<void>) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const what = this.#reflector.get(MayAsk, context.getHandler())?.act
    if (what === undefined) return next.handle()
    const request = context.switchToHttp().getRequest<IncomingMessage & { params: { id?: string } }>()
    return next.handle().pipe(
      concatMap(async (reply: unknown) => {
        await this.remember({ what, to: thingIn(reply, request.params.id), request })
        return reply
      }),
    )
  }
}

const replyAboutOne = z.record(z.string(), z.unknown())
const thing = z.object({ id: z.string(), name: z.string().optional(), companyName: z.string().nullish() })

/** The one thing that an answer is about; where it has none, that of the address. */
function thingIn(reply: unknown, id: string | undefined): Deed['to'] {
  for (const value of Object.values(replyAboutOne.safeParse(reply).data ?? {})) {
    const found = thing.safeParse(value).data
    if (found !== undefined) return { id: found.id, name: found.name ?? found.companyName ?? '' }
  }
  return id === undefined ? null : { id, name: '' }
}
