const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Every time and bound of webhooks. Tests hand in their own. */
export interface WebhookRules {
  /** after each failed delivery, how long until the next; after the last one the event is given up */
  readonly retryAfterMs: readonly number[]
  /** an endpoint that has taken nothing for this long is switched off */
  readonly failingMaxMs: number
  /** the longest that a target's own `Retry-After` is followed */
  readonly pauseMaxMs: number
  /** from the look-up of the name to the head of the answer */
  readonly answerWithinMs: number
  /** deliveries to one endpoint at once, each of another subject */
  readonly atOncePerEndpoint: number
}

/** The Standard Webhooks specification proposes much the same: a day and a half in all. */
export const defaultWebhookRules: WebhookRules = {
  retryAfterMs: [
    5 * SECOND_MS,
    30 * SECOND_MS,
    2 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    4 * HOUR_MS,
    8 * HOUR_MS,
    12 * HOUR_MS,
  ],
  failingMaxMs: 3 * DAY_MS,
  pauseMaxMs: HOUR_MS,
  answerWithinMs: 10 * SECOND_MS,
  atOncePerEndpoint: 4,
}

/** A person still reads this list, and each endpoint takes connections of its own. */
export const ENDPOINTS_MAX = 50

/** How long events are kept for the log and for replay; those that still wait are kept longer. */
export const EVENTS_KEPT_MS = 14 * DAY_MS
/** The oldest go first beyond this many: some 50 MB. */
export const EVENTS_MAX = 100_000

/** The two secrets of a rotation are both good for this long, unless the operator says another time. */
export const ROTATION_OVERLAP_MS = DAY_MS
