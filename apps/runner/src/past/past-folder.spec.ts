import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  erasePast,
  erasePastOf,
  PAST_AGE_MS_MAX,
  PAST_FILE_BYTES_MAX,
  PAST_FILES_MAX,
  PastFolder,
  pastFileName,
  pastKeysIn,
} from './past-folder.ts'
import { openRecord, type PastRecord, sealRecord } from './past-record.ts'

const SECRET = new Uint8Array(32).fill(1)

function aFolder() {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-past-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const troubles: string[] = []
  const folder = new PastFolder({
    folder: join(path, 'past'),
    secret: SECRET,
    onTrouble: (message) => troubles.push(message),
  })
  return { path: join(path, 'past'), folder, troubles }
}

const aRecord = (terminal: number, pictureBytes = 10): PastRecord => ({
  terminal,
  name: 'codex',
  startedAtMs: 1_700_000_000_000,
  writtenAtMs: 1_700_000_001_000,
  folder: '/home/ada/work',
  end: 4_711,
  note: Uint8Array.of(1, 2, 3),
  picture: { cols: 80, rows: 24, bytes: new Uint8Array(pictureBytes).fill(65) },
})

it('a record comes back as it was sealed, under its own name and key only', () => {
  const record = aRecord(7)
  const name = pastFileName(record)
  const sealed = sealRecord(record, SECRET, name)
  const opened = openRecord(sealed, SECRET, name)
  expect(opened && { ...opened, note: [...opened.note] }).toMatchObject({
    ...record,
    note: [1, 2, 3],
    picture: {},
  })
  expect([...(opened?.picture.bytes ?? [])]).toEqual([...record.picture.bytes])
  expect(openRecord(sealed, SECRET, pastFileName(aRecord(8)))).toBe(null)
  expect(openRecord(sealed, new Uint8Array(32).fill(2), name)).toBe(null)
  for (let cut = 0; cut < sealed.length; cut++)
    expect(openRecord(sealed.subarray(0, cut), SECRET, name)).toBe(null)
  for (let at = 0; at < sealed.length; at++) {
    const flipped = Uint8Array.from(sealed)
    flipped[at] = (flipped[at] ?? 0) ^ 0x10
    expect(openRecord(flipped, SECRET, name), `byte ${at}`).toBe(null)
  }
})

it('the newest files stay, for so long', async () => {
  const { path, folder } = aFolder()
  const nowMs = Date.now()
  for (let terminal = 0; terminal < PAST_FILES_MAX + 5; terminal++) {
    await folder.write(aRecord(terminal))
    const seenAtS = (nowMs - (PAST_FILES_MAX + 5 - terminal) * 1_000) / 1_000
    utimesSync(join(path, pastFileName(aRecord(terminal))), seenAtS, seenAtS)
  }
  const listed = folder.list(nowMs)
  expect(listed).toHaveLength(PAST_FILES_MAX)
  expect(listed.map(({ record }) => record.terminal)).toEqual(
    Array.from({ length: PAST_FILES_MAX }, (_, at) => at + 5),
  )
  folder.seen(aRecord(9), nowMs - PAST_AGE_MS_MAX - 2_000)
  expect(folder.list(nowMs).some(({ record }) => record.terminal === 9)).toBe(false)
  expect(pastKeysIn(path)).toHaveLength(PAST_FILES_MAX - 1)
})

it('a picture that is too large leaves the one before it', async () => {
  const { folder } = aFolder()
  await folder.write(aRecord(1))
  await folder.write(aRecord(1, PAST_FILE_BYTES_MAX))
  expect(folder.read(aRecord(1))?.picture.bytes).toHaveLength(10)
})

it('one is removed by its number and beginning, all by erasing, and other files never', async () => {
  const { path, folder } = aFolder()
  for (const terminal of [1, 2, 3]) await folder.write(aRecord(terminal))
  writeFileSync(join(path, 'notes.txt'), '')
  folder.remove(aRecord(1))
  await folder.settled()
  erasePastOf(path, [aRecord(2)])
  expect(pastKeysIn(path)).toEqual([{ terminal: 3, startedAtMs: 1_700_000_000_000 }])
  erasePast(path)
  expect(readdirSync(path)).toEqual(['notes.txt'])
})

it('a folder that cannot be written is said once, and throws nothing', async () => {
  const { path, folder, troubles } = aFolder()
  rmSync(path, { recursive: true })
  writeFileSync(path, 'a file in its place')
  await folder.write(aRecord(1))
  await folder.write(aRecord(2))
  expect(folder.list(Date.now())).toEqual([])
  expect(troubles.filter((said) => said.startsWith('The last screens'))).toHaveLength(1)
})
