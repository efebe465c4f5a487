import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  { scripts: 200 },
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
  { scripts: 40 },
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
  { scripts: 20 },
)
