import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instant } from '@latchkey/domain/kernel'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { lockFolder } from '@latchkey/stores/sqlite/folder-lock'
import { sqlitePairingStore } from '@latchkey/stores/sqlite/pairing.store'
import { expect, it, onTestFinished } from 'vitest'
import { backUpFolder, restoreFolder } from './data-backup.ts'
import { openDataDirectory } from './data-directory.ts'

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-backup-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const budget = { subject: 'address:192.0.2.7', failures: [], bannedUntil: instant(9e15), refusalNoted: false }

/** A data folder with a database that is open, and written to. */
async function folderInUse(path: string) {
  const data = openDataDirectory(path, {})
  mkdirSync(join(path, 'runner'), { mode: 0o700 })
  writeFileSync(join(path, 'runner', 'identity.json'), '{"who":"this machine"}', { mode: 0o600 })
  writeFileSync(join(path, 'up.json'), '{}')
  const db = await openSqlite(data.database)
  onTestFinished(() => void db.close())
  const store = sqlitePairingStore(db, { clock: Date.now })
  const remember = (id: string) =>
    store.run({
      keys: [],
      decide: () => ({
        writes: [{ put: 'budget', id, value: { ...budget, subject: id }, sweepAt: null }],
        answer: null,
      }),
    })
  await remember('address:192.0.2.7')
  return { data, remember }
}

const subjectsIn = async (folder: string) => {
  const db = await openSqlite(join(folder, 'broker.sqlite'))
  const found = await sqlitePairingStore(db, { clock: Date.now }).list('budget')
  db.close()
  return found.map(({ subject }) => subject)
}

it('a folder in use is written to one private file, and is what it was where that is restored', async () => {
  const at = place()
  const { data, remember } = await folderInUse(join(at, 'data'))
  const lock = await lockFolder(data.path)
  const file = join(at, 'backup')
  expect(await backUpFolder(data.path, file)).toEqual({ ok: true, files: 4, hasDatabase: true })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await remember('address:192.0.2.8')

  const again = join(at, 'again')
  expect(await restoreFolder(again, file)).toMatchObject({ ok: true, files: 4 })
  expect(openDataDirectory(again, {}).secrets).toEqual(data.secrets)
  expect(readFileSync(join(again, 'runner', 'identity.json'), 'utf8')).toBe('{"who":"this machine"}')
  expect(existsSync(join(again, 'up.json'))).toBe(false)
  expect(await subjectsIn(again)).toEqual(['address:192.0.2.7'])
  expect(readFileSync(join(again, 'broker.sqlite')).includes(data.secrets.operator)).toBe(false)
  const modes = readdirSync(again, { recursive: true, withFileTypes: true }).map(
    (entry) => statSync(join(entry.parentPath, entry.name)).mode & 0o077,
  )
  expect(new Set(modes)).toEqual(new Set([0]))
  expect(readdirSync(at).toSorted()).toEqual(['again', 'backup', 'data'])
  lock?.release()
})

it('no file is written over, and nothing is restored over what is there or in use', async () => {
  const at = place()
  const { data } = await folderInUse(join(at, 'data'))
  const file = join(at, 'backup')
  await backUpFolder(data.path, file)
  const before = readFileSync(file)
  expect(await backUpFolder(data.path, file)).toMatchObject({
    ok: false,
    why: expect.stringContaining('there already'),
  })
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(await backUpFolder(join(at, 'nowhere'), join(at, 'other'))).toMatchObject({ ok: false })
  expect(await restoreFolder(data.path, file)).toMatchObject({ why: expect.stringContaining('is not empty') })
  const lock = await lockFolder(data.path)
  expect(await restoreFolder(data.path, file)).toMatchObject({
    why: expect.stringContaining('stop it first'),
  })
  lock?.release()
  expect(await subjectsIn(data.path)).toHaveLength(1)
})

it('what is no backup is restored nowhere, and leaves the folder empty', async () => {
  const at = place()
  const { data } = await folderInUse(join(at, 'data'))
  writeFileSync(join(at, 'text'), 'nothing of ours')
  for (const wrong of [join(at, 'text'), data.database, join(at, 'nowhere')]) {
    expect(await restoreFolder(join(at, 'again'), wrong)).toMatchObject({ ok: false })
    expect(existsSync(join(at, 'again')) ? readdirSync(join(at, 'again')) : []).toEqual([])
  }
})

it('a folder without a database is kept for its keys and secrets', async () => {
  const at = place()
  const data = openDataDirectory(join(at, 'data'), {})
  expect(await backUpFolder(data.path, join(at, 'backup'))).toEqual({
    ok: true,
    files: 3,
    hasDatabase: false,
  })
  expect(await restoreFolder(join(at, 'again'), join(at, 'backup'))).toMatchObject({ ok: true })
  expect(openDataDirectory(join(at, 'again'), {}).secrets).toEqual(data.secrets)
})
