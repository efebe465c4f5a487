import { execFile } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeFileList } from '../../apps/broker/src/install/file-list.ts'
import { installScript } from '../../apps/broker/src/install/install-script.ts'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { sha256Of } from '../../apps/cli/src/install/release.ts'
import { endKeeper } from '../../apps/runner/src/testing/keeper-under-test.ts'
import { RELEASE, VERSION } from './installed-release.ts'
import { PersonTerminal } from './person-terminal.ts'
import { cleanEnv, Program, temporaryFolder } from './up-process.ts'

const run = promisify(execFile)
/** So many busy terminals live through the updates; CONTRIBUTING.md has the full number. */
const TERMINALS = Number(process.env['LATCHKEY_UPDATED_TERMINALS'] ?? 2)
const UPDATES = TERMINALS > 2 ? 3 : 1
const LINES = 300
const COUNTING = `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo line-$i-end; sleep 0.03; done\r`

const BINARIES = 'dist/node_modules/better-sqlite3/prebuilds'

const { path: home, remove } = temporaryFolder()
const installed = join(home, '.local/share/latchkey')
const command = join(installed, 'current/bin/latchkey.mjs')
const dataDir = join(home, 'data')
const env = {
  HOME: home,
  LATCHKEY_NODE: process.execPath,
  LATCHKEY_END_TERMINALS: '',
  LATCHKEY_DATA_DIR: dataDir,
}

/** A server in the place of a broker that hands out one release. */
async function brokerWith(tarball: string, version: string) {
  const file = { name: basename(tarball), sha256: await sha256Of(tarball) }
  const script = installScript({ version, tarball: file, tarballBytes: statSync(tarball).size, node: null })
  const server = createServer((request, response) =>
    response.end(request.url === '/install' ? script : readFileSync(tarball)),
  )
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  atCleanUp(() => server.close())
  const { port } = server.address() as AddressInfo
  writeFileSync(join(home, 'install'), script)
  return { url: `http://127.0.0.1:${port}`, scriptHash: await sha256Of(join(home, 'install')) }
}

/** The same release under another version, changed by `change`, and damaged after its files were listed. */
async function release(version: string, change = (_folder: string) => {}, damage = change): Promise<string> {
  const folder = join(home, `release-${version}`)
  mkdirSync(folder)
  await run('tar', ['-xzf', RELEASE, '--strip-components=1', '-C', folder])
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }))
  // Of other platforms, to save the time of packing them.
  for (const file of readdirSync(join(folder, BINARIES)))
    if (!file.startsWith(`${process.platform}-${process.arch}`)) rmSync(join(folder, BINARIES, file))
  change(folder)
  const tarball = join(home, `latchkey-${version}.tgz`)
  writeFileList(folder)
  if (damage !== change) damage(folder)
  // Packed quickly: nothing here depends on the bytes.
  await run('/bin/sh', ['-c', `tar -C '${folder}' -cf - . | gzip -1 > '${tarball}'`])
  return tarball
}

const latchkey = (...args: string[]) =>
  run(process.execPath, [command, ...args], { env: cleanEnv(env) }).catch(
    (problem: { readonly stderr: string; readonly stdout: string }) => problem,
  )
const versionHere = async () => (await latchkey('--version')).stdout.split(' ')[1]
const update = (...args: string[]) => latchkey('update', ...args)

beforeAll(async () => {
  const broker = await brokerWith(RELEASE, VERSION)
  await run('/bin/sh', [join(home, 'install'), broker.url], { env: cleanEnv(env) })
})
afterAll(async () => {
  await cleanUp()
  await endKeeper(join(dataDir, 'runner'))
  remove()
})

/** The pairing URL after the last one was used. */
const nextLink = async (up: Program) =>
  String((await up.next(({ event }) => event === 'pairing-link'))['link'])

it('updates and a way back under busy terminals end none of them, and lose no byte', async () => {
  let port = '0'
  const start = async () => {
    const up = new Program(['up', '--local', '--port', port], env, command)
    const { url, link } = await up.next(({ event }) => event === 'ready')
    port = new URL(String(url)).port
    return { up, link: String(link) }
  }
  let running = await start()
  atCleanUp(() => running.up.stop())
  const screens: PersonTerminal[] = []
  for (let each = 0; each < TERMINALS; each++) {
    const link = each === 0 ? running.link : await nextLink(running.up)
    const words = ['attach', link, '--terminal', `busy-${each}`]
    // A credential has one connection: each person has keys of their own.
    const own = { ...env, LATCHKEY_DATA_DIR: join(home, `person-${each}`) }
    const screen = new PersonTerminal(process.execPath, [command, ...words], own)
    atCleanUp(() => screen.kill())
    await screen.sees(/[$#%>] *$/m)
    screen.type(COUNTING)
    await screen.sees('line-5-end')
    screens.push(screen)
  }
  const releases: string[] = []
  for (let each = 1; each <= UPDATES; each++) releases.push(await release(`0.1.${each}`))
  for (const step of [...releases, '--rollback']) {
    expect((await update(step)).stderr).toContain('Stop it and start it again: terminals go on.')
    // As a service manager does it: the main process alone is ended.
    await running.up.stop()
    running = await start()
  }
  expect(await versionHere()).toBe(`0.1.${UPDATES - 1}`)
  for (const screen of screens) {
    screen.type('echo all-$((1+1))-done\r')
    await screen.sees('all-2-done', 120_000)
    const numbers = (await screen.lines()).flatMap((line) => /^line-(\d+)-end$/.exec(line)?.[1] ?? [])
    expect(numbers).toEqual(Array.from({ length: LINES }, (_, index) => String(index + 1)))
  }
})

it('half a release, a changed one, one that does not start, and one with another hash change nothing', async () => {
  const before = await versionHere()
  const pointed = readlinkSync(join(installed, 'current'))
  const half = join(home, 'half.tgz')
  copyFileSync(RELEASE, half)
  truncateSync(half, 1_000_000)
  const changed = await release(
    '0.2.0',
    () => {},
    (folder) => appendFileSync(join(folder, 'dist/broker.js'), '//'),
  )
  const broken = await release('0.2.1', (folder) => writeFileSync(join(folder, 'dist/main.js'), 'throw 1'))
  const cases: [string[], string][] = [
    [[half], 'cannot be unpacked'],
    [[changed], 'dist/broker.js'],
    [[broken], 'does not run here'],
    [[RELEASE, '--hash', '0'.repeat(64)], 'has the SHA-256'],
    [[join(home, 'nothing.tgz')], 'there is no file'],
  ]
  for (const [args, words] of cases) {
    const { stderr } = await update(...args)
    expect(stderr).toContain(words)
    expect(stderr).toContain(`Latchkey ${before} stays`)
  }
  expect(readlinkSync(join(installed, 'current'))).toBe(pointed)
})

it('a broker’s release is taken with the hash that its console shows, and never without a word', async () => {
  const broker = await brokerWith(await release('0.3.0'), '0.3.0')
  const unasked = await update('--broker', broker.url)
  expect(unasked.stderr).toContain(`update --hash ${broker.scriptHash}`)
  expect((await update('--broker', broker.url, '--hash', '0'.repeat(64))).stderr).toContain('not 0000')
  expect(await versionHere()).not.toBe('0.3.0')
  await update('--broker', broker.url, '--hash', broker.scriptHash)
  expect(await versionHere()).toBe('0.3.0')
  expect((await update('--broker', 'http://127.0.0.1:1', '--hash', broker.scriptHash)).stderr).toContain(
    'cannot be reached',
  )
  expect(await versionHere()).toBe('0.3.0')
})
