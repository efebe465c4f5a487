import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { KeptHandle } from '../keeper/keeper-client.ts'
import { PastFolder } from './past-folder.ts'
import { Remembering } from './remembering.ts'

const info = {
  ...{ terminal: 7, name: 'codex', pid: process.pid, tty: '/dev/null', startedAtMs: 1_700_000_000_000 },
  ...{ cols: 80, rows: 24, start: 0, end: 0, pictureAt: null, replied: 0, exit: null },
  note: new Uint8Array(0),
  ledger: { writers: [], givenUp: [] },
  resized: { seq: 0, offset: 0 },
}

it('a picture that never comes holds no later one up', async () => {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-past-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const folder = new PastFolder({
    folder: join(path, 'past'),
    secret: new Uint8Array(32),
    onTrouble: () => {},
  })
  const kept = new KeptHandle(info, true, () => {})
  let asked = 0
  const remembering = new Remembering(kept, {
    folder,
    shellFolder: '/tmp',
    pictureWithinMs: 20,
    pack: (done) => {
      asked += 1
      // The screen was closed under the first one.
      if (asked === 1) return
      const bytes = Uint8Array.of(asked)
      kept.picture({ offset: 0, cols: 80, rows: 24, bytes, resizes: 0, replied: 0 })
      done()
    },
  })
  onTestFinished(() => remembering.end())
  await Promise.all([remembering.save(), remembering.save()])
  expect([...(folder.read(info)?.picture.bytes ?? [])]).toEqual([2])
})
