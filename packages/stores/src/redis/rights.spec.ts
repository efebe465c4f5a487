import { afterAll, beforeAll, expect, test } from 'vitest'
import { MissingRights } from '../missing-rights.ts'
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts'
import { openRedis, type RedisConnection } from './connection.ts'

const NAMESPACES = { namespaces: ['/'] }
let server: RedisServer
let admin: RedisConnection
beforeAll(async () => {
  server = await startRedisServer()
  admin = await openRedis({ url: server.url })
})
afterAll(async () => {
  await admin.close()
  await server.stop()
})

/** Opens as a user with exactly these rights; answers with the refusal, or null when it opened. */
async function openedAs(...rights: readonly string[]): Promise<string | null> {
  await admin.redis.call('ACL', 'SETUSER', 'broker', 'reset', 'on', '>pass', ...rights)
  const url = server.url.replace('redis://', 'redis://broker:pass@')
  try {
    await (await openRedis({ url }, NAMESPACES)).close()
    return null
  } catch (problem) {
    if (!(problem instanceof MissingRights)) throw problem
    return problem.why
  }
}

test('a user who may do everything opens, and so does one with the line that a refusal names', async () => {
  expect(await openedAs('~*', '&*', '+@all')).toBeNull()
  const told = await openedAs('~*', '&*', '+@all', '-lpush')
  const [, line = ''] = told?.split('ACL SETUSER broker ') ?? []
  expect(await openedAs(...line.split(' ')), line).toBeNull()
})

test.each([
  [['~*', '&*', '+@all', '-lpush'], 'the commands LPUSH'],
  [['~*', '&*', '+@all', '-pexpire', '-srem'], 'the commands PEXPIRE SREM'],
  [['~*', '&*', '+@all', '-publish'], 'the commands PUBLISH'],
  [['~*', '&*', '+@all', '-psubscribe'], 'the commands PSUBSCRIBE'],
  [['~*', '&*', '+@all', '-eval'], 'the command EVAL'],
  [['~*', '&*', '+@all', '-evalsha'], 'the commands EVALSHA'],
  [['~*', '&*', '+@all', '-info'], 'the commands INFO'],
  [['~pairing:*', '~runner:*', '~latchkey:[^h]*', '&*', '+@all'], 'the keys ~latchkey:history:*'],
  [['~latchkey:*', '~runner:*', '&*', '+@all'], '~pairing:code:*'],
  [['~*', '+@all'], 'the channels &latchkey-0#/#*'],
  [['~*', '&latchkey-0#*', '&latchkey-0-re*', '+@all'], 'the channels &latchkey-0#/#*'],
])('a user with %j is refused by name', async (rights, named) => {
  const told = await openedAs(...rights)
  expect(told).toContain('its user "broker"')
  expect(told).toContain(named)
  expect(told).not.toContain('pass')
})

test('who tells other brokers nothing needs no channels', async () => {
  await admin.redis.call('ACL', 'SETUSER', 'alone', 'reset', 'on', '>pass', '~*', '+@all')
  const connection = await openRedis({ url: server.url.replace('redis://', 'redis://alone:pass@') })
  expect(connection.isReady()).toBe(true)
  await connection.close()
})
