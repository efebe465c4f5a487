import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { atCleanUp, cleanUp, testBroker } from '../../apps/broker/src/testing/harness.ts'
import { cleanEnv, LATCHKEY, latchkey, temporaryFolder } from './up-process.ts'

afterEach(cleanUp)

function place(): string {
  const { path, remove } = temporaryFolder()
  atCleanUp(remove)
  return path
}

describe('latchkey backup', () => {
  it('seals the folder of a running broker, and restores it with the same passphrase alone', async () => {
    const { dataDir } = await testBroker()
    const at = place()
    const [file, phrase, wrong] = ['sealed', 'phrase', 'wrong'].map((name) => join(at, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(phrase, 'four random words here\n')
    writeFileSync(wrong, 'four other words here\n')
    const secret = readFileSync(join(dataDir, 'operator-secret'), 'utf8').trim()

    const made = await latchkey(['backup', file, '--data-dir', dataDir, '--passphrase-file', phrase])
    expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('sealed') })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file).includes(secret)).toBe(false)
    expect(readdirSync(dataDir).filter((name) => name.startsWith('.'))).toEqual([])

    const again = join(at, 'again')
    const refused = await latchkey(['restore', file, '--data-dir', again, '--passphrase-file', wrong])
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('passphrase is wrong') })
    const restored = await latchkey(['restore', file, '--data-dir', again, '--passphrase-file', phrase])
    expect(restored.exitCode).toBe(0)
    expect(readFileSync(join(again, 'operator-secret'), 'utf8').trim()).toBe(secret)
    expect(readdirSync(at).toSorted()).toEqual(['again', 'phrase', 'sealed', 'wrong'])
  })

  it('seals nothing with a short passphrase or without one, and names the option', async () => {
    const { dataDir } = await testBroker()
    const at = place()
    writeFileSync(join(at, 'short'), 'short\n')
    const file = join(at, 'sealed')
    const short = await latchkey([
      'backup',
      file,
      '--data-dir',
      dataDir,
      '--passphrase-file',
      join(at, 'short'),
    ])
    expect(short).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('at least 12') })
    const none = await latchkey(['backup', file, '--data-dir', dataDir])
    expect(none).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('--passphrase-file') })
    expect(existsSync(file)).toBe(false)
    const plain = await latchkey(['backup', file, '--data-dir', dataDir, '--plain', '--json'])
    expect(JSON.parse(plain.stdout)).toMatchObject({ event: 'backup', sealed: false })
  })
})

describe('latchkey secret rotate', () => {
  it('makes a new operator’s secret; the broker takes it from its next start on, and the old one no more', async () => {
    const broker = await testBroker()
    const asked = async (url: string, secret: string) =>
      (await fetch(`${url}/operator/overview`, { headers: { authorization: `Bearer ${secret}` } })).status
    const read = () => readFileSync(join(broker.dataDir, 'operator-secret'), 'utf8').trim()
    const old = read()
    const rotated = await latchkey(['secret', 'rotate', 'operator', '--data-dir', broker.dataDir, '--json'])
    expect(JSON.parse(rotated.stdout)).toMatchObject({ event: 'secret', secret: 'operator' })
    expect(rotated.stdout + rotated.stderr).not.toContain(read())
    expect(read()).not.toBe(old)
    expect(await asked(broker.url, old)).toBe(200)
    const { url } = await broker.restart()
    expect([await asked(url, old), await asked(url, read())]).toEqual([401, 200])
  })

  it('changes nothing where a setting has the secret, or the word is none', async () => {
    const { dataDir } = await testBroker()
    const before = readFileSync(join(dataDir, 'operator-secret'), 'utf8')
    const args = ['secret', 'rotate', 'operator', '--data-dir', dataDir]
    const set = await latchkey(args, { LATCHKEY_OPERATOR_SECRET: 'a-secret-that-was-set-by-hand' })
    expect(set).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('LATCHKEY_OPERATOR_SECRET') })
    expect((await latchkey(['secret', 'rotate', 'all'])).exitCode).toBe(2)
    expect(readFileSync(join(dataDir, 'operator-secret'), 'utf8')).toBe(before)
  })
})

it('bash completes commands, words and options of this build', async () => {
  const at = place()
  mkdirSync(join(at, 'bin'))
  writeFileSync(join(at, 'bin', 'latchkey'), `#!/bin/sh\nexec ${process.execPath} ${LATCHKEY} "$@"\n`, {
    mode: 0o755,
  })
  const script = `source <(latchkey completion bash)
complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _latchkey; echo "\${COMPREPLY[*]}"; }
complete_line latchkey stat
complete_line latchkey bans l
complete_line latchkey backup --pl`
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    env: cleanEnv({ PATH: `${join(at, 'bin')}:${process.env['PATH'] ?? ''}` }),
  })
  expect(stdout.trim().split('\n')).toEqual(['status', 'list lift', '--plain'])
})
