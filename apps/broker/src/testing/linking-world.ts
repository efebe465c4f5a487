import { createHmac, randomBytes } from 'node:crypto'
import type { LinkMethod, LinkSessionId, PhoneNumber } from '@latchkey/domain/linking/link'
import { phoneIdentity } from '@latchkey/domain/linking/phone-spellings'
import type { LinkingStore } from '@latchkey/domain/linking/ports'
import type { LinkReason } from '@latchkey/domain/linking/reasons'
import { defaultLinkRules, type LinkRules } from '@latchkey/domain/linking/rules'
import { memoryLinkingStore } from '@latchkey/stores/memory/linking.store'
import { openLibrary } from '../../../../packages/whatsapp/src/library.ts'
import { FakeWhatsApp } from '../../../../packages/whatsapp/src/testing/fake-whatsapp.ts'
import type { FakeBehaviour } from '../../../../packages/whatsapp/src/testing/phone-server.ts'
import { CredentialSeal } from '../linking/credential-seal.ts'
import { LinkingCounters } from '../linking/link-counters.ts'
import { type LinkFailure, LinkReport } from '../linking/link-report.ts'
import type { LinkSession } from '../linking/link-session.ts'
import { sessionIdOf } from '../linking/marketplace-peer.ts'
import { SessionPool } from '../linking/session-pool.ts'
import { openLog } from '../log/log.ts'
import { atCleanUp, until } from './harness.ts'
import { Secrets } from './secrets.ts'

/** One broker's half of linking: a pool on the real client, and all that it told. */
export interface LinkNode {
  readonly pool: SessionPool
  readonly counters: LinkingCounters
  readonly captured: LinkFailure[]
  readonly errors: {
    readonly sessionId: LinkSessionId
    readonly method: LinkMethod | null
    readonly reason: LinkReason
    readonly retryAt: number | null
  }[]
  readonly linked: LinkSessionId[]
  readonly log: string[]
  session(salon: string): LinkSession
  status(salon: string): string
  qr(salon: string): string
  code(salon: string): string
  start(salon: string, phone?: PhoneNumber): ReturnType<SessionPool['start']>
}

/**
 * A WhatsApp, a store, and any number of brokers over both. Whatever a test does with it: when it is over, no number, code, QR or
 * key of it may be in what the brokers wrote and captured (sentence 22 of docs/whatsapp-sentences.md).
 */
export class LinkWorld {
  readonly wa: FakeWhatsApp
  readonly store: LinkingStore
  /** what every broker's clock is ahead of the real one, milliseconds */
  aheadMs = 0
  readonly sealKey: string
  readonly #secrets = new Secrets()
  readonly #nodes: LinkNode[] = []

  private constructor(wa: FakeWhatsApp, store: LinkingStore | null, sealKey: string) {
    this.wa = wa
    this.store = store ?? memoryLinkingStore({ clock: this.clock })
    this.sealKey = sealKey
  }

  static async open(
    behaviour: Partial<FakeBehaviour> = {},
    makeStore: ((clock: () => number) => LinkingStore) | null = null,
  ): Promise<LinkWorld> {
    const wa = await FakeWhatsApp.start(behaviour)
    atCleanUp(() => wa.stop())
    const ahead = { ms: 0 }
    const store = makeStore?.(() => Date.now() + ahead.ms) ?? null
    const world = new LinkWorld(wa, store, randomBytes(32).toString('base64url'))
    atCleanUp(() => world.#expectQuiet())
    return world
  }

  readonly clock = (): number => Date.now() + this.aheadMs

  node(
    options: {
      readonly rules?: Partial<LinkRules>
      readonly leaseMs?: number
      readonly sealKeys?: readonly string[]
      readonly store?: LinkingStore
    } = {},
  ): LinkNode {
    const counters = new LinkingCounters()
    const captured: LinkFailure[] = []
    const log: string[] = []
    const logger = openLog('debug', { write: (line) => void log.push(line) })
    const report = new LinkReport({
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
        rules: { ...defaultLinkRules, ...options.rules },
        clock: this.clock,
        log: logger,
        phoneKey: (phone) => createHmac('sha256', 'test').update(phoneIdentity(phone)).digest('hex'),
      },
      nodeId: randomBytes(8).toString('hex'),
      ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    })
    const node: LinkNode = {
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
      status: (salon) => pool.find(sessionIdOf(salon))?.machine.link.status ?? 'none',
      qr: (salon) => {
        const { link } = node.session(salon).machine
        return 'qr' in link ? link.qr.text : ''
      },
      code: (salon) => {
        const { link } = node.session(salon).machine
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
      changed: ({ machine }) => this.#secrets.addLink(machine.link),
      failed: ({ id }, { method, reason, retryAt }) =>
        void node.errors.push({ sessionId: id, method, reason, retryAt }),
      linked: ({ id }) => void node.linked.push(id),
      lost: () => {},
    })
    this.#nodes.push(node)
    pool.begin()
    atCleanUp(() => pool.stop())
    return node
  }

  #expectQuiet(): void {
    this.#secrets.add(this.sealKey)
    for (const { log, captured } of this.#nodes)
      this.#secrets.expectNoneIn([...log, ...captured.map((failure) => JSON.stringify(failure))])
  }

  /** Waits until a session of an instance stands so. */
  async reaches(node: LinkNode, salon: string, status: string): Promise<void> {
    await until(`${salon} to be ${status} (it is ${node.status(salon)})`, () => node.status(salon) === status)
  }

  /** From nothing to a connected session, by QR. */
  async link(node: LinkNode, salon: string, phone: PhoneNumber): Promise<void> {
    await node.start(salon)
    await this.reaches(node, salon, 'qr')
    await this.wa.phone(phone).scanQr(node.qr(salon))
    await this.reaches(node, salon, 'connected')
  }
}
