import { type Subject, subject } from '@latchkey/connection/observable'

/** The worker puts them there (`offline/share-target.ts`). */
const CACHE = 'shared-files'
/** Files that were not sent are forgotten after so long. */
const KEPT_MS = 24 * 60 * 60_000

/** Files that another app of the phone has shared, until they go to a machine or are dropped. */
export const sharedFiles: Subject<readonly File[]> = subject<readonly File[]>([])

/** Looks whether something was shared. A browser without a store for pages has no share target either. */
export function startShared(): void {
  if (!('caches' in globalThis)) return
  readShared(Date.now()).then(
    (files) => sharedFiles.set(files),
    () => {},
  )
}

/** Forgets them: they are on their way, or the person does not want to send them. */
export function dropShared(): void {
  sharedFiles.set([])
  caches.delete(CACHE).catch(() => {})
}

async function readShared(nowMs: number): Promise<readonly File[]> {
  if (!(await caches.has(CACHE))) return []
  const cache = await caches.open(CACHE)
  const read = async (request: Request): Promise<readonly File[]> => {
    const kept = await cache.match(request)
    if (kept === undefined || !(nowMs - Date.parse(kept.headers.get('date') ?? '') < KEPT_MS)) return []
    const name = decodeURIComponent(new URL(request.url).pathname.split('/').at(-1) ?? '')
    return [new File([await kept.blob()], name, { type: kept.headers.get('content-type') ?? '' })]
  }
  const files = (await Promise.all((await cache.keys()).map(read))).flat()
  if (files.length === 0) await caches.delete(CACHE)
  return files
}
