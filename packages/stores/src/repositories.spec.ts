import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectPairing, startPairing, verifyPairing } from '@latchkey/domain/device-pairing/join'
import type { MeshOperation, MeshWrite } from '@latchkey/domain/device-pairing/ports'
import { defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { describe, expect, it } from 'vitest'
import { brokenInvariants } from './contract/mesh-invariants.ts'
import { deviceOf, digest, pinFor } from './contract/mesh-script.ts'
import { pairingRepositoryContract } from './contract/pairing-repository.contract.ts'
import { memoryPairingRepository } from './memory/pairing.repository.ts'
import { openPostgres } from './postgres/database.ts'
import { postgresPairingRepository } from './postgres/pairing.repository.ts'
import { openSqlite } from './sqlite/database.ts'
import { sqlitePairingRepository } from './sqlite/pairing.repository.ts'
import { type PostgresServer, startPostgresServer } from './testing/postgres-server.ts'

/** The device pairing port's adapters: the same suite for each. */

pairingRepositoryContract(
  'memory',
  async (clock) => {
    const repository = memoryPairingRepository({ clock })
    return { repository, elsewhere: repository, reopen: null, dispose: async () => {} }
  },
  { scripts: 60 },
)

pairingRepositoryContract(
  'sqlite',
  async (clock) => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-repository-'))
    const open = () => openSqlite(join(folder, 'latchkey.db'))
    const opened = [await open(), await open()] as const
    return {
      repository: sqlitePairingRepository(opened[0], { clock }),
      elsewhere: sqlitePairingRepository(opened[1], { clock }),
      reopen: async () => {
        for (const db of opened) db.close()
        return sqlitePairingRepository(await open(), { clock })
      },
      dispose: async () => {
        for (const db of opened) db.close()
        rmSync(folder, { recursive: true })
      },
    }
  },
  { scripts: 15 },
)

let postgres: Promise<PostgresServer> | null = null

pairingRepositoryContract(
  'postgres',
  async (clock) => {
    postgres ??= startPostgresServer()
    const url = await (await postgres).createDatabase()
    const opened = [await openPostgres(url), await openPostgres(url)]
    const [here, there] = opened
    if (here === undefined || there === undefined) throw new Error('two pools were opened')
    return {
      repository: postgresPairingRepository(here, { clock }),
      elsewhere: postgresPairingRepository(there, { clock }),
      reopen: async () => {
        await here.close()
        const again = await openPostgres(url)
        opened.push(again)
        return postgresPairingRepository(again, { clock })
      },
      dispose: async () => {
        for (const db of opened) await db.close()
      },
    }
  },
  { scripts: 8 },
)

it('while PostgreSQL hangs, everybody is told so, and nobody waits for all the others; then it goes on', async () => {
  const server = await startPostgresServer()
  const db = await openPostgres(server.url)
  const repository = postgresPairingRepository(db)
  const start = (name: string) => {
    return repository.run(
      startPairing({ token: digest(name), name: null }, { ...defaultDeviceRules, openPairingsMax: 100 }),
    )
  }
  expect((await start('before')).ok).toBe(true)
  server.pause()
  const hanging = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) => start(`hanging ${index}`)),
  )
  expect(hanging.map(({ status }) => status)).toEqual(Array(30).fill('rejected'))
  server.resume()
  let after = await Promise.allSettled([start('after')])
  while (after[0]?.status === 'rejected') after = await Promise.allSettled([start('after')])
  expect(await brokenInvariants(repository, defaultDeviceRules)).toEqual([])
  await db.close()
  await server.stop()
})

describe('what must hold of devices', () => {
  const rules = defaultDeviceRules
  const token = digest('t')
  const phone = deviceOf('phone')

  /** A repository that leaves out some writes of each transaction: what a crash would do to one that is not atomic. */
  const leavingOut = async (isLost: (write: MeshWrite) => boolean) => {
    const repository = memoryPairingRepository({ clock: () => 1_700_000_000_000 })
    const ask = <Answer>({ keys, decide }: MeshOperation<Answer>) =>
      repository.run({
        keys,
        decide: (view, now) => {
          const outcome = decide(view, now)
          return 'need' in outcome
            ? outcome
            : { ...outcome, writes: outcome.writes.filter((write) => !isLost(write)) }
        },
      })
    await ask(startPairing({ token, name: null }, rules))
    const pin = pinFor(token, phone.nodeId)
    await ask(connectPairing({ ...phone, token, ip: '192.0.2.7', pin }, rules))
    await ask(verifyPairing({ token, pin, nodeId: null }, rules))
    return brokenInvariants(repository, rules)
  }

  it('holds of a whole registration', async () => {
    expect(await leavingOut(() => false)).toEqual([])
  })

  it.each(['node', 'peerToken', 'session'])(
    'is seen to be broken when a registration lacks its %s',
    async (kind) => {
      expect(await leavingOut((write) => Object.values(write).includes(kind))).not.toEqual([])
    },
  )

  it('is seen to be broken when the pairing does not know of its registration', async () => {
    const isLost = (write: MeshWrite) =>
      'put' in write && write.put === 'pairing' && write.value.status === 'DeviceRegistered'
    expect(await leavingOut(isLost)).not.toEqual([])
  })
})
