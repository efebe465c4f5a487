import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parseSettings } from './parse-settings.ts'
import { redisAddress } from './redis-address.ts'

function addressOf(env: Readonly<Record<string, string>>) {
  const decision = parseSettings({ flags: {}, env })
  if (!decision.ok) throw new Error(decision.refusal.join(' '))
  return redisAddress(decision.value)
}

it('a Redis is named by a URL, by parts or by sentinels, with user, TLS and authority', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-address-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'ca.pem')
  writeFileSync(file, 'an authority')
  expect(addressOf({})).toBeNull()
  expect(addressOf({ REDIS_URL: 'rediss://a:b@r.example/2', REDIS_CA: file })).toEqual({
    url: 'rediss://a:b@r.example/2',
    ca: 'an authority',
  })
  expect(
    addressOf({ REDIS_HOST: 'r.example', REDIS_USERNAME: 'a', REDIS_PASSWORD: 'b', REDIS_TLS: 'on' }),
  ).toEqual({
    host: 'r.example',
    port: 6379,
    username: 'a',
    password: 'b',
    isTls: true,
  })
  expect(
    addressOf({
      REDIS_SENTINELS: '10.0.0.5:26379,[2001:db8::1]:26380',
      REDIS_SENTINEL_PASSWORD: 's',
      REDIS_DB: '1',
    }),
  ).toEqual({
    sentinels: [
      { host: '10.0.0.5', port: 26379 },
      { host: '2001:db8::1', port: 26380 },
    ],
    name: 'mymaster',
    sentinelPassword: 's',
    db: 1,
    isTls: false,
  })
})
