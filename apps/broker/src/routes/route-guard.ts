import type { IncomingMessage } from 'node:http'
import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { HttpProblem } from '../http/problem.ts'
import { MayAsk } from './answers.ts'
import type { By } from './routes.ts'

/** For each kind of caller: lets a request in, or rejects with the problem to answer with. */
export type Doors = Readonly<Record<Exclude<By, 'anybody'>, (request: IncomingMessage) => Promise<unknown>>>

/** Stands before every handler of HTTP. A handler that does not say who may ask is refused to all. */
export class RouteGuard implements CanActivate {
  readonly #reflector = new Reflector()
  constructor(private readonly doors: Doors) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const by = this.#reflector.get(MayAsk, context.getHandler())
    if (by === undefined)
      throw new HttpProblem(
        401,
        'NOT_SIGNED_IN',
        'this route does not say who may ask, so it answers no request',
      )
    if (by !== 'anybody') await this.doors[by](context.switchToHttp().getRequest<IncomingMessage>())
    return true
  }
}
