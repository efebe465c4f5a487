import type { NextFunction, Request, Response } from 'express'
import type { Log } from '../log/log.ts'
import { setSecurityHeaders } from '../web/static-files.ts'
import type { Origins } from './origins.ts'
import { problemOf, sendProblem } from './problem.ts'

/** Before every page and call: headers for the browser, and no service under a foreign name or to a foreign page. */
export const guardRequests =
  (allowed: Origins, log: Log) =>
  (request: Request, response: Response, next: NextFunction): void => {
    setSecurityHeaders(response)
    const refusal = allowed.refusalOf(request)
    if (refusal === null) {
      letPagesRead(request, response, allowed)
      return next()
    }
    log.warn('http.refused', { reason: refusal })
    sendProblem(response, problemOf(refusal === 'HOST_NOT_ALLOWED' ? 421 : 403, refusal))
  }

/** The one answer that a page from another origin may read: what kind of broker this is. All else is for our own pages. */
function letPagesRead({ path, headers: { origin } }: Request, response: Response, allowed: Origins): void {
  if (path !== '/broker.json') return
  response.setHeader('vary', 'origin')
  if (origin !== undefined && allowed.allows(origin))
    response.setHeader('access-control-allow-origin', origin)
}
