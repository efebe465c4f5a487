import { describe, expect, it } from 'vitest'
import { helpText } from './help.ts'
import { parseSettings } from './parse-settings.ts'
import { defaultSettings, settingsTable } from './settings.ts'

const parse = (sources: Partial<Parameters<typeof parseSettings>[0]>) =>
  parseSettings({ flags: {}, env: {}, ...sources })

function problemsOf(sources: Partial<Parameters<typeof parseSettings>[0]>): readonly string[] {
  const decision = parse(sources)
  return decision.ok ? [] : decision.refusal
}

describe('settings', () => {
  it('are complete when nobody sets any', () => {
    expect(parse({})).toEqual({ ok: true, value: defaultSettings() })
    expect(defaultSettings()).toMatchObject({
      host: '0.0.0.0',
      local: false,
      foreignClients: false,
      codeLifeSeconds: 86_400,
      graceSeconds: 60,
      historySize: 1_000,
      maxRetries: 3,
      allowedOrigins: [],
      https: 'off',
    })
    expect(defaultSettings().port).toBeUndefined()
  })

  it('come from flags before environment before config file', () => {
    const sources = {
      flags: { port: '1' },
      env: { LATCHKEY_PORT: '2', LATCHKEY_GRACE: '5' },
      file: { port: 3, graceSeconds: 6, historySize: 7 },
    }
    const decision = parse(sources)
    expect(decision.ok && decision.value).toMatchObject({ port: 1, graceSeconds: 5, historySize: 7 })
  })

  it('are read from lists, switches and numbers, as text or as JSON', () => {
    const decision = parse({
      flags: { local: true },
      env: {
        LATCHKEY_ALLOWED_ORIGINS: 'https://a.example, http://b.example:81',
        LATCHKEY_FOREIGN_CLIENTS: 'yes',
      },
      file: { trustedProxies: ['10.0.0.0/8', '::1'] },
    })
    expect(decision.ok && decision.value).toMatchObject({
      local: true,
      foreignClients: true,
      allowedOrigins: ['https://a.example', 'http://b.example:81'],
      trustedProxies: ['10.0.0.0/8', '::1'],
    })
  })

  it('report every problem at once, each with the name it was set by', () => {
    const problems = problemsOf({
      flags: { port: '70000', colour: 'red' },
      env: {
        LATCHKEY_GRACE: 'soon',
        LATCHKEY_RUNNER_SECRET: 'hunter2',
        LATCHKEY_PUBLIC_URL: 'https://a.example/path',
      },
      file: { alphabet: 'klingon', unknown: 1, host: {} },
    })
    expect(problems).toHaveLength(8)
    for (const name of [
      '--port',
      '--colour',
      'LATCHKEY_GRACE',
      'LATCHKEY_RUNNER_SECRET',
      'LATCHKEY_PUBLIC_URL',
      'alphabet',
      '"unknown"',
      'host',
    ]) {
      expect(
        problems.some((problem) => problem.includes(name)),
        name,
      ).toBe(true)
    }
    expect(problems.join(), 'no secret in a message').not.toContain('hunter2')
  })

  it('name a Sentry by its project, or are refused', () => {
    const [problem, ...more] = problemsOf({ env: { SENTRY_DSN: 'x' } })
    expect(problem).toContain('SENTRY_DSN')
    expect(more).toEqual([])
    expect(problemsOf({ env: { SENTRY_DSN: 'https://key@sentry.example.com/42' } })).toEqual([])
    expect(problemsOf({ env: { SENTRY_DSN: '' } })).toEqual([])
  })

  it('that contradict each other are refused', () => {
    expect(problemsOf({ flags: { https: 'files' } })).toHaveLength(1)
    expect(problemsOf({ flags: { 'tls-cert': 'a', 'tls-key': 'b' } })).toHaveLength(1)
    expect(problemsOf({ flags: { https: 'files', 'tls-cert': 'a', 'tls-key': 'b' } })).toEqual([])
  })

  it('say where Redis and PostgreSQL are, by URL or in the founding parts, and never on the command line with a password', () => {
    const redis = { REDIS_HOST: 'r.example', REDIS_PORT: '6380', REDIS_PASSWORD: 'pw', REDIS_DB: '3' }
    const decision = parse({ env: { ...redis, DATABASE_URL: 'postgres://u:pw@d.example/l' } })
    expect(decision.ok && decision.value).toMatchObject({
      redisHost: 'r.example',
      redisPort: 6380,
      redisPassword: 'pw',
      redisDb: 3,
      databaseUrl: 'postgres://u:pw@d.example/l',
    })
    expect(problemsOf({ env: { REDIS_URL: 'redis://:pw@r.example:6379/1' } })).toEqual([])
    expect(problemsOf({ env: { REDIS_URL: 'redis://r.example', REDIS_DB: '1' } })).toHaveLength(1)
    for (const path of ['/production', '/1/2'])
      expect(problemsOf({ env: { REDIS_URL: `redis://r.example${path}` } })).toHaveLength(1)
    const sentinels = { REDIS_SENTINELS: '10.0.0.5:26379, [::1]:26379', REDIS_USERNAME: 'broker' }
    expect(problemsOf({ env: sentinels })).toEqual([])
    for (const wrong of [
      { ...sentinels, REDIS_HOST: 'r.example' },
      { REDIS_SENTINELS: '10.0.0.5' },
      { REDIS_URL: 'rediss://r.example', REDIS_TLS: 'on' },
      { REDIS_URL: 'redis://r.example', REDIS_CA: 'ca.pem' },
      { REDIS_USERNAME: 'broker' },
    ])
      expect(problemsOf({ env: wrong }), JSON.stringify(wrong)).toHaveLength(1)
    expect(problemsOf({ env: { REDIS_PORT: '1' } })).toHaveLength(1)
    expect(problemsOf({ env: { REDIS_URL: 'http://:hunter2@r.example' } }).join()).not.toContain('hunter2')
    expect(problemsOf({ env: { DATABASE_URL: 'mysql://x' } })).toHaveLength(1)
    const secret = ['redisUrl', 'redisPassword', 'databaseUrl']
    for (const name of secret) expect(settingsTable.find((row) => row.name === name)?.flag).toBeNull()
  })

  it('have one row each, one name per source, and a place in the help', () => {
    expect(settingsTable.map(({ name }) => name)).toEqual(Object.keys(defaultSettingsWithUnset()))
    const unique = (values: readonly (string | null)[]) =>
      new Set(values.filter((value) => value !== null)).size
    expect(unique(settingsTable.map(({ env }) => env))).toBe(settingsTable.length)
    const flags = settingsTable.map(({ flag }) => flag)
    expect(unique(flags)).toBe(flags.filter((flag) => flag !== null).length)
    const help = helpText()
    for (const { env, flag } of settingsTable) expect(help).toContain(flag === null ? env : `--${flag}`)
    expect(settingsTable.find(({ name }) => name === 'runnerSecret')?.flag, 'arguments are public').toBeNull()
  })
})

const defaultSettingsWithUnset = () => Object.fromEntries(settingsTable.map(({ name }) => [name, null]))
