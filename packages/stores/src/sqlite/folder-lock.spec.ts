import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-lock-'))
  folders.push(folder)
  return folder
}

test('a folder is one holder’s until it is released, and then the next one’s', async () => {
  const folder = aFolder()
  const first = await lockFolder(folder)
  expect(await lockFolder(folder)).toBeNull()
  first?.release()
  first?.release()
  const second = await lockFolder(folder)
  expect(second).not.toBeNull()
  second?.release()
})

const HOLD = `
  import Sqlite from 'better-sqlite3'
  const db = new Sqlite(process.argv[1])
  db.exec('BEGIN EXCLUSIVE')
  console.log('held')
  setInterval(() => db.open, 60_000)`

test('a holder that was killed holds nothing, whatever it left behind', async () => {
  const folder = aFolder()
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLD, join(folder, 'in-use.sqlite')], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  expect(await lockFolder(folder)).toBeNull()
  const gone = once(holder, 'exit')
  holder.kill('SIGKILL')
  await gone
  const lock = await lockFolder(folder)
  expect(lock).not.toBeNull()
  lock?.release()
})
