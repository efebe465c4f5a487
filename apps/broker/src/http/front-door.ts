import type { NextFunction, Request, Response } from 'express'
import type { Log } from '../log/log.ts'
import type { ClientAddresses } from './client-address.ts'
import { type Origins, REFUSAL_STATUS } from './origins.ts'
import { problemOf, sendProblem } from './problem.ts'
import { setSecurityHeaders } from './security-headers.ts'

/** Before every page and call: headers for the browser, and no service under a foreign name or to a foreign page. */
export const guardRequests =
  (allowed: Origins, addresses: ClientAddresses, log: Log) =>
  (request: Request, response: Response, next: NextFunction): void => {
    setSecurityHeaders(response)
    const address = addresses.of(request)
    const refusal = allowed.refusalOf(request)
    if (refusal === null) {
      letPagesRead(request, response, allowed)
      return next()
    }
    log.warn('http.refused', { reason: refusal, address })
    sendProblem(response, problemOf(REFUSAL_STATUS[refusal], refusal))
  }

/** The one answer that a page from another origin may read: what kind of broker this is. All else is for our own pages. */
function letPagesRead({ path, headers: { origin } }: Request, response: Response, allowed: Origins): void {
  if (path !== '/broker.json') return
  response.setHeader('vary', 'origin')
  if (origin !== undefined && allowed.allows(origin))
    response.setHeader('access-control-allow-origin', origin)
}
