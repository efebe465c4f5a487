import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { installedByNpm, npm, RELEASE, ROOT, VERSION } from './installed-release.ts'
import { PersonTerminal } from './person-terminal.ts'
import { cleanEnv, Program, temporaryFolder } from './up-process.ts'

const run = promisify(execFile)
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

afterEach(cleanUp)

it('two packs have one hash', async () => {
  const { path, remove } = temporaryFolder()
  atCleanUp(remove)
  await run(process.execPath, ['tools/run.mjs', 'pack', '--to', path], { cwd: ROOT, env: cleanEnv() })
  expect(sha256(join(path, `latchkey-${VERSION}.tgz`))).toBe(sha256(RELEASE))
})

it('the release installs without registry, scripts and compiler; a phone types in its terminal; removal leaves nothing', async () => {
  const { prefix, command, remove } = await installedByNpm()
  atCleanUp(remove)
  const dataDir = join(prefix, 'data')
  const up = new Program(['up', '--local', '--port', '0', '--data-dir', dataDir], {}, command)
  atCleanUp(() => up.stop())
  const ready = await up.next(({ event }) => event === 'ready')
  expect(ready['code']).toMatch(/^\w{3}-\w{3}-\w{3}$/)
  expect(await (await fetch(new URL('/', String(ready['url'])))).text(), 'the pages').toContain(
    '<title>Latchkey',
  )
  const person = new PersonTerminal(command, ['attach', String(ready['link'])], { XDG_STATE_HOME: prefix })
  atCleanUp(() => person.kill())
  await person.sees(/[$#%>] *$/m)
  person.type('echo $((6*7))\r')
  await person.sees(/^42$/m)
  // npm refuses half a release, and leaves the installed one in place.
  const half = join(prefix, 'half.tgz')
  copyFileSync(RELEASE, half)
  truncateSync(half, Math.floor(statSync(half).size / 2))
  await expect(npm(['install', half], prefix)).rejects.toThrow()
  const stopped = await run(command, ['stop', '--terminals', '--data-dir', dataDir], { env: cleanEnv() })
  expect(stopped.stderr).toContain('Stopped.')
  await npm(['uninstall', 'latchkey'], prefix)
  expect(readdirSync(join(prefix, 'bin'))).toEqual([])
  expect(
    readdirSync(join(prefix, 'lib/node_modules')).filter((name) => name !== '.package-lock.json'),
  ).toEqual([])
})

it('a command of the same name that another program put there is left alone', async () => {
  const { path: prefix, remove } = temporaryFolder()
  atCleanUp(remove)
  mkdirSync(join(prefix, 'bin'))
  mkdirSync(join(prefix, 'lib'))
  writeFileSync(join(prefix, 'bin/latchkey'), 'another')
  await expect(npm(['install', RELEASE], prefix)).rejects.toThrow(/EEXIST/)
  expect(readFileSync(join(prefix, 'bin/latchkey'), 'utf8')).toBe('another')
})
