import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { INSTALLED_BY_BROKER, inOwnWords, ownCommand } from './own-command.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'latchkey-command-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

it('in a clone’s folder npx finds the command, elsewhere its path does', () => {
  const here = { by: 'clone', folder: '/src/clone' } as const
  const from = (cwd: string, env = {}) => ownCommand({ env, cwd, here })
  expect(from('/src/clone')).toBe('npx latchkey')
  expect(from('/src/clone/apps')).toBe('npx latchkey')
  expect(from('/home/ada')).toBe('/src/clone/apps/cli/bin/latchkey.mjs')
  expect(from('/src/clone', { INIT_CWD: '/home/ada' }), 'npm changes the folder').toContain('/src/clone/apps')
})

it('an installed command is called by its name where the shell finds this one, else by its path', () => {
  const folder = join(home, 'lib/node_modules/latchkey')
  const bin = join(home, 'bin')
  for (const each of [join(folder, 'bin'), bin, join(home, 'other')]) mkdirSync(each, { recursive: true })
  writeFileSync(join(folder, 'bin/latchkey.mjs'), '')
  symlinkSync(join(folder, 'bin/latchkey.mjs'), join(bin, 'latchkey'))
  const called = (path: string) => ownCommand({ env: { PATH: path }, cwd: '/', here: { by: 'npm', folder } })
  expect(called(`/none:${bin}`)).toBe('latchkey')
  expect(called('/none')).toBe(join(bin, 'latchkey'))
  writeFileSync(join(home, 'other/latchkey'), 'another program')
  chmodSync(join(home, 'other/latchkey'), 0o755)
  expect(called(`${join(home, 'other')}:${bin}`), 'a foreign one is first').toBe(join(bin, 'latchkey'))
})

it('so is the command of a broker’s line', () => {
  const bin = join(home, '.local/bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'latchkey'), `#!/bin/sh\n# ${INSTALLED_BY_BROKER}.\n`)
  const here = { by: 'broker', folder: '/x/versions/1', home: '/x' } as const
  const called = (path: string) => ownCommand({ env: { PATH: path, HOME: home }, cwd: '/', here })
  expect(called(bin)).toBe('latchkey')
  expect(called('/none')).toBe(join(bin, 'latchkey'))
})

it('sentences name the command that works here, and other words stay', () => {
  const said = 'Start it with: latchkey up. Or "latchkey run". The folder latchkey in /x/latchkey, latchkey.'
  expect(inOwnWords(said, 'npx latchkey')).toBe(
    'Start it with: npx latchkey up. Or "npx latchkey run". The folder latchkey in /x/latchkey, latchkey.',
  )
  expect(inOwnWords(said, 'latchkey')).toBe(said)
})
