import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readSession } from '@latchkey/domain/accounts/operations'
import { postgresAccountStore } from '@latchkey/stores/postgres/account.store'
import { openPostgres } from '@latchkey/stores/postgres/database'
import { startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { sessionIdOf } from '../../apps/broker/src/accounts/marketplace-peer.ts'
import { atCleanUp, connect, type TestClient, within } from '../../apps/broker/src/testing/harness.ts'
import { FakeWhatsApp } from '../../packages/whatsapp/src/testing/fake-whatsapp.ts'
import { cleanEnv, temporaryFolder } from './up-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const listening = z.looseObject({ event: z.literal('listening'), url: z.string() })
const TOKEN_SECRET = 'a secret of thirty-two characters, at least'
const START_MS_MAX = 60_000

/** One broker of several that link for the same companies, as a process of its own. */
export interface AccountBroker {
  readonly url: string
  page(salon: string): Promise<TestClient>
  pause(): void
  resume(): void
  /** The client library rejects a promise without a handler; resolves once the broker has logged it. */
  strayFailure(): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
}

/** Brokers with linking on one Redis and one PostgreSQL, and a WhatsApp that they trust. */
export interface AccountBrokers {
  readonly wa: FakeWhatsApp
  /** until when the lease of a company's session is held, by the database, milliseconds; 0 for none */
  leaseUntil(salon: string): Promise<number>
  start(): Promise<AccountBroker>
}

export async function accountBrokers(leaseSeconds: number): Promise<AccountBrokers> {
  const [redis, postgres, wa] = await Promise.all([
    startRedisServer(),
    startPostgresServer(),
    FakeWhatsApp.start(),
  ])
  atCleanUp(() => Promise.all([redis.stop(), postgres.stop(), wa.stop()]))
  const env = {
    LATCHKEY_LOCAL: 'on',
    LATCHKEY_PORT: '0',
    LATCHKEY_LOG: 'info',
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    LATCHKEY_WHATSAPP: 'on',
    LATCHKEY_WHATSAPP_URL: wa.url,
    LATCHKEY_WHATSAPP_KEYS: 'A'.repeat(43),
    LATCHKEY_LINK_TOKEN_SECRET: TOKEN_SECRET,
    LATCHKEY_LINK_LEASE: String(leaseSeconds),
    FAKE_WA_ROOT: wa.rootPublicKey,
  }
  const leaseUntil = async (salon: string) => {
    const db = await openPostgres(postgres.url, { connectionsMax: 1 })
    try {
      const { lease } = await postgresAccountStore(db).run(readSession(sessionIdOf(salon)))
      return Number(lease?.until ?? 0)
    } finally {
      await db.close()
    }
  }
  return { wa, leaseUntil, start: () => startOne(env) }
}

async function startOne(env: Readonly<Record<string, string>>): Promise<AccountBroker> {
  const folder = temporaryFolder()
  const child = fork(`${root}/apps/cli/dist/bundle/broker.js`, [], {
    env: cleanEnv({ ...env, LATCHKEY_DATA_DIR: `${folder.path}/data` }),
    execArgv: [
      '--experimental-strip-types',
      '--no-warnings',
      ...['trust', 'stray'].flatMap((name) => [
        '--import',
        pathToFileURL(`${root}/packages/whatsapp/src/testing/${name}.ts`).href,
      ]),
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  atCleanUp(end)
  const { url } = await told(child)
  return {
    url,
    page: async (salon) =>
      connect(`${url}/marketplace`, {
        token: await new SignJWT({ company_id: 'company-1', salon_id: salon, consent: '2026-11' })
          .setProtectedHeader({ alg: 'HS256' })
          .setExpirationTime('1h')
          .sign(new TextEncoder().encode(TOKEN_SECRET)),
      }),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    strayFailure: () => {
      const logged = new Promise<void>((resolve) => {
        child.stderr?.on('data', (chunk: Buffer) => {
          if (chunk.includes('linking.unhandled')) resolve()
        })
      })
      child.kill('SIGUSR2')
      return within('the broker to log it', logged)
    },
    kill: end,
  }
}

function told(child: ChildProcess): Promise<z.output<typeof listening>> {
  let written = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    written = (written + chunk.toString()).slice(-4_000)
  })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the broker says nothing: ${written}`)), START_MS_MAX)
    child.on('message', (message) => {
      const parsed = listening.safeParse(message)
      if (!parsed.success) return
      clearTimeout(timer)
      resolve(parsed.data)
    })
    child.once('exit', (status) => {
      clearTimeout(timer)
      reject(new Error(`the broker ended with ${status}: ${written}`))
    })
  })
}
