import { generateKeyPairSync, randomInt, sign } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { CastEvent } from './cast-lines.ts'
import { removeOldRecordings } from './old-recordings.ts'
import { Recording } from './recording.ts'
import { Recordings } from './recordings.ts'
import { type Verified, verifyRecording } from './verify-recording.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const rawKey = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
const identity = {
  publicKey: Uint8Array.from([...new Uint8Array(32).fill(7), ...rawKey]),
  sign: (message: Uint8Array) => sign(null, message, privateKey),
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function begin(
  path: string,
  more: { bytesMax?: number; isThere?: boolean; onEnd?: (trouble: string | null) => void } = {},
) {
  let nowMs = 1_000
  const recording = await Recording.begin({
    path,
    flags: more.isThere === true ? 'a' : 'wx',
    identity,
    bytesMax: more.bytesMax ?? 1_000_000,
    title: 'build',
    machine: 'forge',
    terminal: 7,
    size: { cols: 80, rows: 24 },
    startedAtMs: 1_700_000_000_500,
    nowMs: () => nowMs,
    onEnd: more.onEnd ?? (() => {}),
  })
  return {
    recording,
    say: (afterMs: number, ...events: CastEvent[]) => {
      nowMs += afterMs
      for (const event of events) recording.event(event, nowMs)
    },
  }
}

async function aWhole(): Promise<Buffer> {
  const path = join(freshFolder(), 'a.cast')
  const { recording, say } = await begin(path)
  say(250, { code: 'o', text: '$ ' }, { code: 'w', app: 'ab12', label: 'Ada’s phone' })
  say(1_500, { code: 'i', text: 'ls\r' }, { code: 'h', bytes: 12 }, { code: 'r', cols: 100, rows: 30 })
  say(20, { code: 'x', status: 7 })
  await recording.end('The program ended.')
  return readFileSync(path)
}

const verdict = (bytes: Uint8Array) => verifyRecording(pieces(bytes))
async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50) yield await Promise.resolve(bytes.subarray(at, at + 50))
}

it('a recording is asciicast v3, with comments that players pass over', async () => {
  const lines = (await aWhole()).toString('utf8').trimEnd().split('\n')
  const [header, ...events] = lines.filter((line) => !line.startsWith('#')).map((line) => JSON.parse(line))
  expect(header).toMatchObject({
    version: 3,
    term: { cols: 80, rows: 24 },
    timestamp: 1_700_000_000,
    title: 'build',
  })
  expect(events).toEqual([
    [0.25, 'o', '$ '],
    [0, 'w', 'ab12 Ada’s phone'],
    [1.5, 'i', 'ls\r'],
    [0, 'h', '12'],
    [0, 'r', '100x30'],
    [0.02, 'x', '7'],
    [0, 'm', 'The program ended.'],
  ])
})

it('a whole recording verifies, and its file is for its owner alone', async () => {
  expect(await verdict(await aWhole())).toMatchObject({ status: 'whole', header: { title: 'build' } })
  const folder = freshFolder()
  const recordings = new Recordings({
    stateFolder: folder,
    identity,
    machine: 'forge',
    bytesMax: 1_000_000,
    onTrouble: () => {},
  })
  const recording = await recordings.begin({ terminal: 7, title: 'build', cols: 80, rows: 24 }, () => {})
  expect(recording).toBeInstanceOf(Recording)
  const [running] = recordings.running
  await recordings.stop()
  expect(recordings.running).toEqual([])
  const path = join(folder, 'recordings', running?.name ?? '')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'recordings')).mode & 0o777).toBe(0o700)
  expect(await verdict(readFileSync(path))).toMatchObject({ status: 'whole' })
})

it('the oldest recordings go when all together are too much, and the owner is told; one that runs stays', async () => {
  const stateFolder = freshFolder()
  const folder = join(stateFolder, 'recordings')
  mkdirSync(folder)
  const old = ['20260101-000000-000-t1.cast', '20260102-000000-000-t1.cast', '20260103-000000-000-t1.cast']
  for (const name of old) writeFileSync(join(folder, name), Buffer.alloc(1_000))
  writeFileSync(join(folder, 'notes.txt'), 'not a recording')
  const troubles: string[] = []
  const recordings = new Recordings({
    ...{ stateFolder, identity, machine: 'forge', bytesMax: 1_000_000 },
    allBytesMax: 3_500,
    onTrouble: (message) => troubles.push(message),
  })
  const of = { title: 'build', cols: 80, rows: 24 }
  const first = await recordings.begin({ terminal: 7, ...of }, () => {})
  const second = await recordings.begin({ terminal: 8, ...of }, () => {})
  if (typeof first === 'string' || typeof second === 'string') throw new Error('not begun')
  await first.end('Stopped.')
  const [running] = recordings.running
  await recordings.stop()
  expect(running?.terminal).toBe(8)
  const left = readdirSync(folder)
  expect(left).toContain('notes.txt')
  expect(left).toContain(running?.name)
  expect(left).toContain(old[2])
  expect(left).not.toContain(old[0])
  expect(troubles[0]).toMatch(
    /oldest recordings? w(?:as|ere) removed, to stay within 200 recordings of 1 MiB in all\.$/,
  )
})

it('no more than so many are kept, and what runs is never removed', () => {
  const folder = freshFolder()
  const names = [1, 2, 3, 4].map((day) => `2026010${day}-000000-000-t1.cast`)
  for (const name of names) writeFileSync(join(folder, name), Buffer.alloc(10))
  const kept = { filesMax: 2, bytesMax: 1_000 }
  expect(removeOldRecordings(folder, kept, new Set([names[0] ?? '']))).toBe(2)
  expect(readdirSync(folder).sort()).toEqual([names[0], names[3]])
  expect(removeOldRecordings(folder, kept, new Set())).toBe(0)
})

/** A line and its hash, which is the line after it, are one. The last line end is only missed. */
function isFoundAt(line: number, found: Verified, isLast: boolean): boolean {
  if (isLast) return found.status === 'unfinished'
  if (found.status === 'no-recording') return line === 1
  return found.status === 'changed' && (found.line === line || found.line === line - 1)
}

it('any flipped byte is found, and its line is named', async () => {
  const whole = await aWhole()
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ randomInt(1, 256)
    const line = whole.subarray(0, at).filter((byte) => byte === 10).length + 1
    const found = await verdict(changed)
    expect(isFoundAt(line, found, at === whole.length - 1), `byte ${at} is ${changed[at]}`).toBe(true)
  }
})

it('lines that were left out, doubled or exchanged are found', async () => {
  const lines = (await aWhole()).toString('utf8').trimEnd().split('\n')
  const joined = (some: readonly string[]) => Buffer.from(`${some.join('\n')}\n`)
  const { length } = lines
  // A signature between lines may be left out or doubled: it says nothing that the end does not.
  const places = lines.flatMap((_, at) =>
    at < 2 || at > length - 3 || lines.slice(at, at + 2).some((line) => line.startsWith('#signed'))
      ? []
      : [at],
  )
  for (const at of places)
    for (const edited of [
      [...lines.slice(0, at), ...lines.slice(at + 1)],
      [...lines.slice(0, at), ...lines.slice(at + 2)],
      [...lines.slice(0, at + 1), lines[at] ?? '', ...lines.slice(at + 1)],
      [...lines.slice(0, at), lines[at + 1] ?? '', lines[at] ?? '', ...lines.slice(at + 2)],
    ])
      expect(await verdict(joined(edited))).toMatchObject({ status: 'changed' })
  expect(await verdict(joined([...lines, '[0,"o","more"]']))).toMatchObject({
    status: 'changed',
    line: length + 1,
  })
})

it('a recording that was cut anywhere is said to be unfinished', async () => {
  const whole = await aWhole()
  const headerEnd = whole.indexOf(10)
  for (let end = headerEnd + 1; end < whole.length; end += 1)
    expect((await verdict(whole.subarray(0, end))).status).toBe('unfinished')
})

it('at its largest size it ends with a marker and an end, and says so once', async () => {
  const path = join(freshFolder(), 'a.cast')
  const troubles: (string | null)[] = []
  const { recording, say } = await begin(path, {
    bytesMax: 10_000,
    onEnd: (trouble) => troubles.push(trouble),
  })
  for (let count = 0; count < 100; count += 1) say(1, { code: 'o', text: 'x'.repeat(200) })
  await recording.end('late')
  expect(troubles).toEqual(['The recording reached its largest size, 10000 bytes.'])
  const bytes = readFileSync(path)
  expect(bytes.length).toBeLessThanOrEqual(10_000)
  expect(bytes.toString('utf8')).toContain('"m","The recording reached its largest size')
  expect(await verdict(bytes)).toMatchObject({ status: 'whole' })
})

it('a full disk ends it with a sentence', async () => {
  const troubles: (string | null)[] = []
  const path = join(freshFolder(), 'a.cast')
  // The device that is always full.
  symlinkSync('/dev/full', path)
  const { recording, say } = await begin(path, { isThere: true, onEnd: (trouble) => troubles.push(trouble) })
  say(1, { code: 'o', text: 'x' })
  await vi.waitFor(() => expect(recording.hasEnded).toBe(true))
  await recording.end('late')
  expect(troubles).toEqual([expect.stringMatching(/could not be written: ENOSPC/)])
})

it('a file that is no recording is said to be none', async () => {
  expect(await verdict(Buffer.from('hello\nworld\n'))).toEqual({ status: 'no-recording' })
  expect(await verdict(new Uint8Array(0))).toEqual({ status: 'no-recording' })
})
