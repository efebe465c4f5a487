import { expect, it } from 'vitest'
import { parseRunnerSettings } from './settings.ts'

const LEAST = { LATCHKEY_BROKER_URL: 'http://127.0.0.1:6969' }

it('needs no more than the address of a broker', () => {
  expect(parseRunnerSettings({ ...LEAST, XDG_STATE_HOME: '/state' })).toMatchObject({
    ok: true,
    settings: {
      brokerUrl: 'http://127.0.0.1:6969',
      viewOnly: false,
      identityPath: '/state/latchkey/runner/identity.json',
    },
  })
})

it('lists everything that is wrong at once', () => {
  const parsed = parseRunnerSettings({ LATCHKEY_BROKER_URL: 'ftp://x', LATCHKEY_TERMINALS_MAX: '0' })
  expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.split(':')[0])).toEqual([
    'LATCHKEY_BROKER_URL',
    'LATCHKEY_TERMINALS_MAX',
  ])
})

it('a secret file that cannot be read is a problem, named', () => {
  const parsed = parseRunnerSettings({ ...LEAST, LATCHKEY_RUNNER_SECRET_FILE: '/no/such/file' })
  expect(parsed.ok ? [] : parsed.problems).toHaveLength(1)
})
