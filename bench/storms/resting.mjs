/** The cost of a crowd at rest to brokers and stores: the measured points of docs/scale.md. */
import { readdirSync } from 'node:fs'
import { Redis } from 'ioredis'
import pg from 'pg'
import { cpu, mem } from '../lib/proc.mjs'

/** What there is at this moment, in bytes, files, rows and channels. */
export async function inventory({ brokers, cluster }) {
  const redis = new Redis(cluster.redis.url)
  const database = new pg.Client({ connectionString: cluster.postgres.url })
  await database.connect()
  try {
    const info = await redis.info()
    const numberIn = (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
    return {
      redisBytes: numberIn('used_memory'),
      redisPublished: Number(
        /^cmdstat_publish:calls=(\d+)/m.exec(await redis.info('commandstats'))?.[1] ?? 0,
      ),
      redisKeys: await redis.dbsize(),
      redisCommands: numberIn('total_commands_processed'),
      redisChannels: (await redis.pubsub('CHANNELS')).length,
      redisPatterns: await redis.pubsub('NUMPAT'),
      redisConnections: numberIn('connected_clients'),
      postgresRows: await rowsOf(database),
      postgresTransactions: await transactionsOf(database),
      files: sum(brokers, ({ pid }) => readdirSync(`/proc/${pid}/fd`).length),
      brokerKib: sum(brokers, ({ pid }) => mem([pid]).ussKB),
      brokerCpuSeconds: cpu(brokers.map(({ pid }) => pid)),
      atMs: Date.now(),
    }
  } finally {
    redis.disconnect()
    await database.end()
  }
}

async function rowsOf(database) {
  const { rows: tables } = await database.query(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const rows = {}
  for (const { name } of tables) {
    const { rows: counted } = await database.query(`select count(*)::int as n from ${name}`)
    if (counted[0].n > 0) rows[name] = counted[0].n
  }
  return rows
}

async function transactionsOf(database) {
  const { rows } = await database.query(`select sum(xact_commit)::int as n from pg_stat_database`)
  return rows[0].n
}

const sum = (all, of) => all.reduce((total, each) => total + of(each), 0)
