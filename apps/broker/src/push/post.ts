import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Way } from './way-to-endpoint.ts'

/** The head of a push service's answer. */
export interface Answered {
  readonly status: number
  readonly retryAfter: string | undefined
}

/** An honest answer has a few hundred bytes of headers. */
const HEADER_BYTES_MAX = 8 * 1024

/** One POST. Follows no redirect, reads no body of the answer, keeps no connection. */
export function post(
  { url, pinned }: Way,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  withinMs: number,
): Promise<Answered | 'timeout' | 'unreachable'> {
  const signal = AbortSignal.timeout(withinMs)
  const begin = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve) => {
    const asked = begin(url, {
      method: 'POST',
      agent: false,
      maxHeaderSize: HEADER_BYTES_MAX,
      headers: { ...headers, 'content-length': body.length },
      signal,
      ...(pinned !== null && { lookup: onlyTo(pinned) }),
    })
    asked.on('response', (response) => {
      const { statusCode = 0 } = response
      resolve({ status: statusCode, retryAfter: response.headers['retry-after'] })
      response.destroy()
    })
    // After the answer it says nothing any more.
    asked.on('error', () => resolve(signal.aborted ? 'timeout' : 'unreachable'))
    asked.end(body)
  })
}

/** Resolves every name to the addresses that were judged. */
const onlyTo =
  (pinned: readonly string[]): LookupFunction =>
  (_name, options, done) => {
    const found = pinned.map((address) => ({ address, family: isIP(address) }))
    const [first] = found
    if (options.all === true) done(null, found)
    else if (first === undefined) done(new Error('no address'), '')
    else done(null, first.address, first.family)
  }
