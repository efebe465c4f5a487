import type { Account } from '@latchkey/domain/accounts/account'
import type { AccountCount } from '@latchkey/domain/accounts/effects'
import type { AccountReason } from '@latchkey/domain/accounts/reasons'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { TokenRefusal } from './company-tokens.ts'

/** Seconds: a person walks to the phone, unlocks it, types eight characters. */
const LINK_SECONDS = [5, 10, 20, 30, 60, 120, 180, 300]
/** Seconds, for writes of credentials. */
const WRITE_SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10]

/**
 * What linking counts, as Prometheus reads it. Labels come from closed lists only: no phone, jid, company or free text can be
 * one.
 */
export class AccountCounters {
  readonly registry = new Registry()
  readonly #started = this.#counter('wa_link_started_total', 'Attempts to link that began.', ['method'])
  readonly #issued = this.#counter('wa_link_code_issued_total', 'Codes that WhatsApp confirmed.')
  readonly #succeeded = this.#counter('wa_link_succeeded_total', 'Attempts that linked.', ['method'])
  readonly #failed = this.#counter('wa_link_failed_total', 'Attempts that failed.', ['method', 'reason'])
  readonly #switched = this.#counter('wa_link_method_switch_total', 'Changes of method.', ['from', 'to'])
  readonly #abandoned = this.#counter('wa_link_abandoned_total', 'Attempts that were given up.')
  readonly #disconnected = this.#counter('wa_disconnect_total', 'Connections to WhatsApp that ended.', [
    'code',
  ])
  readonly #reconnected = this.#counter('wa_reconnect_total', 'Connections opened again at once.')
  readonly #refused = this.#counter('wa_link_refused_total', 'Commands and pages refused.', ['reason'])
  readonly #linkSeconds = new Histogram({
    name: 'wa_link_seconds',
    help: 'How long it took to link.',
    labelNames: ['method'],
    buckets: LINK_SECONDS,
    registers: [this.registry],
  })
  readonly #writeSeconds = new Histogram({
    name: 'wa_store_write_seconds',
    help: 'How long writes of credentials took.',
    buckets: WRITE_SECONDS,
    registers: [this.registry],
  })
  /** read at each scrape: a gauge that is counted up and down ends up wrong */
  sessions: () => readonly Account['status'][] = () => []
  leasesHeld: () => number = () => 0

  constructor() {
    const registers = [this.registry]
    const labelNames = ['state']
    const sessions: Gauge = new Gauge({
      name: 'wa_sessions',
      help: 'Sessions on this broker, by state.',
      labelNames,
      registers,
      collect: () => {
        sessions.reset()
        for (const state of this.sessions()) sessions.inc({ state })
      },
    })
    const held: Gauge = new Gauge({
      name: 'wa_lease_held',
      help: 'Sessions that this broker holds.',
      registers,
      collect: () => held.set(this.leasesHeld()),
    })
  }

  count(what: AccountCount): void {
    switch (what.count) {
      case 'started':
        return this.#started.inc({ method: what.method })
      case 'code-issued':
        return this.#issued.inc()
      case 'succeeded':
        this.#linkSeconds.observe({ method: what.method }, what.tookMs / 1_000)
        return this.#succeeded.inc({ method: what.method })
      case 'failed':
        return this.#failed.inc({ method: what.method, reason: what.reason })
      case 'switched':
        return this.#switched.inc({ from: what.from, to: what.to })
      case 'abandoned':
        return this.#abandoned.inc()
      case 'disconnected':
        return this.#disconnected.inc({ code: codeLabel(what.statusCode) })
      case 'reconnect':
        return this.#reconnected.inc()
    }
  }

  /** A command, or a page, that was refused; `reason` is of the contract's closed list. */
  refused(reason: AccountReason | TokenRefusal): void {
    this.#refused.inc({ reason })
  }

  written(tookMs: number): void {
    this.#writeSeconds.observe(tookMs / 1_000)
  }

  #counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] })
  }
}

/** WhatsApp's numbers are a closed list; every other number counts as one. */
const KNOWN_CODES: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 405, 406, 408, 409, 411, 428, 440, 500, 503, 515,
])
const codeLabel = (statusCode: number | null): string =>
  statusCode === null ? 'none' : KNOWN_CODES.has(statusCode) ? String(statusCode) : 'other'
