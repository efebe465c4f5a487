#!/usr/bin/env node
// node bench/stores/run.mjs [--burst N] [--rounds N] [--stores LIST]
// How many of the pairing operations a second each store does, and how long one takes, against the founding documents' own
// commands on a bare Redis in the same run. One process asks. The systems take turns at every operation, in bursts so short
// that what else the machine does meets all alike; the medians of all bursts are told.
import { parseArgs } from 'node:util'
import { memoryPairingStore } from '@latchkey/stores/memory/pairing.store'
import { openPostgres } from '@latchkey/stores/postgres/database'
import { postgresPairingStore } from '@latchkey/stores/postgres/pairing.store'
import { openRedis } from '@latchkey/stores/redis/connection'
import { redisPairingStore } from '@latchkey/stores/redis/pairing.store'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { sqlitePairingStore } from '@latchkey/stores/sqlite/pairing.store'
import { median, summary } from '../lib/stats.mjs'
import { bare, newcomers, OPERATIONS, ofStore } from './operations.mjs'
import { endServers, newFolder, postgresServer, redisServer } from './servers.mjs'

const { values: given } = parseArgs({
  options: {
    burst: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '41' },
    stores: { type: 'string', default: 'bare,redis,memory,sqlite,postgres' },
  },
})
const BURST = Number(given.burst)
/** Operations that need a registered runner. */
const NEEDS_RUNNER = new Set(['validate', 'pair', 'heartbeat'])
/** one after the other, and as a busy broker asks */
const TOGETHER = [1, 50]
/** A machine that is busy with something else is not a store that is away. */
const PATIENT = { answerTimeoutMs: 20_000 }

const redis = await redisServer()
const postgres = given.stores.includes('postgres') ? await postgresServer() : null

/** Each opens empty and answers with what it can do and how it is closed. */
const systems = {
  async bare() {
    const connection = await openRedis({ url: redis.url }, PATIENT)
    return { api: bare(connection.redis), close: () => connection.close() }
  },
  async redis() {
    const connection = await openRedis({ url: redis.url }, PATIENT)
    return of(redisPairingStore(connection))
  },
  memory: async () => of(memoryPairingStore({ clock: Date.now })),
  sqlite: async () =>
    of(sqlitePairingStore(await openSqlite(`${newFolder()}/bench.db`), { clock: Date.now })),
  ...(postgres && {
    async postgres() {
      return of(postgresPairingStore(await openPostgres(await emptied(postgres.url), PATIENT)))
    },
  }),
}
const of = (store) => ({ api: ofStore(store), close: () => store.close() })

const figures = new Map()
const open = new Map()
for (const name of given.stores.split(',')) if (systems[name]) open.set(name, await systems[name]())
for (let round = 0; round < Number(given.rounds); round++) {
  for (const together of TOGETHER) {
    for (const operation of OPERATIONS) {
      for (const [name, { api }] of open) {
        const people = newcomers(BURST)
        if (NEEDS_RUNNER.has(operation)) await Promise.all(people.map(api.register))
        const key = `${together} ${operation} ${name}`
        figures.set(key, [...(figures.get(key) ?? []), await measure(api[operation], people, together)])
      }
    }
  }
}
for (const { close } of open.values()) await close()
print()
endServers()
process.exit(0)

async function measure(operation, people, together) {
  const tookMs = new Array(people.length)
  let next = 0
  const startMs = performance.now()
  const ask = async () => {
    while (next < people.length) {
      const index = next++
      const beganMs = performance.now()
      await operation(people[index])
      tookMs[index] = performance.now() - beganMs
    }
  }
  await Promise.all(Array.from({ length: together }, ask))
  const { p50, p99 } = summary(tookMs)
  return { perSecond: (people.length / (performance.now() - startMs)) * 1_000, p50, p99 }
}

function print() {
  for (const together of TOGETHER) {
    console.log(`\n${together === 1 ? 'One after the other' : `${together} at once`}:\n`)
    console.log('| operation | store | a second | | p50 | p99 |\n| --- | --- | ---: | ---: | ---: | ---: |')
    for (const operation of OPERATIONS) {
      const base = figures.get(`${together} ${operation} bare`)
      for (const name of open.keys()) {
        const bursts = figures.get(`${together} ${operation} ${name}`)
        const of = (what) => median(bursts.map((burst) => burst[what]))
        // Each against its neighbour in time: the machine's other work comes and goes.
        const ratios = base?.map((neighbour, round) => bursts[round].perSecond / neighbour.perSecond)
        const ratio = ratios === undefined ? '' : `${median(ratios).toFixed(2)} ×`
        const [p50, p99] = [of('p50'), of('p99')].map((value) => `${value.toFixed(3)} ms`)
        console.log(
          `| ${operation} | ${name} | ${Math.round(of('perSecond'))} | ${ratio} | ${p50} | ${p99} |`,
        )
      }
    }
  }
}

async function emptied(url) {
  const { Client } = await import('pg')
  const client = new Client(url)
  await client.connect()
  const name = `bench_${Date.now()}`
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  return url.replace(/[^/]*$/, name)
}
