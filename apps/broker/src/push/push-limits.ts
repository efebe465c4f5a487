import { createHash } from 'node:crypto'
import { BoundedMap } from '@latchkey/domain/bounded'

/** A person can follow no more; a machine's own hold-down stays below it by far. */
const ENDPOINT_PER_MINUTE = 20
/** so many endpoints and runners are remembered by one broker instance */
const SUBJECTS_MAX = 4_096
const MINUTE_MS = 60_000

interface Bucket {
  readonly left: number
  readonly atMs: number
}

/** How often one runner may push, and how often one endpoint may be pushed to, by a token bucket of a minute each. */
export class PushLimits {
  readonly #runners = new BoundedMap<string, Bucket>(SUBJECTS_MAX)
  /** by a digest: an endpoint is a secret of its app */
  readonly #endpoints = new BoundedMap<string, Bucket>(SUBJECTS_MAX)
  readonly #perMinute: number
  readonly #clock: () => number

  /** @param clock milliseconds since the epoch */
  constructor(perMinute: number, clock: () => number) {
    this.#perMinute = perMinute
    this.#clock = clock
  }

  /** Takes one of each; null when both had one left, else the seconds until there is one again. */
  charge(runnerId: string, endpoint: string): number | null {
    const nowMs = this.#clock()
    const digest = createHash('sha256').update(endpoint).digest('base64')
    const runner = filled(this.#runners.get(runnerId), this.#perMinute, nowMs)
    const target = filled(this.#endpoints.get(digest), ENDPOINT_PER_MINUTE, nowMs)
    const waitMs = Math.max(missing(runner, this.#perMinute), missing(target, ENDPOINT_PER_MINUTE))
    if (waitMs > 0) return Math.ceil(waitMs / 1_000)
    this.#runners.renew(runnerId, { ...runner, left: runner.left - 1 })
    this.#endpoints.renew(digest, { ...target, left: target.left - 1 })
    return null
  }
}

function filled(bucket: Bucket | undefined, perMinute: number, nowMs: number): Bucket {
  if (bucket === undefined) return { left: perMinute, atMs: nowMs }
  const back = (Math.max(0, nowMs - bucket.atMs) * perMinute) / MINUTE_MS
  return { left: Math.min(perMinute, bucket.left + back), atMs: nowMs }
}

const missing = ({ left }: Bucket, perMinute: number): number =>
  left >= 1 ? 0 : ((1 - left) * MINUTE_MS) / perMinute
