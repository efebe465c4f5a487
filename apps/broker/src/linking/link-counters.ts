import type { LinkCount } from '@latchkey/domain/linking/effects'
import type { Link, LinkMethod } from '@latchkey/domain/linking/link'
import type { LinkReason } from '@latchkey/domain/linking/reasons'
import type { TokenRefusal } from './link-tokens.ts'

/** Seconds, upper bounds of the histogram of links: a person walks to the phone, unlocks it, types eight characters. */
export const LINK_SECONDS_BOUNDS = [5, 10, 20, 30, 60, 120, 180, 300] as const
/** Seconds, for writes of credentials. */
export const WRITE_SECONDS_BOUNDS = [0.005, 0.02, 0.1, 0.5, 2, 10] as const

/** One histogram: counts by upper bound, the last for everything above. */
export interface LinkHistogram {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

/** One sample as it is scraped. Labels come from closed lists only: no phone, jid, company or free text can be one. */
export interface LinkSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What linking counts, by the names that are scraped. The metrics endpoint reads it; linking itself never does. */
export class LinkingCounters {
  readonly #counts = new Map<string, { readonly sample: Omit<LinkSample, 'value'>; value: number }>()
  readonly #links = new Map<LinkMethod, { counts: number[]; sum: number }>()
  #writes = { counts: emptyCounts(WRITE_SECONDS_BOUNDS), sum: 0 }
  /** where sessions stand, asked at each scrape: a gauge that is counted up and down ends up wrong */
  sessions: () => readonly Link['status'][] = () => []
  leasesHeld: () => number = () => 0

  count(what: LinkCount): void {
    switch (what.count) {
      case 'started':
        return this.#add('wa_link_started_total', { method: what.method })
      case 'code-issued':
        return this.#add('wa_link_code_issued_total')
      case 'succeeded':
        this.#observe(what.method, what.tookMs / 1_000)
        return this.#add('wa_link_succeeded_total', { method: what.method })
      case 'failed':
        return this.#add('wa_link_failed_total', { method: what.method, reason: what.reason })
      case 'switched':
        return this.#add('wa_link_method_switch_total', { from: what.from, to: what.to })
      case 'abandoned':
        return this.#add('wa_link_abandoned_total')
      case 'disconnected':
        return this.#add('wa_disconnect_total', { code: codeLabel(what.statusCode) })
      case 'reconnect':
        return this.#add('wa_reconnect_total')
    }
  }

  /** A command, or a page, that was refused; `reason` is of the contract's closed list. */
  refused(reason: LinkReason | TokenRefusal): void {
    this.#add('wa_link_refused_total', { reason })
  }

  written(tookMs: number): void {
    this.#writes = observed(this.#writes, WRITE_SECONDS_BOUNDS, tookMs / 1_000)
  }

  /** Every counter and gauge as it stands. */
  samples(): readonly LinkSample[] {
    const states = new Map<string, number>()
    for (const status of this.sessions()) states.set(status, (states.get(status) ?? 0) + 1)
    return [
      ...[...this.#counts.values()].map(({ sample, value }) => ({ ...sample, value })),
      ...[...states].map(([state, value]) => ({ name: 'wa_sessions', labels: { state }, value })),
      { name: 'wa_lease_held', labels: {}, value: this.leasesHeld() },
    ]
  }

  /** How long links took, by method, and how long writes of credentials take. */
  histograms(): ReadonlyArray<
    { readonly name: string; readonly labels: LinkSample['labels'] } & LinkHistogram
  > {
    return [
      ...[...this.#links].map(([method, each]) => ({
        name: 'wa_link_seconds',
        labels: { method },
        bounds: LINK_SECONDS_BOUNDS,
        ...each,
      })),
      { name: 'wa_store_write_seconds', labels: {}, bounds: WRITE_SECONDS_BOUNDS, ...this.#writes },
    ]
  }

  /** The sum of one counter over all its labels. */
  total(name: string): number {
    return this.samples()
      .filter((sample) => sample.name === name)
      .reduce((sum, { value }) => sum + value, 0)
  }

  #add(name: string, labels: Readonly<Record<string, string>> = {}): void {
    const key = `${name} ${JSON.stringify(labels)}`
    const kept = this.#counts.get(key) ?? { sample: { name, labels }, value: 0 }
    kept.value++
    this.#counts.set(key, kept)
  }

  #observe(method: LinkMethod, seconds: number): void {
    const before = this.#links.get(method) ?? { counts: emptyCounts(LINK_SECONDS_BOUNDS), sum: 0 }
    this.#links.set(method, observed(before, LINK_SECONDS_BOUNDS, seconds))
  }
}

const emptyCounts = (bounds: readonly number[]): number[] =>
  Array.from({ length: bounds.length + 1 }, () => 0)

function observed(
  { counts, sum }: { readonly counts: readonly number[]; readonly sum: number },
  bounds: readonly number[],
  seconds: number,
): { counts: number[]; sum: number } {
  const found = bounds.findIndex((bound) => seconds <= bound)
  const at = found === -1 ? bounds.length : found
  return { counts: counts.map((each, index) => (index === at ? each + 1 : each)), sum: sum + seconds }
}

/** WhatsApp's numbers are a closed list; whatever else comes counts as one. */
const KNOWN_CODES: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 405, 406, 408, 409, 411, 428, 440, 500, 503, 515,
])
const codeLabel = (statusCode: number | null): string =>
  statusCode === null ? 'none' : KNOWN_CODES.has(statusCode) ? String(statusCode) : 'other'
