import { useEnrolment } from '@latchkey/domain/device-pairing/devices'
import { defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { instant } from '@latchkey/domain/kernel'
import { expect, it, onTestFinished } from 'vitest'
import { StoreUnavailable } from '../store-unavailable.ts'
import { startPostgresServer } from '../testing/postgres-server.ts'
import { openPostgres, type PostgresDatabase } from './database.ts'
import { postgresPairingRepository } from './pairing.repository.ts'
import { Snapshots } from './snapshots.ts'

async function counted() {
  const server = await startPostgresServer()
  const db = await openPostgres(await server.createDatabase())
  onTestFinished(async () => {
    await db.close()
    await server.stop()
  })
  const count = { transactions: 0 }
  const counting: PostgresDatabase = {
    ...db,
    transaction: (work) => {
      count.transactions++
      return db.transaction(work)
    },
  }
  return { db: counting, count }
}

it('machines that come back together share their looks at the devices', async () => {
  const { db, count } = await counted()
  const repository = postgresPairingRepository(db)
  const machines = Array.from({ length: 500 }, (_, n) => `runner-${n}`)
  const found = await Promise.all(
    machines.map((runnerId) =>
      repository.run(useEnrolment({ runnerId, isProven: true }, defaultDeviceRules)),
    ),
  )
  expect(found.every((each) => each === null)).toBe(true)
  expect(count.transactions).toBeLessThanOrEqual(500 / 8)
})

it('a look that fails by itself fails alone; one that finds the server away takes along all that wait', async () => {
  const { db } = await counted()
  const snapshots = new Snapshots(db, async () => instant(0))
  const bug = snapshots.look(() => Promise.reject(new Error('a bug')))
  const good = snapshots.look(
    async (query) => (await query<{ one: number }>({ text: 'SELECT 1 AS one' }))[0]?.one,
  )
  await expect(bug).rejects.toThrow('a bug')
  expect(await good).toBe(1)
  await db.close()
  const late = await Promise.allSettled(Array.from({ length: 200 }, () => snapshots.look(async () => 'read')))
  for (const each of late)
    expect(each).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) })
})
