import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { judgeFolder, judgeNode, judgeTerminals } from './machine.ts'

function inFolder(look: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-doctor-'))
  try {
    look(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

it('an old Node is a problem', () => {
  expect(judgeNode('20.18.3').state).toBe('broken')
  expect(judgeNode('20.19.0').state).toBe('ok')
  expect(judgeNode('22.1.0').state).toBe('ok')
})

it('a data folder that others can look into is a problem, with the command that mends it', () =>
  inFolder((folder) => {
    expect(judgeFolder(folder, null)).toMatchObject([{ check: 'folder' }])
    expect(judgeFolder(folder, null)[0]?.state).not.toBe('broken')
    mkdirSync(join(folder, 'runner'))
    chmodSync(join(folder, 'runner'), 0o755)
    expect(judgeFolder(folder, null)).toMatchObject([
      { state: 'broken', next: `chmod 700 ${join(folder, 'runner')}` },
    ])
    expect(judgeFolder(folder, 1 << 20)[0]).toMatchObject({
      state: 'broken',
      text: expect.stringContaining('another user'),
    })
    expect(judgeFolder(join(folder, 'none'), null)).toMatchObject([{ state: 'left-out' }])
  }))

it('a terminal needs a shell, a UTF-8 locale and a description of itself', () =>
  inFolder((folder) => {
    const described = join(folder, 'terminfo')
    mkdirSync(join(described, 'x'), { recursive: true })
    writeFileSync(join(described, 'x', 'xterm-256color'), '')
    const well = judgeTerminals({ SHELL: '/bin/sh', LANG: 'C.UTF-8' }, () => [], [described])
    expect(well.map(({ check, state }) => [check, state])).toEqual([
      ['shell', 'ok'],
      ['locale', 'ok'],
      ['terminfo', 'ok'],
    ])
    const ill = judgeTerminals({ SHELL: '/bin/sh', LC_ALL: 'POSIX' }, () => [], [join(folder, 'none')])
    expect(ill.map(({ state }) => state)).toEqual(['ok', 'warn', 'warn'])
    for (const { state, next } of ill) expect(state === 'ok' || next !== undefined).toBe(true)
  }))
