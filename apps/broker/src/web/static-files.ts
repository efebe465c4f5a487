import type { ServerResponse } from 'node:http'
import type { Handler } from 'express'
import sirv from 'sirv'

/** Vite puts files with a hash in their names here, and no others. */
const HASHED = '/assets/'

/**
 * The files of the web app, each in the smallest encoding that the build made and the browser takes, with its cache policy.
 * Other paths, and methods but GET and HEAD, go on to `next`.
 * @param folder where the build put them; may be missing while it has not run
 */
export function webFiles(folder: string): Handler {
  // `dev` looks each file up when it is asked for: a build may replace them while the broker runs.
  const serve = sirv(folder, { dev: true, etag: true, brotli: true, gzip: true, setHeaders: setCaching })
  return (request, response, next) =>
    request.method === 'GET' || request.method === 'HEAD' ? serve(request, response, next) : next()
}

/** About documents: on scripts and styles these headers do nothing but cost half a kilobyte each. */
const OF_DOCUMENTS = [
  'content-security-policy',
  'referrer-policy',
  'x-frame-options',
  'cross-origin-opener-policy',
  'permissions-policy',
]

function setCaching(response: ServerResponse, path: string): void {
  if (path.startsWith(HASHED)) for (const name of OF_DOCUMENTS) response.removeHeader(name)
  const policy = path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache'
  response.setHeader('cache-control', policy)
}
