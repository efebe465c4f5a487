import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRedis } from '@latchkey/stores/redis/connection'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { generate } from 'selfsigned'
import { expect, it, onTestFinished } from 'vitest'
import { parseSettings } from '../config/parse-settings.ts'
import { redisAddress } from '../config/redis-address.ts'

function addressOf(env: Readonly<Record<string, string>>) {
  const decision = parseSettings({ flags: {}, env })
  const address = decision.ok ? redisAddress(decision.value) : null
  if (address === null) throw new Error(JSON.stringify(decision))
  return address
}

it('TLS is spoken with a Redis whose authority the settings name, and with no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const made = await generate([{ name: 'commonName', value: 'redis' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(certificate, made.cert)
  writeFileSync(key, made.private)
  const server = await startRedisServer()
  // The helper has a plain port: TLS is on another one, above those that the helper draws.
  const port = String(server.port + 10_000)
  const { redis, close } = await openRedis({ url: server.url })
  const tls = { 'tls-cert-file': certificate, 'tls-key-file': key, 'tls-ca-cert-file': certificate }
  await redis.call('CONFIG', 'SET', ...Object.entries(tls).flat(), 'tls-auth-clients', 'no', 'tls-port', port)
  await close()
  for (const env of [
    { REDIS_URL: `rediss://127.0.0.1:${port}`, REDIS_CA: certificate },
    { REDIS_HOST: '127.0.0.1', REDIS_PORT: port, REDIS_TLS: 'on', REDIS_CA: certificate },
  ]) {
    const open = await openRedis(addressOf(env))
    expect(await open.redis.ping()).toBe('PONG')
    await open.close()
  }
  const strange = openRedis(addressOf({ REDIS_URL: `rediss://127.0.0.1:${port}` }), { openTimeoutMs: 500 })
  await expect(strange).rejects.toThrow(/certificate/)
  await server.stop()
})
