import { Client } from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { MissingRights } from '../missing-rights.ts'
import { type PostgresServer, startPostgresServer } from '../testing/postgres-server.ts'
import { openPostgres } from './database.ts'

const PATIENT = { answerTimeoutMs: 20_000 }
let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})

/** Runs statements as the owner of the database; answers with its tables. */
async function asOwner(url: string, ...statements: readonly string[]): Promise<readonly string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  for (const each of statements) await client.query(each)
  const { rows } = await client.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`)
  await client.end()
  return rows.map(({ name }) => String(name))
}

/** The URL of an ordinary user with no right at all. */
async function ordinaryUser(url: string, name: string): Promise<string> {
  await asOwner(url, `CREATE ROLE ${name} LOGIN`, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC')
  const theirs = new URL(url)
  theirs.username = name
  return theirs.href
}

async function refusalOf(url: string): Promise<string> {
  const problem = await openPostgres(url, PATIENT).then(
    (db) => db.close(),
    (thrown: unknown) => thrown,
  )
  expect(problem).toBeInstanceOf(MissingRights)
  return problem instanceof MissingRights ? problem.why : ''
}

test('a user who may not make tables hears who has to, and the line that allows it', async () => {
  const url = await server.createDatabase()
  const told = await refusalOf(await ordinaryUser(url, 'newcomer'))
  expect(told).toContain('brought up to date')
  expect(told).toContain('GRANT USAGE, CREATE ON SCHEMA public TO newcomer;')
})

test('a user who lacks rights on tables is refused by their names, and the line that is told helps', async () => {
  const url = await server.createDatabase()
  await (await openPostgres(url, PATIENT)).close()
  const theirs = await ordinaryUser(url, 'clerk')
  const tables = await asOwner(
    url,
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk',
    'REVOKE UPDATE ON mesh_nodes FROM clerk',
  )
  const told = await refusalOf(theirs)
  expect(told).toContain('lacks UPDATE on mesh_nodes; USAGE on pairing_versions.')
  await asOwner(url, told.slice(told.indexOf('GRANT')))
  await (await openPostgres(theirs, PATIENT)).close()

  // Every table is asked for, also those that are added later.
  await asOwner(
    url,
    'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM clerk',
    'GRANT SELECT ON latchkey_migrations TO clerk',
  )
  const all = await refusalOf(theirs)
  for (const table of tables) expect(all).toContain(`on ${table}`)
})
