import type { NextFunction, Request, Response } from 'express'
import { problemOf, sendProblem } from '../http/problem.ts'
import type { Route } from './route.ts'

/**
 * Answers 405 with the methods that are taken (RFC 9110, 15.5.6) where the address is known and the method is not. The
 * framework alone would say that there is nothing at all.
 */
export function guardMethods(
  routes: readonly Route[],
): (request: Request, response: Response, next: NextFunction) => void {
  const known = routes.map(({ path, method }) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
    method: method.toUpperCase(),
  }))
  return (request, response, next) => {
    const taken = known.filter(({ pattern }) => pattern.test(request.path)).map(({ method }) => method)
    // A route that answers GET answers HEAD.
    const method = request.method === 'HEAD' ? 'GET' : request.method
    if (taken.length === 0 || taken.includes(method)) return next()
    const allowed = [...new Set(taken)].flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each]))
    response.setHeader('allow', allowed.join(', '))
    sendProblem(response, problemOf(405))
  }
}
