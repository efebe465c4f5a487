import { Client } from 'pg'
import { afterEach, expect, test } from 'vitest'
import { startPostgresServer } from './postgres-server.ts'

const clients: Client[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})))
})

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  clients.push(client)
  return client
}

test('each database is empty and apart, and what was committed is there after a kill', async () => {
  const server = await startPostgresServer({ durable: true })
  const first = await connect(server.url)
  await first.query('CREATE TABLE kept (value text)')
  await first.query(`INSERT INTO kept VALUES ('first')`)
  const second = await connect(await server.createDatabase())
  await expect(second.query('SELECT * FROM kept')).rejects.toThrow('does not exist')
  await server.kill()
  await expect(first.query('SELECT 1')).rejects.toThrow()
  await server.start()
  const again = await connect(server.url)
  expect((await again.query('SELECT value FROM kept')).rows).toEqual([{ value: 'first' }])
  await server.stop()
})

test('a paused server answers nothing until it is resumed', async () => {
  const server = await startPostgresServer()
  const client = await connect(server.url)
  await client.query('SELECT 1')
  server.pause()
  let answered = false
  const answer = client.query('SELECT 1').then(() => {
    answered = true
  })
  // Another server, asked later, has started and answered meanwhile.
  const other = await startPostgresServer()
  await (await connect(other.url)).query('SELECT 1')
  expect(answered).toBe(false)
  await other.stop()
  server.resume()
  await answer
  await server.stop()
})
