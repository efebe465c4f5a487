import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { atCleanUp, pause, within } from '../../apps/broker/src/testing/harness.ts'

const MAIN = fileURLToPath(new URL('../../apps/cli/dist/bundle/broker.js', import.meta.url))
const listening = z.looseObject({ event: z.literal('listening'), port: z.number(), secretFile: z.string() })
const START_MS_MAX = 60_000
const SNAPSHOT_MS_MAX = 60_000
const READ_BYTES = 4 * 1024 * 1024

/** A broker as a process of its own, whose memory and files can be searched from outside. */
export interface BrokerProcess {
  readonly port: number
  readonly secret: string
  readonly dataDir: string
  /** everything that it has logged, at its most talkative */
  readonly log: () => string
  /** Which of `words` are in its heap, as V8 writes it down: every object and every text that is alive. */
  inHeapSnapshot(words: readonly string[]): Promise<readonly string[]>
  /**
   * Which of `words` are anywhere in its writable memory, buffers and freed memory included. Linux alone shows it; null
   * elsewhere.
   */
  inMemory(words: readonly string[]): readonly string[] | null
  /** Which of `words` are in any file of its data folder. */
  inFiles(words: readonly string[]): readonly string[]
}

/** @param env further settings */
export async function brokerProcess(env: Readonly<Record<string, string>> = {}): Promise<BrokerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-canary-'))
  const child = fork(MAIN, [], {
    cwd: dataDir,
    execArgv: ['--heapsnapshot-signal=SIGUSR2', `--diagnostic-dir=${dataDir}`],
    env: {
      PATH: process.env['PATH'] ?? '',
      LATCHKEY_LOCAL: 'true',
      LATCHKEY_PORT: '0',
      LATCHKEY_DATA_DIR: join(dataDir, 'data'),
      LATCHKEY_LOG: 'debug',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  atCleanUp(() => stopped(child, dataDir))
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const [message] = await within('the broker to listen', once(child, 'message'), START_MS_MAX)
  const { port, secretFile } = listening.parse(message)
  return {
    port,
    secret: readFileSync(secretFile, 'utf8').trim(),
    dataDir: join(dataDir, 'data'),
    log: () => log,
    inHeapSnapshot: async (words) => wordsIn(await heapSnapshot(child, dataDir), words),
    inMemory: (words) => memoryHolds(child.pid ?? 0, words),
    inFiles: (words) => {
      const data = join(dataDir, 'data')
      const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      )
      return wordsIn(
        Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)))),
        words,
      )
    },
  }
}

async function stopped(child: ChildProcess, dataDir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  rmSync(dataDir, { recursive: true, force: true })
}

/** As Node writes it on a signal. The file is whole once it ends like one. */
async function heapSnapshot(child: ChildProcess, folder: string): Promise<Buffer> {
  child.kill('SIGUSR2')
  const written = () => readdirSync(folder).find((name) => name.endsWith('.heapsnapshot'))
  const deadline = performance.now() + SNAPSHOT_MS_MAX
  for (;;) {
    const name = written()
    const bytes = name === undefined ? Buffer.alloc(0) : readFileSync(join(folder, name))
    if (bytes.subarray(-8).toString().trimEnd().endsWith(']}')) {
      rmSync(join(folder, name ?? ''))
      return bytes
    }
    if (performance.now() > deadline) throw new Error('no heap snapshot was written')
    await pause(100)
  }
}

/** Every form in which text may lie about: as bytes, as V8's two-byte strings, in base64 at any offset, in hex. */
function formsOf(word: string): readonly Buffer[] {
  const bytes = Buffer.from(word)
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // What depends on the neighbours is left out.
    return text.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3) - 1)
  })
  return [
    bytes,
    Buffer.from(word, 'utf16le'),
    ...[...base64, bytes.toString('hex')].map((text) => Buffer.from(text)),
  ]
}

export const wordsIn = (bytes: Buffer, words: readonly string[]): readonly string[] =>
  words.filter((word) => formsOf(word).some((form) => bytes.includes(form)))

/** Which of `words` are in the writable memory of a process of ours; null where memory cannot be read (Linux can). */
export function memoryHolds(pid: number, words: readonly string[]): readonly string[] | null {
  if (process.platform !== 'linux') return null
  const found = new Set<string>()
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const chunk = Buffer.alloc(READ_BYTES)
  const overlap = 4 * Math.max(...words.map((word) => word.length))
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from, to, rights] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? []
    if (from === undefined || to === undefined || rights?.startsWith('rw') !== true) continue
    const end = BigInt(`0x${to}`)
    for (let at = BigInt(`0x${from}`); at < end; at += BigInt(READ_BYTES - overlap)) {
      const wanted = Number(end - at < BigInt(READ_BYTES) ? end - at : BigInt(READ_BYTES))
      const bytes = chunk.subarray(0, readAt(memory, chunk, wanted, at))
      for (const word of wordsIn(bytes, words)) found.add(word)
    }
  }
  return words.filter((each) => found.has(each))
}

/** How many bytes could be read: pages of devices cannot. */
function readAt(file: number, into: Buffer, byteCount: number, at: bigint): number {
  try {
    return readSync(file, into, 0, byteCount, at)
  } catch {
    return 0
  }
}
