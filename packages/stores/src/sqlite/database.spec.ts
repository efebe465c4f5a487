import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unseenRunner } from '@latchkey/domain/runner-pairing/records'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runnerNamed } from '../contract/commands.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { migrations, openSqlite } from './database.ts'
import { sqlitePairingStore } from './pairing.store.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlite-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const label = (text: string) => ({ ...unseenRunner(runnerNamed('r')), label: text })
const clock = () => 1_700_000_000_000

test('the file and its side files are readable by their owner alone', async () => {
  const path = join(folder, 'a.db')
  const store = sqlitePairingStore(await openSqlite(path), { clock })
  await store.run({
    keys: [],
    decide: () => ({
      writes: [{ put: 'runner', id: 'r', value: label('x'), sweepAt: null }],
      answer: null,
    }),
  })
  const modes = [path, `${path}-wal`, `${path}-shm`].map((file) => (statSync(file).mode & 0o777).toString(8))
  expect(modes).toEqual(['600', '600', '600'])
  await store.close()
})

test('commits reach the disk before they are acknowledged', async () => {
  const db = await openSqlite(join(folder, 'a.db'))
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(db.pragma('synchronous', { simple: true })).toBe(2)
  db.close()
})

test('migrations are numbered from 1 without a gap', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
})

test('a database of a newer release is refused and left alone', async () => {
  const path = join(folder, 'a.db')
  const db = await openSqlite(path)
  db.pragma('user_version = 999')
  db.close()
  await expect(openSqlite(path)).rejects.toThrow('newer release')
})

test('a file that is no database is refused in words', async () => {
  const path = join(folder, 'a.db')
  writeFileSync(path, 'this is a letter, not a database. '.repeat(200))
  await expect(openSqlite(path)).rejects.toThrow(StoreUnavailable)
})

test('a folder in the place of the file is refused in words', async () => {
  const path = join(folder, 'a.db')
  mkdirSync(path)
  await expect(openSqlite(path)).rejects.toThrow(StoreUnavailable)
})

test('a transaction that meets another process’s lock is refused by name, writes nothing, and later ones work', async () => {
  const path = join(folder, 'a.db')
  const store = sqlitePairingStore(await openSqlite(path, { busyTimeoutMs: 50 }), { clock })
  const holder = await openSqlite(path)
  holder.exec('BEGIN IMMEDIATE')
  const write = (text: string) =>
    store.run({
      keys: [],
      decide: () => ({
        writes: [{ put: 'runner', id: 'r', value: label(text), sweepAt: null }],
        answer: null,
      }),
    })
  await expect(write('during')).rejects.toThrow('another process holds the database')
  holder.exec('ROLLBACK')
  expect(await store.list('runner')).toEqual([])
  await write('after')
  expect(await store.list('runner')).toEqual([label('after')])
  holder.close()
  await store.close()
})

test('a full disk is told by name, and nothing of the transaction stays', async () => {
  const db = await openSqlite(join(folder, 'a.db'))
  const store = sqlitePairingStore(db, { clock })
  const put = (id: string, text: string) =>
    ({ put: 'runner', id, value: label(text), sweepAt: null }) as const
  await store.run({ keys: [], decide: () => ({ writes: [put('before', 'kept')], answer: null }) })
  // SQLite answers SQLITE_FULL at this bound just as it does when the device has no room left.
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 2}`)
  const big = () => ({ writes: [put('first', 'x'), put('second', 'y'.repeat(100_000))], answer: null })
  await expect(store.run({ keys: [], decide: big })).rejects.toThrow('the disk is full')
  expect(await store.list('runner')).toEqual([label('kept')])
  db.pragma('max_page_count = 1000000')
  await store.run({ keys: [], decide: big })
  expect(await store.list('runner')).toHaveLength(3)
  await store.close()
})

test('transactions still waiting when the store closes are carried out, later ones refused', async () => {
  const store = sqlitePairingStore(await openSqlite(join(folder, 'a.db')), { clock })
  const waiting = store.run({ keys: [], decide: () => ({ writes: [], answer: 'done' }) })
  await store.close()
  expect(await waiting).toBe('done')
  await expect(store.run({ keys: [], decide: () => ({ writes: [], answer: 'late' }) })).rejects.toThrow(
    StoreUnavailable,
  )
})

test('what two processes write to one file adds up', async () => {
  const path = join(folder, 'a.db')
  const stores = await Promise.all(
    [0, 1].map(async () => sqlitePairingStore(await openSqlite(path), { clock })),
  )
  const count = (store: (typeof stores)[number]) =>
    store.run({
      keys: [{ kind: 'runner', id: 'r' }],
      decide: (view) => {
        const before = view.get('runner', 'r') ?? label('')
        return {
          writes: [{ put: 'runner', id: 'r', value: { ...before, gen: before.gen + 1 }, sweepAt: null }],
          answer: null,
        }
      },
    })
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      stores.map((store) => (index % 7 === 0 ? count(store).then(() => count(store)) : count(store))),
    ).flat(),
  )
  for (const store of stores) expect(await store.list('runner')).toMatchObject([{ gen: 458 }])
  for (const store of stores) await store.close()
})
