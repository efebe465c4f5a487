import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { cleanEnv, latchkey, temporaryFolder } from './up-process.ts'

/** Indented, and a call of the command line. */
const isExample = (line: string): boolean => /^ {2}\S/.test(line) && line.includes('latchkey ')

it('--help begins with three examples, for every command', async () => {
  for (const args of [
    ['--help'],
    ['up', '--help'],
    ['run', '--help'],
    ['attach', '--help'],
    ['join', '--help'],
    ['status', '-h'],
  ]) {
    const { exitCode, stdout } = await latchkey(args)
    expect(exitCode).toBe(0)
    const paragraphs = stdout.split('\n\n').map((paragraph) => paragraph.split('\n').filter(isExample))
    const first = paragraphs.findIndex((examples) => examples.length > 0)
    expect(first).toBeLessThanOrEqual(1)
    expect(paragraphs[first]).toHaveLength(3)
  }
})

it('--version says the release and the protocol', async () => {
  const { exitCode, stdout } = await latchkey(['--version'])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^latchkey \d+\.\d+\.\d+ \(protocol \d+\)\n$/)
})

it('starts without what it does not use: of Node’s own modules no client of HTTP', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const listing = join(folder.path, 'listing.cjs')
  writeFileSync(listing, "process.on('exit', () => console.error(process.moduleLoadList.join('\\n')))")
  const { stderr } = await latchkey(['--version'], { NODE_OPTIONS: `--require ${listing}` })
  expect(stderr).toContain('NativeModule net')
  expect(stderr).not.toMatch(/undici|http2/)
})

it('`npx latchkey` in a clone is this command, also on the Node that the host has', async () => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  // The environment of a person's shell: no package manager's variables, and the host's own Node.
  const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/latchkey'), ['--version'], {
    cwd: tmpdir(),
    env: cleanEnv(),
  })
  expect(stdout).toMatch(/^latchkey \d+\.\d+\.\d+ \(protocol \d+\)\n$/)
})

it('a slip of the fingers is met with what was meant, and exit code 2', async () => {
  const command = await latchkey(['statsu'])
  expect(command).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"npx latchkey status"') })
  const other = await latchkey(['devices'])
  expect(other).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('latchkey apps') })
  const option = await latchkey(['up', '--prot', '7000'])
  expect(option).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--port') })
})

it('wrong settings are all listed at once, and exit code 2', async () => {
  const env = { LATCHKEY_PORT: 'high', LATCHKEY_PUBLIC_URL: 'not a url' }
  const { exitCode, stderr, stdout } = await latchkey(['up', '--json'], env)
  expect(exitCode).toBe(2)
  expect(stderr).toContain('LATCHKEY_PORT')
  expect(stderr).toContain('LATCHKEY_PUBLIC_URL')
  expect(JSON.parse(stdout)).toMatchObject({ event: 'refused', exitCode: 2, problems: { length: 2 } })
  const unknown = await latchkey(['up', '--json', '--prot', '7000'])
  expect(JSON.parse(unknown.stdout)).toMatchObject({ event: 'refused', exitCode: 2 })
})

it('a port that was insisted on and is taken is a failure that says so', async () => {
  const folder = temporaryFolder()
  const holder = createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const { exitCode, stderr } = await latchkey([
    'up',
    '--local',
    '--port',
    String(port),
    '--data-dir',
    folder.path,
  ])
  holder.close()
  folder.remove()
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`${port}`)
  expect(stderr).toContain('--port')
})

it('a machine is not opened inside itself', async () => {
  for (const command of ['up', 'run']) {
    const { exitCode, stderr } = await latchkey([command], { LATCHKEY: '1' })
    expect(exitCode).toBe(4)
    expect(stderr).toContain('opened by Latchkey')
  }
})

it('run without a broker to reach names what is missing', async () => {
  const { exitCode, stderr } = await latchkey(['run'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('--broker')
  expect(stderr).toContain('LATCHKEY_RUNNER_SECRET')
})

it('a broker that is not there is exit code 3', async () => {
  const holder = createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  holder.close()
  const folder = temporaryFolder()
  const args = ['attach', `http://127.0.0.1:${port}/p#1.K7M2PQX3B`]
  const { exitCode } = await latchkey(args, { LATCHKEY_DATA_DIR: folder.path, XDG_STATE_HOME: folder.path })
  folder.remove()
  expect(exitCode).toBe(3)
})
