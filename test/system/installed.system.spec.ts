import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { sha256Of } from '../../apps/cli/src/install/release.ts'
import { installedByNpm, npm, RELEASE, ROOT, VERSION } from './installed-release.ts'
import { PersonTerminal } from './person-terminal.ts'
import { cleanEnv, Program, temporaryFolder } from './up-process.ts'

const run = promisify(execFile)

/** An installed release, and its broker on loopback. */
let prefix = ''
let command = ''
let dataDir = ''
let url = ''
let link = ''
beforeAll(async () => {
  const installed = await installedByNpm()
  atCleanUp(installed.remove)
  prefix = installed.prefix
  command = installed.command
  dataDir = join(prefix, 'data')
  const up = new Program(['up', '--local', '--port', '0', '--data-dir', dataDir], {}, command)
  atCleanUp(() => up.stop())
  const ready = await up.next(({ event }) => event === 'ready')
  url = String(ready['url'])
  link = String(ready['link'])
})
afterAll(cleanUp)

it('two packs have one hash', async () => {
  const { path, remove } = temporaryFolder()
  atCleanUp(remove)
  await run(process.execPath, ['tools/run.mjs', 'pack', '--to', path], { cwd: ROOT, env: cleanEnv() })
  expect(await sha256Of(join(path, `latchkey-${VERSION}.tgz`))).toBe(await sha256Of(RELEASE))
})

it('the release installs without registry, scripts and compiler, and a phone types in its terminal', async () => {
  expect(await (await fetch(`${url}/`)).text(), 'the pages').toContain('<title>Latchkey')
  const person = new PersonTerminal(command, ['attach', link], { XDG_STATE_HOME: prefix })
  atCleanUp(() => person.kill())
  await person.sees(/[$#%>] *$/m)
  person.type('echo $((6*7))\r')
  await person.sees(/^42$/m)
})

it('its broker packs the installed files into the bytes that were installed', async () => {
  const script = await (await fetch(`${url}/install`)).text()
  expect(script).toContain(`tarball_sha256='${await sha256Of(RELEASE)}'`)
})

/** A second user account: a home of its own, and the programs that every machine has, without a Node that is new enough. */
function account() {
  const { path: home, remove } = temporaryFolder()
  atCleanUp(remove)
  const bin = join(home, '.local/bin/latchkey')
  return { home, bin, sh: (line: string) => shell(line, home) }
}

function shell(line: string, home: string) {
  const child = spawn('/bin/sh', ['-c', line], {
    cwd: home,
    env: { HOME: home, PATH: '/usr/bin:/bin', NO_COLOR: '1', LATCHKEY_END_TERMINALS: '1' },
    // No terminal to be asked at.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (printed += bytes.toString()))
  const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, printed }))
  return { ended, printed: () => printed }
}

const adding = () => new Program(['add', '--data-dir', dataDir], {}, command)

it('one line brings a second account from nothing to a joined machine, and one command removes it', async () => {
  const add = adding()
  const { line } = await add.next(({ event }) => event === 'line', 120_000)
  const { home, bin, sh } = account()
  const running = sh(String(line))
  await add.next(({ event }) => event === 'pin-wanted', 120_000)
  const pin = () => /PIN +(\d{3}) ?(\d{3})/.exec(running.printed())?.slice(1).join('')
  await expect.poll(pin).toMatch(/^\d{6}$/)
  add.child.stdin?.write(`${pin()}\n`)
  await add.next(({ event }) => event === 'added')
  const { exitCode, printed } = await running.ended
  expect(printed).toContain(`Installed Latchkey ${VERSION}`)
  expect(printed).toContain('service install')
  expect(exitCode).toBe(0)
  expect((await sh(`${bin} --version`).ended).printed).toContain(`latchkey ${VERSION}`)
  expect(readdirSync(join(home, '.local/share/latchkey')).filter((name) => name.startsWith('.'))).toEqual([])

  // The same line again finds the release, and the join URL used.
  const again = await sh(String(line)).ended
  expect(again.printed).toContain('Installed')
  const removed = await sh(`${bin} uninstall --yes`).ended
  expect(removed.printed).toContain('Latchkey is removed.')
  const left = readdirSync(home, { recursive: true, withFileTypes: true }).filter(
    (each) => !each.isDirectory(),
  )
  expect(left.map(({ name }) => name)).toEqual([])
})

it('a script that is not the one of the line does not run', async () => {
  const add = adding()
  const { line } = await add.next(({ event }) => event === 'line')
  const { home, sh } = account()
  const { printed } = await sh(String(line).replace(/\^[0-9a-f]{64}/, `^${'0'.repeat(64)}`)).ended
  expect(printed.trim()).toBe('Stopped.')
  expect(readdirSync(home)).toEqual([])
})

it('a broker that serves another release than the script names installs nothing', async () => {
  const script = await (await fetch(`${url}/install`)).text()
  const hostile = createServer((_request, response) => response.end('another release'))
  hostile.listen({ host: '127.0.0.1', port: 0 })
  await once(hostile, 'listening')
  atCleanUp(() => hostile.close())
  const { port } = hostile.address() as AddressInfo
  const { home, bin, sh } = account()
  const { exitCode, printed } = await sh(
    `cat > install <<'END'\n${script}\nEND\nLATCHKEY_NODE=${process.execPath} sh install http://127.0.0.1:${port}`,
  ).ended
  expect(printed).toContain('is not the file that this script names')
  expect(exitCode).toBe(1)
  expect(existsSync(bin)).toBe(false)
  expect(readdirSync(join(home, '.local/share/latchkey/versions'))).toEqual([])
})

it('a command of another program in ~/.local/bin is left alone, and so is a machine without a broker’s address', async () => {
  const { bin, sh } = account()
  const fetched = `curl -fsS ${url}/install -o install`
  const foreign = await sh(`mkdir -p .local/bin && echo other > ${bin} && ${fetched} && sh install ${url}`)
    .ended
  expect(foreign.printed).toContain('is of another program')
  expect(readFileSync(bin, 'utf8')).toBe('other\n')
  const nowhere = await sh(`${fetched} && sh install`).ended
  expect(nowhere.printed).toContain('Name the broker')
})

it('strangers are told the script, not the hash that makes it trusted; files by other names are none', async () => {
  expect((await fetch(`${url}/operator/install`)).status).toBe(401)
  for (const name of ['up.json', '..%2foperator-secret', 'node'])
    expect((await fetch(`${url}/install/${name}`)).status, name).toBe(404)
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

it('npm refuses half a release and leaves the installed one; a removal leaves nothing', async () => {
  const half = join(prefix, 'half.tgz')
  copyFileSync(RELEASE, half)
  truncateSync(half, Math.floor(statSync(half).size / 2))
  await expect(npm(['install', half], prefix)).rejects.toThrow()
  const stopped = await run(command, ['stop', '--terminals', '--data-dir', dataDir], { env: cleanEnv() })
  expect(stopped.stderr).toContain('Stopped.')
  await npm(['uninstall', 'latchkey'], prefix)
  expect(readdirSync(join(prefix, 'bin'))).toEqual([])
  const left = readdirSync(join(prefix, 'lib/node_modules')).filter((name) => name !== '.package-lock.json')
  expect(left).toEqual([])
})
