import { EventEmitter, once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SealedRunner } from '@latchkey/connection/app/sealer'
import { afterEach, expect, it } from 'vitest'
import { SealFiles } from './seal-store.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-seal-'))
  folders.push(folder)
  return folder
}

const runner: SealedRunner = {
  runnerId: 'forge',
  label: 'forge',
  reach: new Uint8Array(32).fill(1),
  appId: new Uint8Array(16).fill(2),
  resumeKey: new Uint8Array(32).fill(3),
  permissions: { view: true, input: true, admin: false },
  greetedAtMs: 7,
  pairingName: 'ab'.repeat(16),
}

it('two processes of one person return to one machine one after the other, to two machines at once', async () => {
  const folder = dataDir()
  // Each process has its own; the folder is what they share.
  const [one, two] = [new SealFiles(folder), new SealFiles(folder)]
  const order: string[] = []
  const inside = new EventEmitter()
  const [isIn, mayLeave] = [once(inside, 'in'), once(inside, 'leave')]
  const slow = one.exclusively('forge', async () => {
    order.push('one in')
    inside.emit('in')
    await mayLeave
    order.push('one out')
  })
  await isIn
  const waits = two.exclusively('forge', async () => void order.push('two in'))
  await two.exclusively('mill', async () => void order.push('two elsewhere'))
  inside.emit('leave')
  await Promise.all([slow, waits])
  expect(order).toEqual(['one in', 'two elsewhere', 'one out', 'two in'])
})

it('what a process that died has locked is free again after fifteen seconds', async () => {
  const folder = dataDir()
  const files = new SealFiles(folder)
  await files.exclusively('forge', async () => {
    const sealed = join(folder, 'attach', 'sealed')
    const [lock = ''] = readdirSync(sealed).filter((name) => name.endsWith('.lock'))
    const longAgo = new Date(Date.now() - 15_001)
    utimesSync(join(sealed, lock), longAgo, longAgo)
    let entered = false
    await new SealFiles(folder).exclusively('forge', async () => {
      entered = true
    })
    expect(entered).toBe(true)
  })
})

it('all machines share a key, until one has a key of its own', () => {
  const files = new SealFiles(dataDir())
  const shared = files.secretFor('forge')
  expect(files.secretFor('mill')).toEqual(shared)
  files.keepSecretFor('forge', new Uint8Array(32).fill(9))
  expect(files.secretFor('forge')).toEqual(new Uint8Array(32).fill(9))
  expect(files.secretFor('mill')).toEqual(shared)
})

it('a record is read as it was written, for its owner alone, and half of one is none', async () => {
  const folder = dataDir()
  const files = new SealFiles(folder)
  expect(await files.read('forge')).toBe(null)
  await files.keep(runner)
  expect(await files.read('forge')).toEqual(runner)
  expect(await files.read('mill')).toBe(null)
  const sealed = join(folder, 'attach', 'sealed')
  for (const name of readdirSync(sealed)) expect(statSync(join(sealed, name)).mode & 0o077).toBe(0)
})
