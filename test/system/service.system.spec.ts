import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { brokerUnit, launchAgent, userUnit } from '../../apps/cli/src/service/units.ts'
import { cleanEnv, latchkey, temporaryFolder } from './up-process.ts'

const run = promisify(execFile)
/** systemd's own checker; distributions without systemd have none. */
const ANALYZERS = (cleanEnv()['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'systemd-analyze'))
  .filter(existsSync)
  .slice(0, 1)
/** Of 10 at most, where 10 is a service without any limit; ours is 1.2. */
const EXPOSURE_MAX = '20'

afterEach(cleanUp)

const plan = {
  command: 'run',
  start: [process.execPath, '/opt/50% of "it"/$HOME/latchkey.mjs'],
  dataDir: '/home/ada lovelace/.local/state/latchkey',
  envFile: '/home/ada lovelace/100%/service.env',
  home: '/home/ada lovelace',
} as const

function folder(): string {
  const { path, remove } = temporaryFolder()
  atCleanUp(remove)
  return path
}

it.each(ANALYZERS)(
  'systemd takes the user’s unit without a complaint, whatever is in its paths (%s)',
  async (analyze) => {
    const unit = join(folder(), 'latchkey.service')
    writeFileSync(unit, userUnit(plan))
    const { stdout, stderr } = await run(analyze, ['verify', '--user', '--man=no', unit], {
      env: cleanEnv({ XDG_RUNTIME_DIR: folder() }),
    })
    expect(stdout + stderr).toBe('')
  },
)

it.each(ANALYZERS)('systemd takes the broker’s unit, and finds it shut in (%s)', async (analyze) => {
  const unit = join(folder(), 'latchkey-broker.service')
  writeFileSync(unit, brokerUnit([process.execPath, '/usr/lib/node_modules/latchkey/dist/broker.js']))
  const { stdout, stderr } = await run(analyze, ['verify', '--man=no', unit])
  expect(stdout + stderr).toBe('')
  // Exits with a failure above the threshold.
  await run(analyze, ['security', '--offline=yes', `--threshold=${EXPOSURE_MAX}`, '--no-pager', unit])
})

it('a restart by systemd or launchd ends the main process alone, and a refusal is not repeated', () => {
  expect(userUnit(plan)).toMatch(/^KillMode=process$/m)
  expect(userUnit(plan)).toMatch(/^RestartPreventExitStatus=2 4$/m)
  expect(userUnit(plan), 'the pairing URL is in no log').toMatch(/^StandardOutput=null$/m)
  const agent = launchAgent({ ...plan, start: ['/a & <b>'] }, '/var/log/x')
  expect(agent).toMatch(/<key>AbandonProcessGroup<\/key><true\/>/)
  expect(agent).toContain('<string>/a &amp; &lt;b&gt;</string>')
})

/** A `systemctl` that writes down what it is asked, and fails at `failsAt`. */
function systemctl(failsAt = 'nothing') {
  const at = folder()
  const calls = join(at, 'calls')
  mkdirSync(join(at, 'bin'))
  writeFileSync(
    join(at, 'bin/systemctl'),
    `#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "$*" >> '${calls}'\ncase "$*" in *${failsAt}*) echo 'no bus' >&2; exit 1;; esac\n`,
    { mode: 0o755 },
  )
  const env = {
    HOME: at,
    XDG_CONFIG_HOME: join(at, 'config'),
    PATH: `${join(at, 'bin')}:${cleanEnv()['PATH']}`,
  }
  const service = (...words: string[]) => latchkey(['service', ...words, '--data-dir', join(at, 'data')], env)
  return {
    service,
    calls: () => readFileSync(calls, 'utf8').trim().split('\n'),
    unit: join(at, 'config/systemd/user/latchkey.service'),
    settings: join(at, 'config/latchkey/service.env'),
  }
}

it('a service is installed, restarted and taken away; its settings are a file for its user alone', async () => {
  const { service, calls, unit, settings } = systemctl()
  const installed = await service('install')
  expect(installed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('loginctl enable-linger') })
  expect(readFileSync(unit, 'utf8')).toContain(`"up" "--quiet" "--data-dir"`)
  expect(statSync(settings).mode & 0o777).toBe(0o600)
  writeFileSync(settings, 'LATCHKEY_PORT=7000\n')
  expect((await service('restart')).exitCode).toBe(0)
  expect((await service('install')).exitCode, 'twice is once').toBe(0)
  expect(readFileSync(settings, 'utf8'), 'settings stay').toBe('LATCHKEY_PORT=7000\n')
  expect((await service('uninstall')).exitCode).toBe(0)
  expect(existsSync(unit)).toBe(false)
  const name = 'latchkey.service'
  expect(calls().filter((call) => !call.includes('daemon-reload'))).toEqual([
    `--user enable --now ${name}`,
    `--user restart ${name}`,
    `--user enable --now ${name}`,
    `--user disable --now ${name}`,
  ])
})

it('a service that cannot start leaves no unit behind and says why', async () => {
  const { service, unit } = systemctl('enable')
  const { exitCode, stderr } = await service('install')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('no bus')
  expect(existsSync(unit)).toBe(false)
  expect((await service('restart')).stderr).toContain('none is installed')
  expect((await service('instal')).exitCode).toBe(2)
})
