import { type DoneAct, operatorDid } from '@latchkey/domain/device-pairing/operator-trail'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { AuditEntry, AuditExportQuery, AuditQuery, AuditReply } from '@latchkey/protocol/audit'
import { failureFields, type Log } from '../log/log.ts'
import { ofDevices, ofPairing } from './audit-entry.ts'
import { csvLines, jsonLines } from './audit-lines.ts'

/** Twice what the trail of devices keeps of a kind: all of it is read, since a person reads it seldom. */
const EVENTS_MAX = 20_000
/** One file: a busy fleet of a year. Ask for a span of time for the rest. */
const EXPORTED_MAX = 100_000

interface Parts {
  readonly store: PairingStore
  readonly devices: PairingRepository
  readonly clock: () => number
  readonly log: Log
}

type Filters = Omit<AuditExportQuery, 'format'>

/** Reads the audit of apps, devices and operator as one list, and adds the operator's acts to it. */
export class AuditDesk {
  constructor(private readonly parts: Parts) {}

  /** One page, and what the next is asked with: it ends where this one began, however much happens meanwhile. */
  async page({ limit, skip, until, ...filters }: AuditQuery): Promise<AuditReply> {
    const untilMs = until ?? Math.floor(this.parts.clock())
    const found = await this.#find({ ...filters, until: untilMs }, skip + limit + 1)
    const entries = found.slice(skip, skip + limit)
    return { entries, next: found.length > skip + limit ? { until: untilMs, skip: skip + limit } : null }
  }

  async exported({ format, ...filters }: AuditExportQuery): Promise<string> {
    const entries = await this.#find(filters, EXPORTED_MAX)
    return format === 'csv' ? csvLines(entries) : jsonLines(entries)
  }

  /** Remembers an act. What cannot be remembered is logged, and the act stands. */
  async did(done: Pick<DoneAct, 'what' | 'ip'> & Partial<DoneAct>): Promise<void> {
    await this.parts.devices.run(operatorDid({ to: null, by: null, ...done })).catch((problem: unknown) => {
      this.parts.log.error('audit.not-written', failureFields(problem))
    })
  }

  /** The newest first. */
  async #find(filters: Filters, limit: number): Promise<readonly AuditEntry[]> {
    const { kind, actor, since = 0, until = Number.POSITIVE_INFINITY } = filters
    const [attempts, events] = await Promise.all([
      kind === undefined || kind === 'pairing' ? this.#attempts(filters, limit) : [],
      kind === 'pairing' ? [] : this.parts.devices.listEvents({ limit: EVENTS_MAX }),
    ])
    const others = events
      .map(({ event }) => ofDevices(event))
      .filter(
        (entry) => (kind === undefined || entry.kind === kind) && entry.at >= since && entry.at <= until,
      )
    return [...attempts, ...others]
      .filter((entry) => actor === undefined || entry.actor === actor)
      .sort((one, other) => other.at - one.at)
      .slice(0, limit)
  }

  async #attempts({ since, until }: Filters, limit: number): Promise<readonly AuditEntry[]> {
    const entries = await this.parts.store.history({
      limit: Math.min(limit, EXPORTED_MAX),
      audit: true,
      ...(since === undefined ? {} : { sinceMs: since }),
      ...(until === undefined ? {} : { untilMs: until }),
    })
    const labels = new Map(
      (await this.parts.store.list('runner')).map((each) => [String(each.runnerId), each.label]),
    )
    return entries.map((entry) => ofPairing(entry, labels.get(entry.runnerId ?? '') ?? null))
  }
}
