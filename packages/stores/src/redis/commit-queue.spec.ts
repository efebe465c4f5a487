import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { expect, it } from 'vitest'
import { startRedisServer } from '../testing/redis-server.ts'
import { openRedis } from './connection.ts'
import { redisPairingStore } from './pairing.store.ts'

it('comes to an end where what a decision writes depends on a record that another process wrote', async () => {
  const server = await startRedisServer()
  const [first, second] = await Promise.all(
    [0, 1].map(async () => redisPairingStore(await openRedis({ url: server.url }))),
  )
  if (!first || !second) throw new Error('two processes are two')
  await write(first, 'there')
  await write(first, 'counted')
  await second.run({
    keys: [{ kind: 'operator', id: 'counted' }],
    decide: (view) => ({
      writes: [],
      answer: view.get('operator', 'counted'),
    }),
  })
  // It knows "counted" alone, and writes it for want of "there"; once it knows "there", it writes that.
  const answer = await second.run({
    keys: [
      { kind: 'operator', id: 'there' },
      { kind: 'operator', id: 'counted' },
    ],
    decide: (view, now) => {
      view.get('operator', 'counted')
      const isThere = view.get('operator', 'there') !== undefined
      const value = { status: 'spent', until: now } as const
      const id = isThere ? 'there' : 'counted'
      return { writes: [{ put: 'operator', id, value, sweepAt: null }], answer: isThere }
    },
  })
  expect(answer).toBe(true)
  await Promise.all([first.close(), second.close()])
})

const write = (store: PairingStore, id: string): Promise<null> =>
  store.run({
    keys: [{ kind: 'operator', id }],
    decide: (_view, now) => ({
      writes: [{ put: 'operator', id, value: { status: 'spent', until: now }, sweepAt: null }],
      answer: null,
    }),
  })
