import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/**
 * One hash for all files of a built page. Without our tools, in its folder:
 * `find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`
 */
export function contentHash(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `./${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`)
  const lines = files
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((file) => `${sha256(readFileSync(join(folder, file)))}  ${file}\n`)
  return sha256(lines.join(''))
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
