import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { readFileList } from '@latchkey/broker/install/file-list'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { printable } from '@latchkey/protocol/printable'
import { z } from 'zod'

const run = promisify(execFile)

/** A release has 10 MB; a broker that sends without end must not fill the disk. */
const TARBALL_BYTES_MAX = 200 * 1024 * 1024
const SCRIPT_BYTES_MAX = 64 * 1024
const ANSWER_WITHIN_MS = 120_000
const DOWNLOAD_WITHIN_MS = 900_000
const PROGRAM_WITHIN_MS = 60_000

/** A release as a broker's install script names it. */
export interface OfferedRelease {
  readonly brokerUrl: string
  readonly version: string
  readonly file: string
  readonly sha256: string
  /** SHA-256 of the script, which the broker's console and `latchkey add` show */
  readonly scriptHash: string
}

/** What a broker offers. The script is read, not run. */
export async function offeredBy(brokerUrl: string): Promise<Decision<OfferedRelease, string>> {
  const root = brokerUrl.replace(/\/+$/, '')
  const script = await textOf(`${root}/install`)
  if (!script.ok) return script
  const said = (name: string, pattern: string): string =>
    new RegExp(`^${name}='(${pattern})'$`, 'm').exec(script.value)?.[1] ?? ''
  const version = said('version', '[0-9]+\\.[0-9]+\\.[0-9]+[0-9A-Za-z.-]*')
  const file = said('tarball', 'latchkey-[0-9A-Za-z.-]+\\.tgz')
  const sha256 = said('tarball_sha256', '[0-9a-f]{64}')
  if (version === '' || file === '' || sha256 === '')
    return refuse(`${root}/install names no release: this broker cannot update others`)
  const scriptHash = createHash('sha256').update(script.value).digest('hex')
  return accept({ brokerUrl: root, version, file, sha256, scriptHash })
}

async function textOf(url: string): Promise<Decision<string, string>> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    if (!answer.ok || answer.body === null) return refuse(`${url} was answered with ${answer.status}`)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of answer.body) {
      bytes += chunk.length
      if (bytes > SCRIPT_BYTES_MAX) return refuse(`${url} is longer than a script of ours`)
      chunks.push(chunk)
    }
    return accept(Buffer.concat(chunks).toString('utf8'))
  } catch (problem) {
    return refuse(`${url} cannot be reached: ${reasonOf(problem)}`)
  }
}

/** Fetches an offered release to `path`. Refuses a file whose hash the script does not name. */
export async function fetchRelease(offered: OfferedRelease, path: string): Promise<Decision<null, string>> {
  const url = `${offered.brokerUrl}/install/${offered.file}`
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_WITHIN_MS) })
    if (!answer.ok || answer.body === null) return refuse(`${url} was answered with ${answer.status}`)
    await pipeline(Readable.from(answer.body), bounded(), createWriteStream(path))
  } catch (problem) {
    return refuse(`${url} could not be fetched: ${reasonOf(problem)}`)
  }
  return (await sha256Of(path)) === offered.sha256
    ? accept(null)
    : refuse(`${url} is not the file that the broker’s script names`)
}

function bounded(): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(bytes > TARBALL_BYTES_MAX ? new Error('it is larger than a release') : null, chunk)
    },
  })
}

/** SHA-256 of a file, hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const manifest = z.object({ name: z.literal('latchkey'), version: z.string() })

/**
 * Unpacks a tarball into `folder`, and shows that it is a whole release that runs here: each file has its hash, and its own
 * command line says its version. Answers the version.
 */
export async function unpackRelease(tarball: string, folder: string): Promise<Decision<string, string>> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder])
  } catch {
    return refuse(`${tarball} cannot be unpacked: it is damaged, or the disk is full`)
  }
  const list = readFileList(folder)
  if (list === null) return refuse(`${tarball} is no release of Latchkey`)
  if ('spoilt' in list) return refuse(`${printable(list.spoilt)} in ${tarball} is damaged`)
  const read = manifest.safeParse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  if (!read.success) return refuse(`${tarball} is no release of Latchkey`)
  const { version } = read.data
  try {
    const { stdout } = await run(process.execPath, [join(folder, 'bin/latchkey.mjs'), '--version'], {
      timeout: PROGRAM_WITHIN_MS,
    })
    if (stdout.startsWith(`latchkey ${version} `)) return accept(version)
    return refuse(`${tarball} calls itself ${printable(stdout.trim(), 60)}`)
  } catch (problem) {
    return refuse(`the release does not run here: ${reasonOf(problem)}`)
  }
}

const reasonOf = (problem: unknown): string => {
  if (!(problem instanceof Error)) return String(problem)
  return printable(problem.cause instanceof Error ? problem.cause.message : problem.message, 300)
}
