/**
 * A process that registers runners and pairs apps as fast as it can, and says a line for each that was acknowledged, until
 * it is killed. `node kill-worker.fixture.ts <kind> <where> <name>`
 */
import { randomInt } from 'node:crypto'
import { writeSync } from 'node:fs'
import { appSubjects, runnerSubjects } from '@latchkey/domain/limits/subjects'
import { parsePairingCode } from '@latchkey/domain/runner-pairing/code'
import { pair } from '@latchkey/domain/runner-pairing/pair'
import type { Operation, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { parseAppSessionId, parseRunnerId } from '@latchkey/domain/runner-pairing/records'
import { registerRunner } from '@latchkey/domain/runner-pairing/register'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { durablePairingStore } from '../durable/pairing.store.ts'
import { postgresRegistry } from '../durable/registry.ts'
import { openPostgres } from '../postgres/database.ts'
import { postgresPairingStore } from '../postgres/pairing.store.ts'
import { openRedis } from '../redis/connection.ts'
import { redisPairingStore } from '../redis/pairing.store.ts'
import { openSqlite } from '../sqlite/database.ts'
import { sqlitePairingStore } from '../sqlite/pairing.store.ts'

/** Few enough that many a code is proposed by two runners. */
const CODES = 50_000

/** Proposals that are refused are no attack here: the breaker stays out of it. */
const broker = { ...defaultPairingRules.limits.broker, bansAtFailure: 1_000_000 }
const rules = { ...defaultPairingRules, limits: { ...defaultPairingRules.limits, broker } }

/** So many are on their way when the process is killed. */
const TOGETHER = 8

/** A busy machine is not a server that is away. */
const PATIENT = { answerTimeoutMs: 20_000 }

const stores: Readonly<Record<string, (where: string) => Promise<PairingStore>>> = {
  sqlite: async (path) => sqlitePairingStore(await openSqlite(path), { clock: Date.now }),
  redis: async (url) => redisPairingStore(await openRedis({ url }, PATIENT)),
  durable: async (urls) => {
    const [redis = '', postgres = ''] = urls.split(' ')
    const registry = await postgresRegistry(await openPostgres(postgres, PATIENT))
    return durablePairingStore(redisPairingStore(await openRedis({ url: redis }, PATIENT)), registry)
  },
  postgres: async (url) => postgresPairingStore(await openPostgres(url, PATIENT)),
}

const [kind = '', where = '', name = ''] = process.argv.slice(2)
const store = await (stores[kind] ?? fail(`no store is called ${kind}`))(where)
await Promise.all(Array.from({ length: TOGETHER }, (_, index) => pairForEver(`${name}-${index}`)))

async function pairForEver(series: string): Promise<never> {
  for (let count = 0; ; count++) {
    const runnerId = parseRunnerId(`r-${series}-${count}`) ?? fail('no runner')
    const code = anyCode()
    const address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`
    const registered = await ask(
      registerRunner(
        {
          runnerId,
          proposedCode: code,
          incarnation: series,
          publicKey: null,
          label: '',
          node: null,
          routeTickets: [],
          proof: { secret: true, signature: false },
          subjects: runnerSubjects(runnerId, address),
        },
        rules,
      ),
    )
    if (!registered.ok) continue
    say('registered', runnerId, code)
    const appSessionId = parseAppSessionId(`a-${series}-${count}`) ?? fail('no app')
    const by = { via: 'code', candidates: [code] } as const
    const subjects = appSubjects(appSessionId, address)
    const command = { appSessionId, by, pid: 'pid', maskedCode: '***', subjects }
    if ((await ask(pair(command, rules))).ok) say('paired', appSessionId, runnerId)
  }
}

function ask<Answer>(operation: Operation<Answer>): Promise<Answer> {
  return store.run(operation)
}

/** Written at once, so that the word arrives even if the process is killed next. */
function say(...words: readonly string[]): void {
  writeSync(1, `${words.join(' ')}\n`)
}

function anyCode() {
  const text = String(randomInt(CODES)).padStart(9, '0')
  return parsePairingCode(`${text.slice(0, 3)}-${text.slice(3, 6)}-${text.slice(6)}`) ?? fail('no code')
}

function fail(why: string): never {
  throw new Error(why)
}
