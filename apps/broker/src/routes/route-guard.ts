import type { IncomingMessage } from 'node:http'
import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { HttpProblem } from '../http/problem.ts'
import { MayAsk } from './answers.ts'
import type { By, Route } from './route.ts'

/** For each kind of caller: lets a request in, or rejects with the problem to answer with. */
export type Doors = Readonly<
  Record<Exclude<By, 'anybody'>, (request: IncomingMessage) => Promise<unknown>>
> & { readonly keys: KeyDoor }

/** The door for programs with an API key. */
interface KeyDoor {
  /** whether a request shows a key, good or not */
  shows(request: IncomingMessage): boolean
  /** @param scope null: no key opens the route */
  requireKey(request: IncomingMessage, scope: Route['scope'] | null): Promise<unknown>
}

/** Stands before every handler of HTTP. A handler that does not say who may ask is refused to all. */
export class RouteGuard implements CanActivate {
  readonly #reflector = new Reflector()
  constructor(private readonly doors: Doors) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const mayAsk = this.#reflector.get(MayAsk, context.getHandler())
    if (mayAsk === undefined)
      throw new HttpProblem(
        401,
        'NOT_SIGNED_IN',
        'this route does not say who may ask, so it answers no request',
      )
    const { by, scope = null } = mayAsk
    if (by === 'anybody') return true
    const request = context.switchToHttp().getRequest<IncomingMessage>()
    // A device's door knows its own secrets alone, and answers that this is none.
    if (by !== 'device' && this.doors.keys.shows(request)) await this.doors.keys.requireKey(request, scope)
    else await this.doors[by](request)
    return true
  }
}
