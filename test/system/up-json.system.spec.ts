import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isAlive, latchkey, temporaryFolder, UpProcess } from './up-process.ts'

const jsonOf = async (args: readonly string[]): Promise<unknown> =>
  JSON.parse((await latchkey([...args, '--json'])).stdout)

it('up --json says ready first, and SIGTERM ends it with 0, leaving no process', async () => {
  const up = new UpProcess()
  const ready = await up.ready()
  expect(up.events[0]?.event).toBe('ready')
  expect(ready.code).toMatch(/^[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}$/)
  // The machine's key and a one-time secret, 32 and 16 bytes, behind the code, and whose link it is.
  const bare = ready.link.replace(/\.[\w-]{43}\.[\w-]{22}\.[a-z2-7]{26}$/, '')
  expect(bare).toBe(`${ready.url}/p#1.${ready.code.replaceAll('-', '')}`)
  expect(new URL(ready.url).hostname).toMatch(/^(127\.0\.0\.1|localhost)$/)
  expect(ready.expiresAt).toBeGreaterThan(Date.now())

  const { brokerPid, runnerPid } = up.upFile()
  expect(isAlive(brokerPid) && isAlive(runnerPid)).toBe(true)
  expect(statSync(join(up.dataDir, 'up.json')).mode & 0o777).toBe(0o600)
  expect(statSync(up.dataDir).mode & 0o777).toBe(0o700)

  const { exitCode } = await up.stop()
  expect(exitCode).toBe(0)
  expect(isAlive(brokerPid) || isAlive(runnerPid)).toBe(false)
})

it('a supervisor that is killed takes its processes with it', async () => {
  const up = new UpProcess()
  await up.ready()
  const { brokerPid, runnerPid } = up.upFile()
  up.child.kill('SIGKILL')
  await expect.poll(() => isAlive(brokerPid) || isAlive(runnerPid)).toBe(false)
  await up.stop()
})

it('secrets are in no argument, in no environment of a process, and in no log', async () => {
  const secret = 'canary-secret-0123456789abcdef0123456789'
  const env = {
    LATCHKEY_RUNNER_SECRET: secret,
    LATCHKEY_OPERATOR_SECRET: `${secret}-operator`,
    LATCHKEY_METRICS_TOKEN: `${secret}-metrics`,
    LATCHKEY_LOG: 'debug',
  }
  const up = new UpProcess({ env })
  const ready = await up.ready()
  const { brokerPid, runnerPid } = up.upFile()
  for (const pid of [up.child.pid, brokerPid, runnerPid])
    for (const shown of ['cmdline', 'environ'])
      expect(readFileSync(`/proc/${pid}/${shown}`, 'utf8')).not.toContain(secret)
  const token = new URL(ready.consoleUrl).hash.slice(1)
  const bare = ready.code.replaceAll('-', '')
  await up.stop()
  // The human lines on stderr show code and console URL on purpose; log lines are JSON and show neither.
  const logLines = up.errorText.split('\n').filter((line) => line.startsWith('{'))
  for (const hidden of [secret, ready.code, bare, token]) expect(logLines.join('\n')).not.toContain(hidden)
  expect(up.errorText).not.toContain(secret)
})

it('the enrolment secret is made at first start, for its owner alone', async () => {
  const up = new UpProcess()
  await up.ready()
  const { secretFile } = up.upFile()
  expect(statSync(secretFile).mode & 0o777).toBe(0o600)
  const secret = readFileSync(secretFile, 'utf8').trim()
  expect(secret.length).toBeGreaterThanOrEqual(32)
  expect(JSON.stringify(up.events)).not.toContain(secret)
  for (const name of readdirSync(up.dataDir).filter((each) => each.endsWith('.json')))
    expect(readFileSync(join(up.dataDir, name), 'utf8')).not.toContain(secret)
  await up.stop()
})

it('status tells what runs, also as JSON, and 3 when nothing does', async () => {
  const up = new UpProcess()
  const ready = await up.ready()
  const asked = await latchkey(['status', '--json', '--data-dir', up.dataDir])
  expect(asked.exitCode).toBe(0)
  const said = JSON.parse(asked.stdout)
  expect(said).toMatchObject({ event: 'status', running: true, url: ready.url })
  expect(said.runners[0]).toMatchObject({ runnerId: ready.runnerId, status: 'online' })
  const table = await latchkey(['status', '--data-dir', up.dataDir])
  expect(table.stdout).toContain('Runner')
  expect(await jsonOf(['bans', 'list', '--data-dir', up.dataDir])).toMatchObject({ bans: [], bansInAll: 0 })
  const nobody = await latchkey(['bans', 'lift', '192.0.2.7', '--data-dir', up.dataDir])
  expect(nobody).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('nobody of that name') })
  const here = ['--data-dir', up.dataDir]
  const made = await latchkey(['keys', 'make', 'ci', '--scope', 'devices:read', '--days', '9', ...here])
  const bearer = { headers: { authorization: `Bearer ${made.stdout.trim()}` } }
  expect((await fetch(`${ready.url}/nodes`, bearer)).status).toBe(200)
  const id = JSON.stringify(await jsonOf(['keys', 'list', ...here])).match(/key_\w+/)?.[0] ?? ''
  expect(await jsonOf(['keys', 'revoke', id, ...here])).toMatchObject({ apiKey: { status: 'revoked' } })
  expect((await fetch(`${ready.url}/nodes`, bearer)).status).toBe(401)
  expect(await latchkey(['keys', 'make', 'ci', '--scope', 'all', ...here])).toMatchObject({ exitCode: 2 })
  await up.stop()
  expect((await latchkey(['status', '--data-dir', up.dataDir])).exitCode).toBe(3)
})

it('a backup of a running broker brings its machine back: the same one, in another folder', async () => {
  const up = new UpProcess()
  const { runnerId } = await up.ready()
  const place = temporaryFolder()
  const [file, passphrase] = [join(place.path, 'backup'), join(place.path, 'passphrase')]
  writeFileSync(passphrase, 'four random words here\n')
  const sealed = [file, '--passphrase-file', passphrase]
  expect(await jsonOf(['backup', ...sealed, '--data-dir', up.dataDir])).toMatchObject({
    event: 'backup',
    database: true,
    sealed: true,
  })
  expect((await latchkey(['restore', ...sealed, '--data-dir', up.dataDir])).stderr).toContain('stop it first')
  await up.stop()
  const dataDir = join(place.path, 'again')
  expect((await latchkey(['restore', ...sealed, '--data-dir', dataDir])).exitCode).toBe(0)
  const again = new UpProcess({ args: ['--data-dir', dataDir] })
  expect((await again.ready()).runnerId).toBe(runnerId)
  await again.stop()
  place.remove()
})

it('a second up on the same data is refused and names the first', async () => {
  const up = new UpProcess()
  const { url } = await up.ready()
  const second = await latchkey(['up', '--local', '--port', '0', '--data-dir', up.dataDir])
  expect(second.exitCode).toBe(4)
  expect(second.stderr).toContain(url)
  await up.stop()
})
