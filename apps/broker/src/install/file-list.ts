import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Names every file of an installed release with its SHA-256, in the format of `sha256sum`. */
export const FILE_LIST = 'files.sha256'
const LINE = /^([0-9a-f]{64}) {2}(\S.*)$/

/** Lists all files below `folder`. Answers their paths and the list's own. */
export function writeFileList(folder: string): readonly string[] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => path !== FILE_LIST)
    .sort()
  const lines = paths.map((path) => `${sha256Of(join(folder, path))}  ${path}\n`)
  writeFileSync(join(folder, FILE_LIST), lines.join(''))
  return [...paths, FILE_LIST]
}

/** The files of an installed release, or the one that is missing or was changed. Null where no release is installed. */
export function readFileList(
  folder: string,
): { readonly paths: readonly string[] } | { readonly spoilt: string } | null {
  const list = textIn(join(folder, FILE_LIST))
  if (list === null) return null
  const paths: string[] = []
  for (const line of list.split('\n').filter((each) => each !== '')) {
    const [, digest = '', path = ''] = LINE.exec(line) ?? []
    if (path === '' || path.startsWith('/') || path.split('/').includes('..')) return { spoilt: FILE_LIST }
    if (sha256Of(join(folder, path)) !== digest) return { spoilt: path }
    paths.push(path)
  }
  return { paths: [...paths, FILE_LIST] }
}

/** Hexadecimal; empty when the file cannot be read. */
function sha256Of(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return ''
  }
}

function textIn(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
