import type { ServerResponse } from 'node:http'
import type { Handler } from 'express'
import sirv from 'sirv'

/** Vite puts what has a hash in its name here, and nothing else. */
const HASHED = '/assets/'

/**
 * The files of the web app, each in the smallest form that the build made and the browser takes. How long browsers keep them
 * is said with them. What is no file of it, and every method but GET and HEAD, goes on to `next`.
 * @param folder where the build put them; may be missing while it has not run
 */
export function webFiles(folder: string): Handler {
  // `dev` looks each file up when it is asked for: a build may replace them while the broker runs.
  const serve = sirv(folder, { dev: true, etag: true, brotli: true, gzip: true, setHeaders: setCaching })
  return (request, response, next) =>
    request.method === 'GET' || request.method === 'HEAD' ? serve(request, response, next) : next()
}

function setCaching(response: ServerResponse, path: string): void {
  const policy = path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache'
  response.setHeader('cache-control', policy)
}
