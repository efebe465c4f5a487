import { followTap, type NotifyingWorker, showPushed } from './notifications.ts'
import { keepShared, SHARE_PATH, SHARED_CACHE } from './share-target.ts'

/**
 * Keeps the page, its first files and the other files that were used, for a start without a network. Answers of the broker
 * are never kept: an old one about a machine would be wrong. File names carry a digest of their content, so a cached file
 * never changes; the page itself is asked from the broker first, so that a new version is taken at once.
 */
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Lasting {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Told extends Lasting {
  /** from `register.ts`: paths of files that the page had before this worker was there */
  readonly data: unknown
}
interface Pushed extends Lasting {
  readonly data: { text(): string } | null
}
interface Tapped extends Lasting {
  readonly notification: Notification
}
interface Worker extends NotifyingWorker {
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
  addEventListener(type: 'message', listener: (event: Told) => void): void
  addEventListener(type: 'push', listener: (event: Pushed) => void): void
  addEventListener(type: 'notificationclick', listener: (event: Tapped) => void): void
  skipWaiting(): Promise<void>
  readonly clients: NotifyingWorker['clients'] & { claim(): Promise<void> }
  readonly location: Location
}
/** The build puts the file names here. */
declare const __SHELL__: readonly string[]
/** And a digest of all of them. */
declare const __VERSION__: string

// The types of pages and of workers exclude each other in one program; this file alone is a worker.
const worker = globalThis as unknown as Worker
const SHELL = __SHELL__
const CACHE = `shell-${__VERSION__}`
/** All that the build gives a name with a digest. */
const ASSETS = '/assets/'
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
      .then((names) =>
        Promise.all(
          names.filter((name) => name !== CACHE && name !== SHARED_CACHE).map((name) => caches.delete(name)),
        ),
      )
      .then(() => worker.clients.claim()),
  )
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== worker.location.origin) return
  if (request.method === 'POST' && url.pathname === SHARE_PATH) event.respondWith(shared(request))
  if (request.method !== 'GET') return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (SHELL.includes(url.pathname) || url.pathname.startsWith(ASSETS)) event.respondWith(kept(request))
})

worker.addEventListener('message', (event) => {
  const paths = Array.isArray(event.data) ? event.data : []
  const assets = paths.filter((path): path is string => typeof path === 'string' && path.startsWith(ASSETS))
  // The browser has them in its own cache still: this costs no second transfer.
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(assets)))
})

worker.addEventListener('push', (event) => {
  event.waitUntil(showPushed(worker, event.data?.text() ?? ''))
})

worker.addEventListener('notificationclick', (event) => {
  event.waitUntil(followTap(worker, event.notification))
})

async function page(request: Request): Promise<Response> {
  const late = AbortSignal.timeout(PAGE_WAITS_MS)
  return fetch(request, { signal: late }).catch(async () => (await caches.match('/')) ?? Response.error())
}

/** Keeps the shared files, and shows the machines to choose from. */
async function shared(request: Request): Promise<Response> {
  await keepShared(await request.formData(), Date.now())
  return Response.redirect('/#/machines', 303)
}

/** From the cache, or from the broker into the cache. */
async function kept(request: Request): Promise<Response> {
  const had = await caches.match(request)
  if (had !== undefined) return had
  const answer = await fetch(request)
  if (answer.ok) await (await caches.open(CACHE)).put(request, answer.clone())
  return answer
}
