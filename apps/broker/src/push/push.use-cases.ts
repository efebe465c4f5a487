import type { ReplyOf } from '@latchkey/protocol/call'
import type { pushCalls } from '@latchkey/protocol/push'
import { type PushOutcome, pushOutcome } from '@latchkey/protocol/push'
import type { Refusal } from '@latchkey/protocol/runner-pairing'
import type { z } from 'zod'
import type { Secrets } from '../config/data-directory.ts'
import type { Settings } from '../config/settings.ts'
import type { Log } from '../log/log.ts'
import { type Caller, refusalOf } from '../shell/answer.ts'
import { post } from './post.ts'
import { PushLimits } from './push-limits.ts'
import { Vapid } from './vapid.ts'
import { type LookUp, publicLookUp, wayTo } from './way-to-endpoint.ts'

type Request = z.output<(typeof pushCalls)['runner:push']['request']>
type Reply = ReplyOf<typeof pushCalls, 'runner:push'>

/** Below the ten seconds for which a runner waits for the answer. */
const ANSWER_WITHIN_MS = 7_000
/** each has a socket and 2 KiB */
const UNDER_WAY_MAX = 64
const RETRY_SECONDS_MAX = 86_400
/** A day: an older call says nothing that the console does not. */
const RING_TTL_SECONDS = 86_400
/** In the place of a runner, for the limits. */
const OPERATOR = 'operator'
/** The headers of a message with content (RFC 8291, 4). */
const SEALED = { 'content-encoding': 'aes128gcm', 'content-type': 'application/octet-stream' } as const

interface Parts {
  readonly settings: Settings
  readonly secrets: Secrets
  /** milliseconds since the epoch */
  readonly clock: () => number
  readonly log: Log
  /** the public name servers, unless a test has its own */
  readonly lookUp?: LookUp
  readonly answerWithinMs?: number
}

/** Sends sealed notifications on to push services. Knows addresses and sizes, and reads nothing. */
export class PushUseCases {
  /** notifications so far, by what became of them */
  readonly counts = new Map<PushOutcome, number>(pushOutcome.options.map((outcome) => [outcome, 0]))
  readonly #parts: Parts
  readonly #vapid: Vapid | null
  readonly #limits: PushLimits
  readonly #lookUp: LookUp
  #underWay = 0

  constructor(parts: Parts) {
    const { settings, secrets, clock, log } = parts
    this.#parts = parts
    const { pushSubject: subject } = settings
    this.#vapid = subject === undefined ? null : new Vapid({ signingKey: secrets.signingKey, subject, clock })
    this.#limits = new PushLimits(settings.pushPerMinute, clock)
    this.#lookUp = parts.lookUp ?? publicLookUp()
    if (subject === undefined)
      log.info('push.off', { reason: 'no notifications are sent: set LATCHKEY_PUSH_SUBJECT to send some' })
  }

  /** What subscriptions are made with; null where push is off. */
  get publicKey(): string | null {
    return this.#vapid?.publicKey ?? null
  }

  readonly push = async (request: Request, { peer: { runner } }: Caller): Promise<Reply | Refusal> => {
    if (runner === null) return refusalOf('INVALID_SECRET', 'this connection speaks for no runner')
    const reply = await this.#answered(request, runner.runnerId)
    this.counts.set(reply.outcome, (this.counts.get(reply.outcome) ?? 0) + 1)
    if (reply.outcome === 'taken') this.#parts.log.debug('push.taken', { runnerId: runner.runnerId })
    else this.#parts.log.info('push.not-taken', { runnerId: runner.runnerId, code: reply.outcome })
    return reply
  }

  /** Rings a browser of the operator: a message without content (RFC 8030, 5), which needs no seal. */
  async ring(endpoint: string): Promise<PushOutcome> {
    if (this.#vapid === null) return 'off'
    if (this.#underWay >= UNDER_WAY_MAX || this.#limits.charge(OPERATOR, endpoint) !== null) return 'limited'
    this.#underWay += 1
    try {
      const urgency = 'high' as const
      const { outcome } = await this.#send(
        { endpoint, body: '', ttlSeconds: RING_TTL_SECONDS, urgency },
        this.#vapid,
      )
      this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1)
      return outcome
    } finally {
      this.#underWay -= 1
    }
  }

  async #answered(request: Request, runnerId: string): Promise<Reply> {
    if (this.#vapid === null) return unsent('off')
    const busySeconds = this.#underWay >= UNDER_WAY_MAX ? 1 : null
    const retryAfterSeconds = busySeconds ?? this.#limits.charge(runnerId, request.endpoint)
    if (retryAfterSeconds !== null) return { ...unsent('limited'), retryAfterSeconds }
    this.#underWay += 1
    try {
      return await this.#send(request, this.#vapid)
    } finally {
      this.#underWay -= 1
    }
  }

  async #send({ endpoint, body, ttlSeconds, urgency }: Request, vapid: Vapid): Promise<Reply> {
    const beganAtMs = performance.now()
    const way = await wayTo(endpoint, this.#parts.settings.pushServers, this.#lookUp)
    if (typeof way === 'string') return unsent(way)
    const headers = {
      authorization: await vapid.authorization(way.url),
      ...(body === '' ? {} : SEALED),
      ttl: String(ttlSeconds),
      urgency,
    }
    const withinMs = this.#parts.answerWithinMs ?? ANSWER_WITHIN_MS
    const leftMs = Math.max(1, withinMs - (performance.now() - beganAtMs))
    const answered = await post(way, headers, Buffer.from(body, 'base64url'), Math.ceil(leftMs))
    const tookMs = Math.round(performance.now() - beganAtMs)
    if (typeof answered === 'string') return { ...unsent(answered), tookMs }
    const { status, retryAfter } = answered
    const outcome = outcomeOf(status)
    const wait = outcome === 'slow-down' ? secondsOf(retryAfter, this.#parts.clock()) : null
    return {
      success: true,
      outcome,
      status,
      tookMs,
      ...(wait !== null && { retryAfterSeconds: wait }),
    }
  }
}

const unsent = (outcome: PushOutcome): Reply => ({ success: true, outcome, status: null, tookMs: 0 })

function outcomeOf(status: number): PushOutcome {
  if (status >= 200 && status < 300) return 'taken'
  if (status === 404 || status === 410) return 'gone'
  if (status === 413) return 'too-large'
  if (status === 429) return 'slow-down'
  return status >= 500 ? 'failing' : 'refused'
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds or a date; null when it says neither. */
function secondsOf(retryAfter: string | undefined, nowMs: number): number | null {
  if (retryAfter === undefined) return null
  const seconds = /^\d{1,9}$/.test(retryAfter)
    ? Number(retryAfter)
    : Math.ceil((Date.parse(retryAfter) - nowMs) / 1_000)
  return Number.isNaN(seconds) ? null : Math.min(RETRY_SECONDS_MAX, Math.max(0, seconds))
}
