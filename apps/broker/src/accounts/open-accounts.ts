import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { freeSession, keepNumber, numbersKey } from '@latchkey/domain/accounts/operations'
import { phoneIdentity } from '@latchkey/domain/accounts/phone-spellings'
import type { AccountStore, WhatsAppLibrary } from '@latchkey/domain/accounts/ports'
import { type AccountRules, defaultAccountRules } from '@latchkey/domain/accounts/rules'
import type { AccountsOverview } from '@latchkey/protocol/accounts'
import { postgresAccountStore } from '@latchkey/stores/postgres/account.store'
import { openPostgres } from '@latchkey/stores/postgres/database'
import { sqliteAccountStore } from '@latchkey/stores/sqlite/account.store'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { type DataDirectory, keptSecret } from '../config/data-directory.ts'
import type { Settings } from '../config/settings.ts'
import type { ClientAddresses } from '../http/client-address.ts'
import { failureFields, type Log } from '../log/log.ts'
import { AccountCounters } from './account-counters.ts'
import { AccountDesk } from './account-desk.ts'
import { AccountReport, type Capture } from './account-report.ts'
import type { AccountObserver, AccountSessionParts } from './account-session.ts'
import { overviewOf } from './accounts-overview.ts'
import { CompanyTokens } from './company-tokens.ts'
import { CredentialSeal } from './credential-seal.ts'
import { type LibrarySettings, loadLibrary } from './load-library.ts'
import { MarketplaceNotifier } from './marketplace.notifier.ts'
import { MarketplaceUseCases } from './marketplace.use-cases.ts'
import { MarketplaceDesk } from './marketplace-desk.ts'
import { readPhone } from './read-phone.ts'
import { SessionPool } from './session-pool.ts'

/** Linking as one broker has it. */
export interface Accounts {
  readonly pool: SessionPool
  readonly desk: MarketplaceDesk
  readonly accountDesk: AccountDesk
  readonly useCases: MarketplaceUseCases
  readonly tokens: CompanyTokens
  readonly counters: AccountCounters
  /** Which companies have linked or are linking, wherever their sessions are. */
  overview(): Promise<AccountsOverview>
  /** Lets go of all sessions; the store last. */
  stop(): Promise<void>
}

export interface AccountsOptions {
  readonly settings: Settings
  readonly data: DataDirectory
  readonly addresses: ClientAddresses
  readonly clock: () => number
  readonly log: Log
  /** where unexpected failures go besides the log */
  readonly capture?: Capture
  /** the client library, instead of the one that is installed: for tests */
  readonly library?: WhatsAppLibrary
  readonly rules?: AccountRules
  readonly leaseMs?: number
  /** hears of every change besides the pages */
  readonly observer?: AccountObserver
}

/** Linking writes little: a few connections of its own keep a slow write of credentials out of everybody's way. */
const CONNECTIONS_MAX = 4
/** A login writes eight hundred rows; no person waits for it as for a click. */
const ANSWER_TIMEOUT_MS = 5_000
/** As long as the digest that it keys. */
const KEY_BYTES = 32
const SWEEP_EVERY_MS = 10 * 60_000

/** Opens store and library, and restores linked accounts. Rejects with a sentence, and then leaves nothing open. */
export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const { settings, data, clock, log, rules = defaultAccountRules } = options
  const { region, seal, tokens } = secretsOf(settings, data, clock)
  const library = options.library ?? (await loadLibrary(libraryOf(settings)))
  const { store, close } = await openStore(settings, data, clock)
  const phoneKey = await numberDigests(store).catch(async (problem: unknown) => {
    await close()
    throw problem
  })
  const counters = new AccountCounters()
  const parts: AccountSessionParts = {
    store,
    library,
    seal,
    counters,
    report: new AccountReport({
      log,
      clock,
      capture: options.capture ?? (() => {}),
      library: `${library.name} ${library.version}`,
    }),
    rules,
    deviceName: settings.whatsappDeviceName ?? null,
    clock,
    log,
    phoneKey,
  }
  const leaseMs = options.leaseMs ?? settings.linkLeaseSeconds * 1_000
  const pool = new SessionPool({ parts, nodeId: randomUUID(), leaseMs })
  const notifier = new MarketplaceNotifier({ log, rules, region, clock })
  pool.observe(options.observer === undefined ? notifier : bothOf(notifier, options.observer))
  const useCases = new MarketplaceUseCases({ counters, pool, store, notifier, region, readPhone })
  const { addresses } = options
  const desk = new MarketplaceDesk({ tokens, addresses, notifier, useCases, counters, clock, log })
  const sweep = setInterval(() => {
    store.sweep().catch((problem: unknown) => log.warn('linking.sweep-failed', failureFields(problem)))
  }, SWEEP_EVERY_MS)
  pool.begin()
  return {
    pool,
    desk,
    accountDesk: new AccountDesk({ store, pool, useCases, rules, seal, region, clock }),
    useCases,
    tokens,
    counters,
    overview: () => overviewOf(store, pool),
    stop: async () => {
      clearInterval(sweep)
      await pool.stop()
      await close()
    },
  }
}

/** Two observers as one. */
const bothOf = (one: AccountObserver, other: AccountObserver): AccountObserver => ({
  changed: (session) => {
    one.changed(session)
    other.changed(session)
  },
  failed: (...failure) => {
    one.failed(...failure)
    other.failed(...failure)
  },
  linked: (...linked) => {
    one.linked(...linked)
    other.linked(...linked)
  },
  lost: (session) => {
    one.lost(session)
    other.lost(session)
  },
})

const libraryOf = ({ whatsappUrl, whatsappVersion }: Settings): LibrarySettings => ({
  url: whatsappUrl ?? null,
  version: whatsappVersion ?? null,
})

/** Keys are the operator's where several brokers share a database, and otherwise made once and kept beside it. */
function secretsOf(settings: Settings, data: DataDirectory, clock: () => number) {
  const { whatsappKeys, linkTokenSecret, databaseUrl, phoneRegion: region } = settings
  if (databaseUrl !== undefined && (whatsappKeys === undefined || linkTokenSecret === undefined))
    throw new Error(
      'WhatsApp linking with DATABASE_URL needs LATCHKEY_WHATSAPP_KEYS and LATCHKEY_LINK_TOKEN_SECRET, the same on all brokers',
    )
  const keys = whatsappKeys ?? [keptSecret(data, 'whatsapp-key')]
  const linkSecret = linkTokenSecret ?? keptSecret(data, 'link-token-secret')
  return {
    region,
    seal: new CredentialSeal(keys),
    tokens: new CompanyTokens(linkSecret, clock),
  }
}

/**
 * Digests under which numbers are counted and kept for one company. Their key is the store's own: a secret of the operator's is
 * meant to be changed, and numbers that are linked would be free then.
 */
async function numberDigests(store: AccountStore): Promise<AccountSessionParts['phoneKey']> {
  const key = Buffer.from(
    await store.run(numbersKey(randomBytes(KEY_BYTES).toString('base64url'))),
    'base64url',
  )
  const digest: AccountSessionParts['phoneKey'] = (phone) =>
    createHmac('sha256', key).update(phoneIdentity(phone)).digest('base64url')
  for (const { sessionId, phone } of await store.sessions())
    if (phone !== null) await store.run(keepNumber(sessionId, digest(phone)))
  return digest
}

async function openStore(
  settings: Settings,
  data: DataDirectory,
  clock: () => number,
): Promise<{ readonly store: AccountStore; readonly close: () => Promise<void> }> {
  if (settings.databaseUrl !== undefined) {
    const db = await openPostgres(settings.databaseUrl, {
      connectionsMax: CONNECTIONS_MAX,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
    })
    return { store: postgresAccountStore(db), close: () => db.close() }
  }
  const db = await openSqlite(data.database)
  const store = sqliteAccountStore(db, { clock })
  // The folder is this broker's alone: a broker instance that a lease names is one that was killed.
  for (const { sessionId } of await store.sessions()) {
    await store.run(freeSession(sessionId))
  }
  return { store, close: async () => void db.close() }
}
