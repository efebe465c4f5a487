import { createWriteStream } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** The tar format's block: headers and the ends of files are filled up to it. */
const BLOCK_BYTES = 512
/** npm's own time stamp in packages, 26 October 1985: the same for every build. */
const MODIFIED_AT_S = 499_162_500
/** npm and our own installer leave out the first folder of each path. */
const FIRST_FOLDER = 'package'
const EXECUTABLE = /^bin\/|\/spawn-helper$/

/**
 * Writes a gzipped tarball of `paths` below `folder` to `target`: the same files give the same bytes, on the same release of
 * Node. The file is in place when it is whole.
 * @param paths relative, with slashes, each at most 255 bytes
 */
export async function writeTarball(folder: string, paths: readonly string[], target: string): Promise<void> {
  const unfinished = `${target}.${process.pid}.part`
  try {
    const gzip = createGzip({ level: 9 })
    await pipeline(Readable.from(blocksOf(folder, paths)), gzip, createWriteStream(unfinished))
    await rename(unfinished, target)
  } finally {
    await rm(unfinished, { force: true })
  }
}

async function* blocksOf(folder: string, paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of [...paths].sort()) {
    const bytes = await readFile(join(folder, path))
    yield headerOf(path, bytes.length)
    yield bytes
    yield Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES)
  }
  // POSIX: two empty blocks end an archive.
  yield Buffer.alloc(2 * BLOCK_BYTES)
}

/** A ustar header (POSIX.1-1988): fixed fields, numbers in octal. */
function headerOf(path: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES)
  const { prefix, name } = splitPath(`${FIRST_FOLDER}/${path}`)
  header.write(name, 0)
  header.write(octal(EXECUTABLE.test(path) ? 0o755 : 0o644, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(sizeBytes, 11), 124)
  header.write(octal(MODIFIED_AT_S, 11), 136)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}\u0000 `, 148)
  return header
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')

/** A name has room for 100 bytes, and the folders before it for 155 more. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { prefix, name }
  }
  throw new Error(`The path ${path} is too long for a tarball.`)
}
