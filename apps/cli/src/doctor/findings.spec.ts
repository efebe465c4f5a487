import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { judgeClock, judgeFolder, judgeNode } from './findings.ts'

it('an old Node is a problem', () => {
  expect(judgeNode('20.18.3').ok).toBe(false)
  expect(judgeNode('20.19.0').ok).toBe(true)
  expect(judgeNode('22.1.0').ok).toBe(true)
})

it('a data folder that others can look into is a problem, with the command that mends it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-doctor-'))
  try {
    expect(judgeFolder(folder, null)).toMatchObject([{ ok: true }])
    mkdirSync(join(folder, 'runner'))
    chmodSync(join(folder, 'runner'), 0o755)
    expect(judgeFolder(folder, null)).toMatchObject([
      { ok: false, says: expect.stringContaining(`chmod 700 ${join(folder, 'runner')}`) },
    ])
    expect(judgeFolder(folder, 1 << 20)[0]).toMatchObject({
      ok: false,
      says: expect.stringContaining('another user'),
    })
    expect(judgeFolder(join(folder, 'none'), null)).toMatchObject([{ ok: true }])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('a clock that is a minute apart is a problem, the length of the call is none', () => {
  const date = 'Mon, 30 Nov 2026 12:00:00 GMT'
  const brokersMs = Date.parse(date)
  expect(judgeClock(date, brokersMs + 400, brokersMs + 9_000)?.ok).toBe(true)
  expect(judgeClock(date, brokersMs + 90_000, brokersMs + 90_010)).toMatchObject({ ok: false })
  expect(judgeClock(date, brokersMs - 90_000, brokersMs - 89_000)).toMatchObject({ ok: false })
  expect(judgeClock(null, 0, 0)).toBeNull()
})
