import { StoreUnavailable } from '@latchkey/stores/store-unavailable'
import { pino } from 'pino'

/** All that a log line may say besides its event. No codes, secrets, credentials, typed text or terminal bytes. */
export interface LogFields {
  readonly runnerId?: string
  readonly appSessionId?: string
  readonly nodeId?: string
  readonly address?: string
  /** the company's WhatsApp account */
  readonly linkSessionId?: string
  /** names an API key, and tells nothing of its secret */
  readonly keyId?: string
  readonly webhookId?: string
  /** names one failure, for its reader to report */
  readonly correlationId?: string
  readonly operation?: string
  readonly channel?: number
  /** a code of PairingErrorCode, or of the operating system */
  readonly code?: string
  readonly reason?: string
  readonly count?: number
  readonly ms?: number
  readonly port?: number
  readonly level?: string
  /** where in our own code something failed */
  readonly frames?: readonly string[]
}

type Level = 'debug' | 'info' | 'warn' | 'error'

/** Events with allowed fields, one JSON object a line. */
export type Log = Readonly<Record<Level, (event: string, fields?: LogFields) => void>>

const ALLOWED: ReadonlySet<string> = new Set<keyof LogFields>([
  'runnerId',
  'appSessionId',
  'nodeId',
  'address',
  'linkSessionId',
  'keyId',
  'webhookId',
  'correlationId',
  'operation',
  'channel',
  'code',
  'reason',
  'count',
  'ms',
  'port',
  'level',
  'frames',
])
const TEXT_CHARS_MAX = 200
const FRAMES_MAX = 12

/** Where lines go; standard error unless a test listens. */
export interface LogSink {
  write(line: string): void
}

export function openLog(level: Level | 'silent', sink?: LogSink): Log {
  const options = { level, base: { pid: process.pid }, messageKey: 'event' }
  // Synchronous: the last lines before an end are the ones that matter.
  const out = pino(options, sink ?? pino.destination({ dest: 2, sync: true }))
  const at =
    (severity: Level) =>
    (event: string, fields: LogFields = {}): void =>
      out[severity](allowed(fields), event)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Fields that are not on the list are left out, also where a cast deceived the compiler. */
function allowed(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => ALLOWED.has(name))
      .map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, TEXT_CHARS_MAX) : value]),
  )
}

/**
 * A failure as fields. Its message is left out unless it is known to quote no input: a parser's message does.
 */
export function failureFields(problem: unknown): LogFields {
  if (!(problem instanceof Error)) return { reason: 'something that is no error was thrown' }
  const code = 'code' in problem && typeof problem.code === 'string' ? problem.code : undefined
  const frames = (problem.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, FRAMES_MAX)
    .map((line) => line.trim())
  // The operating system's messages name files and addresses; Node's own (ERR_…) may quote an argument.
  const tells = problem instanceof StoreUnavailable || 'syscall' in problem
  return { reason: tells ? problem.message : problem.name, ...(code === undefined ? {} : { code }), frames }
}
