import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSettings } from './read-settings.ts'
import { readSecrets, withSecrets } from './secret-sources.ts'
import { strayVariables } from './stray-variables.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const inFolder = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

function read(env: Readonly<Record<string, string>> = {}, flags: Readonly<Record<string, string>> = {}) {
  const decision = readSettings({ flags, env: { LATCHKEY_DATA_DIR: folder, ...env } })
  return decision.ok ? { ...decision.value, problems: [] } : { problems: decision.refusal }
}

describe('the config file', () => {
  it('is config.json in the data folder, below environment and flags', () => {
    inFolder('config.json', JSON.stringify({ port: 1, graceSeconds: 2, historySize: 3 }))
    expect(read({ LATCHKEY_GRACE: '20' }, { port: '10' })).toMatchObject({
      settings: { port: 10, graceSeconds: 20, historySize: 3 },
      configFile: join(folder, 'config.json'),
    })
  })

  it('is another one where one is named, by flag or environment', () => {
    inFolder('config.json', JSON.stringify({ historySize: 3 }))
    const other = inFolder('other.json', JSON.stringify({ historySize: 4 }))
    expect(read({}, { config: other })).toMatchObject({ settings: { historySize: 4 } })
    expect(read({ LATCHKEY_CONFIG: other })).toMatchObject({ settings: { historySize: 4 } })
    expect(read({ LATCHKEY_CONFIG: join(folder, 'none.json') }).problems).toHaveLength(1)
  })

  it('is listed among all problems at once, with unknown keys and files that are not there', () => {
    inFolder('config.json', JSON.stringify({ colour: 'red', alphabet: 'klingon' }))
    const { problems } = read({
      LATCHKEY_GRACE: 'soon',
      LATCHKEY_TLS_CERT: '/no/such/cert.pem',
      LATCHKEY_RUNNER_SECRET_FILE: '/no/such/secret',
    })
    for (const name of [
      '"colour"',
      'alphabet',
      'LATCHKEY_GRACE',
      'LATCHKEY_TLS_CERT',
      'LATCHKEY_RUNNER_SECRET_FILE',
    ])
      expect(problems.join('\n')).toContain(name)
    expect(problems).toHaveLength(5)
  })
})

describe('secrets', () => {
  const CANARY = 'canary-0123456789abcdef'

  it('come from files, one for each', () => {
    const file = inFolder('secret', `${CANARY}\n`)
    expect(read({ LATCHKEY_RUNNER_SECRET_FILE: file })).toMatchObject({
      settings: { runnerSecret: CANARY },
      secrets: { LATCHKEY_RUNNER_SECRET: CANARY },
    })
    expect(read({ DATABASE_URL_FILE: inFolder('url', 'postgres://u:p@d.example/l') })).toMatchObject({
      settings: { databaseUrl: 'postgres://u:p@d.example/l' },
    })
  })

  it('come over stdin, as lines or as JSON, and nothing else does', () => {
    for (const text of [
      `LATCHKEY_RUNNER_SECRET=${CANARY}\n`,
      JSON.stringify({ LATCHKEY_RUNNER_SECRET: CANARY }),
    ]) {
      const problems: string[] = []
      const env = withSecrets({ LATCHKEY_SECRETS: 'stdin' }, problems, () => text)
      expect([env['LATCHKEY_RUNNER_SECRET'], problems]).toEqual([CANARY, []])
    }
    const problems: string[] = []
    readSecrets('LATCHKEY_PORT=1\nnonsense', problems)
    expect(problems).toHaveLength(2)
  })

  it('that are given twice, or for two rights, are refused without being shown', () => {
    const file = inFolder('secret', CANARY)
    const twice = read({ LATCHKEY_RUNNER_SECRET: CANARY, LATCHKEY_RUNNER_SECRET_FILE: file }).problems
    const shared = read({ LATCHKEY_RUNNER_SECRET: CANARY, LATCHKEY_OPERATOR_SECRET: CANARY }).problems
    expect(twice.join()).toContain('given twice')
    expect(shared.join()).toContain('are the same secret')
    expect([...twice, ...shared].join()).not.toContain(CANARY)
  })
})

describe('variables that are no settings', () => {
  it('are told with the name that was probably meant', () => {
    expect(strayVariables({ LATCHKEY_TRUSTED_PROXYS: '10.0.0.1', LATCHKEY_XYZZY: '1', HOME: '/' })).toEqual([
      'LATCHKEY_TRUSTED_PROXYS is no setting. Did you mean LATCHKEY_TRUSTED_PROXIES?',
      'LATCHKEY_XYZZY is no setting.',
    ])
    expect(
      strayVariables({ LATCHKEY_PORT: '1', LATCHKEY_SHELL: '/bin/sh', DATABASE_URL_FILE: '/f' }),
    ).toEqual([])
  })

  it('but describe services of a cluster are ignored, with one hint', () => {
    const services = {
      LATCHKEY_SERVICE_HOST: '10.96.0.7',
      LATCHKEY_SERVICE_PORT: '6969',
      LATCHKEY_SERVICE_PORT_HTTP: '6969',
      LATCHKEY_PORT: 'tcp://10.96.0.7:6969',
      LATCHKEY_PORT_6969_TCP: 'tcp://10.96.0.7:6969',
      LATCHKEY_PORT_6969_TCP_PROTO: 'tcp',
      LATCHKEY_PORT_6969_TCP_PORT: '6969',
      LATCHKEY_PORT_6969_TCP_ADDR: '10.96.0.7',
      REDIS_PORT: 'tcp://10.96.0.8:6379',
      REDIS_SERVICE_HOST: '10.96.0.8',
    }
    const found = read(services)
    expect(found).toMatchObject({ problems: [], warnings: [expect.stringContaining('enableServiceLinks')] })
    expect(found).not.toHaveProperty('settings.port', expect.anything())
    // A variable set by hand counts beside them.
    expect(read({ ...services, LATCHKEY_PORT: '7070' })).toMatchObject({ settings: { port: 7070 } })
  })
})
