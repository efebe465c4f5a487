/**
 * Files that another app of the phone shares with this one (Web Share Target). The worker takes them, so that they never go to
 * the broker, and keeps them until the page has a machine to send them to (`files/shared-files.ts`).
 */

/** Named in the manifest: the address that the system posts a share to, and the field of its form. */
export const SHARE_PATH = '/share'
const FIELD = 'files'
/** The page knows it by this name too; it cannot be imported there, as a worker has one file. */
export const SHARED_CACHE = 'shared-files'

/** Keeps the files of a share in place of those before, each under its name. */
export async function keepShared(form: FormData, nowMs: number): Promise<void> {
  const files = form.getAll(FIELD).filter((each) => each instanceof File)
  await caches.delete(SHARED_CACHE)
  const cache = await caches.open(SHARED_CACHE)
  for (const [at, file] of files.entries()) {
    const headers = { 'content-type': file.type, date: new Date(nowMs).toUTCString() }
    await cache.put(`${SHARE_PATH}/${at}/${encodeURIComponent(file.name)}`, new Response(file, { headers }))
  }
}
