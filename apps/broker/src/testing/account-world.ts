import { createHmac, randomBytes } from 'node:crypto'
import type { AccountMethod, AccountSessionId, PhoneNumber } from '@latchkey/domain/accounts/account'
import { phoneIdentity } from '@latchkey/domain/accounts/phone-spellings'
import type { AccountStore } from '@latchkey/domain/accounts/ports'
import type { AccountReason } from '@latchkey/domain/accounts/reasons'
import { type AccountRules, defaultAccountRules } from '@latchkey/domain/accounts/rules'
import { memoryAccountStore } from '@latchkey/stores/memory/account.store'
import { openLibrary } from '../../../../packages/whatsapp/src/library.ts'
import { FakeWhatsApp } from '../../../../packages/whatsapp/src/testing/fake-whatsapp.ts'
import type { FakeBehaviour } from '../../../../packages/whatsapp/src/testing/phone-server.ts'
import { AccountCounters } from '../accounts/account-counters.ts'
import { type AccountFailure, AccountReport } from '../accounts/account-report.ts'
import type { AccountSession } from '../accounts/account-session.ts'
import { CredentialSeal } from '../accounts/credential-seal.ts'
import { sessionIdOf } from '../accounts/marketplace-peer.ts'
import { SessionPool } from '../accounts/session-pool.ts'
import { openLog } from '../log/log.ts'
import { atCleanUp, until } from './harness.ts'
import { Secrets } from './secrets.ts'

/** One broker's half of linking: a pool on the real client, and all that it told. */
export interface AccountInstance {
  readonly pool: SessionPool
  readonly counters: AccountCounters
  readonly captured: AccountFailure[]
  readonly errors: {
    readonly sessionId: AccountSessionId
    readonly method: AccountMethod | null
    readonly reason: AccountReason
    readonly retryAt: number | null
  }[]
  readonly linked: AccountSessionId[]
  readonly log: string[]
  session(salon: string): AccountSession
  status(salon: string): string
  qr(salon: string): string
  code(salon: string): string
  start(salon: string, phone?: PhoneNumber): ReturnType<SessionPool['start']>
}

/**
 * A WhatsApp, a store, and any number of brokers over both. Whatever a test does with it: when it is over, no number, code, QR or
 * key of it may be in what the brokers wrote and captured (sentence 22 of docs/whatsapp-sentences.md).
 */
export class AccountWorld {
  readonly wa: FakeWhatsApp
  readonly store: AccountStore
  /** what every broker's clock is ahead of the real one, milliseconds */
  aheadMs = 0
  readonly sealKey: string
  readonly #secrets = new Secrets()
  readonly #instances: AccountInstance[] = []

  private constructor(wa: FakeWhatsApp, store: AccountStore | null, sealKey: string) {
    this.wa = wa
    this.store = store ?? memoryAccountStore({ clock: this.clock })
    this.sealKey = sealKey
  }

  static async open(
    behaviour: Partial<FakeBehaviour> = {},
    makeStore: ((clock: () => number) => AccountStore) | null = null,
  ): Promise<AccountWorld> {
    const wa = await FakeWhatsApp.start(behaviour)
    atCleanUp(() => wa.stop())
    const ahead = { ms: 0 }
    const store = makeStore?.(() => Date.now() + ahead.ms) ?? null
    const world = new AccountWorld(wa, store, randomBytes(32).toString('base64url'))
    atCleanUp(() => world.#expectQuiet())
    return world
  }

  readonly clock = (): number => Date.now() + this.aheadMs

  node(
    options: {
      readonly rules?: Partial<AccountRules>
      readonly leaseMs?: number
      readonly sealKeys?: readonly string[]
      readonly store?: AccountStore
    } = {},
  ): AccountInstance {
    const counters = new AccountCounters()
    const captured: AccountFailure[] = []
    const log: string[] = []
    const logger = openLog('debug', { write: (line) => void log.push(line) })
    const report = new AccountReport({
      log: logger,
      capture: (failure) => void captured.push(failure),
      library: 'baileys',
      clock: this.clock,
    })
    const pool = new SessionPool({
      parts: {
        store: options.store ?? this.store,
        library: openLibrary({ url: this.wa.url, version: null }),
        seal: new CredentialSeal(options.sealKeys ?? [this.sealKey]),
        counters,
        report,
        rules: { ...defaultAccountRules, ...options.rules },
        deviceName: null,
        clock: this.clock,
        log: logger,
        phoneKey: (phone) => createHmac('sha256', 'test').update(phoneIdentity(phone)).digest('hex'),
      },
      nodeId: randomBytes(8).toString('hex'),
      ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    })
    const instance: AccountInstance = {
      pool,
      counters,
      captured,
      log,
      errors: [],
      linked: [],
      session: (salon) => {
        const session = pool.find(sessionIdOf(salon))
        if (session === null) throw new Error(`no session of ${salon} on this node`)
        return session
      },
      status: (salon) => pool.find(sessionIdOf(salon))?.machine.account.status ?? 'none',
      qr: (salon) => {
        const { account: link } = instance.session(salon).machine
        return 'qr' in link ? link.qr.text : ''
      },
      code: (salon) => {
        const { account: link } = instance.session(salon).machine
        return link.status === 'code_shown' ? link.code : ''
      },
      start: (salon, phone) => {
        if (phone !== undefined) this.#secrets.addPhone(phone)
        return pool.start({
          sessionId: sessionIdOf(salon),
          method: phone === undefined ? 'qr' : 'code',
          phone: phone ?? null,
          address: `address of ${salon}`,
        })
      },
    }
    pool.observe({
      changed: ({ machine }) => this.#secrets.addLink(machine.account),
      failed: ({ id }, { method, reason, retryAt }) =>
        void instance.errors.push({ sessionId: id, method, reason, retryAt }),
      linked: ({ id }) => void instance.linked.push(id),
      lost: () => {},
    })
    this.#instances.push(instance)
    pool.begin()
    atCleanUp(() => pool.stop())
    return instance
  }

  #expectQuiet(): void {
    this.#secrets.add(this.sealKey)
    for (const { log, captured } of this.#instances)
      this.#secrets.expectNoneIn([...log, ...captured.map((failure) => JSON.stringify(failure))])
  }

  /** Waits until a session of an instance stands so. */
  async reaches(instance: AccountInstance, salon: string, status: string): Promise<void> {
    await until(
      `${salon} to be ${status} (it is ${instance.status(salon)})`,
      () => instance.status(salon) === status,
    )
  }

  /** From nothing to a connected session, by QR. */
  async link(instance: AccountInstance, salon: string, phone: PhoneNumber): Promise<void> {
    await instance.start(salon)
    await this.reaches(instance, salon, 'qr')
    await this.wa.phone(phone).scanQr(instance.qr(salon))
    await this.reaches(instance, salon, 'connected')
  }
}
