import { constants, type Stats } from 'node:fs'
import { access, lstat, mkdir, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, type RefusedFile, refusalOf, refusedFile } from './refused-file.ts'

/** In a terminal's folder; files from apps lie there. */
export const OWN_FOLDER = '.latchkey'
const FOR_OWNER = 0o700
/** So much of the disk stays free, or the machine itself could not work any more. */
const SPARE_BYTES = 64 * 1024 * 1024

/** The folder that a file goes to, made when it is not there; or why it cannot go there. */
export async function targetFolder(base: string, into: 'own' | 'working'): Promise<string | RefusedFile> {
  try {
    if (!(await stat(base)).isDirectory()) return refusedFile('NO_FOLDER', `${base} is no folder.`)
    if (into === 'own') return await ownFolder(join(base, OWN_FOLDER))
    await access(base, constants.W_OK)
    return base
  } catch (problem) {
    const { message } = refusalOf(problem, base)
    return refusedFile('NO_FOLDER', message)
  }
}

/** Null when the disk of `folder` has room for so many bytes more. */
export async function noRoom(folder: string, bytes: number): Promise<RefusedFile | null> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize - SPARE_BYTES
  if (bytes <= free) return null
  const mib = (count: number) => Math.max(0, Math.floor(count / 1024 / 1024))
  return refusedFile(
    'NO_SPACE',
    `The disk of ${folder} has room for ${mib(free)} MiB, and ${mib(bytes) + 1} MiB are wanted. Make some room there.`,
  )
}

/** Another project's folder may bring a link of that name: it is not followed. */
async function ownFolder(path: string): Promise<string | RefusedFile> {
  const isOurs = (found: Stats) => found.isDirectory() && found.uid === process.getuid?.()
  try {
    await mkdir(path, { mode: FOR_OWNER })
    // Else a version control would take the pictures in.
    await writeFile(join(path, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (problem) {
    if (codeOf(problem) !== 'EEXIST') throw problem
  }
  if (isOurs(await lstat(path))) return path
  return refusedFile(
    'NO_FOLDER',
    `${path} is a link, or it belongs to another user. Rename it, or choose the folder itself.`,
  )
}
