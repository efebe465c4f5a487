import { BoundedMap } from '@latchkey/domain/bounded'
import { BROKER_VERSION } from '../version.ts'
import type { Log, LogFields } from './log.ts'

/** Where failures go besides the log: a Sentry, or whatever speaks its language. */
export interface ErrorTracker {
  /** Sends what an error's log line says, scrubbed. Neither waits nor throws. */
  capture(event: string, fields: LogFields): void
  /** Resolves when everything has left, or after so many milliseconds. */
  flush(withinMs: number): Promise<void>
}

/** A failure that repeats itself says nothing new within this. */
const AGAIN_AFTER_MS = 60_000
/** Different failures that are told apart; beyond it the oldest is forgotten, and may be told again. */
const FAILURES_MAX = 200
const SEND_TIMEOUT_MS = 5_000

/** IPv4 and IPv6 addresses, with a port or without. */
const ADDRESSES = /\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\[?[\da-f]{0,4}(:[\da-f]{0,4}){3,}\]?(:\d+)?/gi
/** Nine characters as codes have them, and the digits of PINs and phones. */
const CODES = /\b[0-9A-Z]{3}(-[0-9A-Z]{3}){2}\b|\+?\d{6,}/g

/**
 * Connects to the project that a DSN names. The library is loaded here alone, so a broker without a DSN never runs it. Its own
 * instrumentation of the process stays off.
 */
export async function openErrorTracker(dsn: string): Promise<ErrorTracker> {
  const [{ createTransport }, { ServerRuntimeClient }] = await Promise.all([
    import('@sentry/core'),
    import('@sentry/core/server'),
  ])
  const client = new ServerRuntimeClient({
    dsn,
    release: `latchkey@${BROKER_VERSION}`,
    integrations: [],
    stackParser: () => [],
    sendClientReports: false,
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        const signal = AbortSignal.timeout(SEND_TIMEOUT_MS)
        const payload = typeof body === 'string' ? body : Buffer.from(body)
        const headers = { ...options.headers }
        const { status } = await fetch(options.url, { method: 'POST', body: payload, headers, signal })
        return { statusCode: status }
      }),
  })
  client.init()
  const toldAtMs = new BoundedMap<string, number>(FAILURES_MAX)
  return {
    capture(event, fields) {
      const told = scrubbed(event, fields)
      const fingerprint = [told.event, told.operation, told.code, told.reason]
      if (!isNews(toldAtMs, fingerprint.join(' '))) return
      const { frames, reason, ...tags } = told
      client.captureEvent({
        level: 'error',
        message: `${event}: ${reason}`,
        fingerprint,
        tags,
        extra: { frames },
      })
    },
    async flush(withinMs) {
      await client.flush(withinMs)
    },
  }
}

/** The same log, whose errors are told to the tracker too. */
export const tracked = (log: Log, tracker: ErrorTracker): Log => ({
  ...log,
  error: (event, fields = {}) => {
    log.error(event, fields)
    tracker.capture(event, fields)
  },
})

/** What may leave the house: what failed and where in our code; of the rest, no more than whose account it was. */
function scrubbed(
  event: string,
  { operation, code, reason, correlationId, linkSessionId, frames }: LogFields,
) {
  return {
    event,
    component: event.split('.', 1)[0] ?? event,
    operation: operation ?? 'none',
    code: code ?? 'none',
    reason: clean(reason ?? 'not said'),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(linkSessionId === undefined ? {} : { company: clean(linkSessionId) }),
    frames: (frames ?? []).map(inHouse),
  }
}

const clean = (text: string): string => text.replace(ADDRESSES, '[address]').replace(CODES, '[digits]')

/** A frame without the folders that lead to this installation: they may be somebody's name. */
const inHouse = (frame: string): string =>
  frame.replace(/(file:\/\/)?[^\s(]*\/(?=(apps|packages|node_modules)\/)/, '')

function isNews(toldAtMs: BoundedMap<string, number>, failure: string): boolean {
  const nowMs = performance.now()
  const lastMs = toldAtMs.get(failure)
  if (lastMs !== undefined && nowMs - lastMs < AGAIN_AFTER_MS) return false
  toldAtMs.renew(failure, nowMs)
  return true
}
