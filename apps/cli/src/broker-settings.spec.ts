import { settingsTable } from '@latchkey/broker/config/settings'
import { expect, it } from 'vitest'
import { readArguments } from './arguments.ts'
import { withoutSecrets } from './broker-settings.ts'
import { upCommand } from './up/up.ts'

it('up takes every flag that the table of settings prints', () => {
  for (const { flag, unit } of settingsTable) {
    if (flag === null) continue
    const args = unit === 'on/off' ? [`--${flag}`] : [`--${flag}`, 'x']
    expect(readArguments(upCommand, args), flag).toMatchObject({ ok: true })
  }
})

it('a child gets no secret by its environment, and no way to one', () => {
  const secrets = settingsTable.flatMap(({ flag, env }) => (flag === null ? [env, `${env}_FILE`] : []))
  const env = {
    ...Object.fromEntries(secrets.map((name) => [name, 'canary'])),
    PATH: '/bin',
    LATCHKEY_PORT: '1',
  }
  expect(withoutSecrets(env)).toEqual({ PATH: '/bin', LATCHKEY_PORT: '1' })
})
