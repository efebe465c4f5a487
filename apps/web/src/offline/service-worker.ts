/**
 * Keeps the shell (page, scripts, styles) for a start without a network. Never anything of the broker's: a stale answer
 * about a machine would be a lie. File names carry a digest of their content, so what is cached never changes; the page
 * itself is asked from the broker first, so that a new version is taken at once.
 */
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Lasting {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Worker {
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  readonly location: Location
}
/** The build puts the file names here. */
declare const __SHELL__: readonly string[]

// The types of pages and of workers exclude each other in one program; this file alone is a worker.
const worker = globalThis as unknown as Worker
const SHELL = __SHELL__
const CACHE = `shell-${digestOf(SHELL.join('\n'))}`
/** A phone on a bad network rather starts from the cache than looks at a blank page. */
const PAGE_WAITS_MS = 3_000

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([...SHELL]))
      .then(() => worker.skipWaiting()),
  )
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  )
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (SHELL.includes(url.pathname)) event.respondWith(fromShell(request))
})

async function page(request: Request): Promise<Response> {
  const late = AbortSignal.timeout(PAGE_WAITS_MS)
  return fetch(request, { signal: late }).catch(async () => (await caches.match('/')) ?? Response.error())
}

const fromShell = async (request: Request): Promise<Response> =>
  (await caches.match(request)) ?? fetch(request)

/** FNV-1a: names a cache, protects nothing. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5
  for (const unit of text) hash = Math.imul(hash ^ unit.charCodeAt(0), 0x01000193) >>> 0
  return hash.toString(36)
}
