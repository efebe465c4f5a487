import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { startRedisServer } from './redis-server.ts'

const clients: Redis[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect()
})

function clientOf(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 20 })
  client.on('error', () => {})
  clients.push(client)
  return client
}

test('two servers share neither port nor data', async () => {
  const [first, second] = await Promise.all([startRedisServer(), startRedisServer()])
  await clientOf(first.url).set('key', 'first')
  expect(await clientOf(second.url).get('key')).toBeNull()
  await Promise.all([first.stop(), second.stop()])
})

test('it comes back empty, or with its data when it keeps a file', async () => {
  const forgetful = await startRedisServer()
  await clientOf(forgetful.url).set('key', 'value')
  await forgetful.restartEmpty()
  expect(await clientOf(forgetful.url).get('key')).toBeNull()

  const durable = await startRedisServer({ appendOnly: true })
  await clientOf(durable.url).set('key', 'value')
  await durable.kill()
  await durable.start()
  expect(await clientOf(durable.url).get('key')).toBe('value')
  await durable.restartEmpty()
  expect(await clientOf(durable.url).get('key')).toBeNull()
  await Promise.all([forgetful.stop(), durable.stop()])
})

test('a paused server answers nothing until it is resumed', async () => {
  const server = await startRedisServer()
  const client = clientOf(server.url)
  await client.ping()
  server.pause()
  let answered = false
  const pong = client.ping().then(() => {
    answered = true
  })
  // Another server, asked later, has started and answered meanwhile.
  const other = await startRedisServer()
  await clientOf(other.url).ping()
  expect(answered).toBe(false)
  await other.stop()
  server.resume()
  await pong
  await server.stop()
})
