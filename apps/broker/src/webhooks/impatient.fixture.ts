import type { WebhookRules } from '@latchkey/domain/webhooks/rules'

/** Retries at once and for ever, so that a test with a target that is half dead ends. */
export const IMPATIENT: WebhookRules = {
  retryAfterMs: Array.from({ length: 200 }, () => 5),
  failingMaxMs: 60 * 60_000,
  pauseMaxMs: 1_000,
  answerWithinMs: 10_000,
  atOncePerEndpoint: 4,
}
