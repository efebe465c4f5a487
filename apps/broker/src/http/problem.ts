import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Problem } from '@latchkey/protocol/console'
import { StoreUnavailable } from '@latchkey/stores/store-unavailable'
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common'
import type { Request, Response } from 'express'
import { failureFields, type Log } from '../log/log.ts'

type ProblemMembers = Readonly<Record<string, string | number>>

/** A refusal of an HTTP request: RFC 9457 problem details with a machine code. */
export class HttpProblem extends HttpException {
  readonly code: string
  /** further members of the problem (RFC 9457, 3.2): what a client may act on */
  readonly members: ProblemMembers
  /** seconds until it may be asked again; undefined where waiting changes nothing */
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: number,
    code: string,
    detail?: string,
    more: { readonly members?: ProblemMembers; readonly retryAfterSeconds?: number } = {},
  ) {
    super(detail ?? code, status)
    this.code = code
    this.members = more.members ?? {}
    this.retryAfterSeconds = more.retryAfterSeconds
  }
}

/** A refusal in the words of OAuth (RFC 6749, 5.2), which its clients read. */
export class OAuthRefused extends HttpException {
  readonly error: string
  /** seconds until it may be asked again; undefined where waiting changes nothing */
  readonly retryAfterSeconds: number | undefined

  constructor(error: string, description: string, retryAfterSeconds?: number) {
    super(description, error === 'temporarily_unavailable' ? 503 : 400)
    this.error = error
    this.retryAfterSeconds = retryAfterSeconds
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Cannot be processed',
  421: 'Not a name of this broker',
  429: 'Too many attempts',
  502: 'The machine failed',
  503: 'Not ready',
  504: 'No answer',
}
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_FORMAT',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
}

export function problemOf(status: number, code?: string, detail?: string): Problem {
  return {
    type: 'about:blank',
    title: TITLES[status] ?? (status >= 500 ? 'The broker failed' : 'Refused'),
    status,
    code: code ?? CODES[status] ?? (status >= 500 ? 'FAILED' : 'REFUSED'),
    ...(detail === undefined ? {} : { detail }),
  }
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    // RFC 9110, 11.6.1: the scheme that is accepted. Browsers show no password prompt for it.
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="latchkey"' } : {}),
  })
  response.end(JSON.stringify(problem))
}

/** Turns anything that a controller or a body parser threw into problem details. They quote nothing of the request. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** @param page the file of the pages, which tells a person that an address leads nowhere */
  constructor(
    private readonly log: Log,
    private readonly page: string,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>()
    if (thrown instanceof HttpProblem) {
      const told = problemOf(thrown.getStatus(), thrown.code, thrown.message)
      const { retryAfterSeconds } = thrown
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
      return sendProblem(response, { ...thrown.members, ...told })
    }
    if (thrown instanceof OAuthRefused) return sendOAuth(response, thrown)
    if (host.switchToHttp().getRequest<Request>().path.startsWith('/oauth/')) {
      const refused = oauthRefusalOf(thrown)
      if (refused.getStatus() >= 500) this.log.error('http.failed', failureFields(thrown))
      return sendOAuth(response, refused)
    }
    if (thrown instanceof StoreUnavailable) {
      this.log.error('http.failed', failureFields(thrown))
      response.setHeader('retry-after', '1')
      return sendProblem(response, problemOf(503, 'STORE_UNAVAILABLE', 'the store does not answer just now'))
    }
    const status = statusOf(thrown)
    if (status >= 500) this.log.error('http.failed', failureFields(thrown))
    if (status === 404 && this.#isForPerson(host.switchToHttp().getRequest<Request>())) {
      response.setHeader('cache-control', 'no-store')
      response.setHeader('vary', 'accept')
      return response.status(404).sendFile(this.page, { cacheControl: false })
    }
    sendProblem(response, problemOf(status))
  }

  /** A browser that goes to an address asks for a page by name; a program that takes anything gets the problem. */
  #isForPerson({ method, headers }: Request): boolean {
    const asksForPage = /\btext\/html\b/i.test(headers.accept ?? '')
    return (method === 'GET' || method === 'HEAD') && asksForPage && existsSync(this.page)
  }
}

/** OAuth's clients read nothing but its own form, also of what no controller has seen: a body that is no form, a store that is away. */
function oauthRefusalOf(thrown: unknown): OAuthRefused {
  const status = thrown instanceof StoreUnavailable ? 503 : statusOf(thrown)
  return status < 500
    ? new OAuthRefused('invalid_request', 'the request is not a form that this address takes')
    : new OAuthRefused('temporarily_unavailable', 'the broker could not do this just now: try again', 1)
}

function sendOAuth(response: ServerResponse, refused: OAuthRefused): void {
  const { error, message, retryAfterSeconds } = refused
  response.writeHead(refused.getStatus(), {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  })
  response.end(JSON.stringify({ error, error_description: message }))
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus()
  if (
    typeof thrown === 'object' &&
    thrown !== null &&
    'status' in thrown &&
    typeof thrown.status === 'number'
  ) {
    return thrown.status >= 400 && thrown.status < 500 ? thrown.status : 500
  }
  return 500
}
