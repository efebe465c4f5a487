import { readFileSync } from 'node:fs'
import { type ConsoleEvent, consoleEvent, problem } from '@latchkey/protocol/console'
import { printable } from '@latchkey/protocol/printable'
import { z } from 'zod'
import type { UpFile } from '../up/up-file.ts'

/** A broker on this machine answers in milliseconds; one that does not in this time is stuck. */
const ANSWER_WITHIN_MS = 5_000

/** The broker did not tell, and why. */
export interface NotTold {
  readonly ok: false
  readonly reason: 'unreachable' | 'refused' | 'not-understood'
  readonly detail: string
}

export type Overview = { readonly ok: true; readonly overview: ConsoleEvent } | NotTold

type Asked<T> = { readonly ok: true; readonly told: T } | NotTold

/** Where a broker is reached, and the file of its operator's secret. */
export type Asking = Pick<UpFile, 'localUrl' | 'operatorSecretFile'>

/** What the broker tells its operator, asked with the secret of the data directory. */
export async function askOverview(up: UpFile, secretOfEnv: string | undefined): Promise<Overview> {
  const asked = await askOperator(up, secretOfEnv, 'GET', '/operator/overview', consoleEvent)
  return asked.ok ? { ok: true, overview: asked.told } : asked
}

const consoleUrlReply = z.object({ consoleUrl: z.string() })

/** A new console URL: the one that was printed at the start works once. */
export const askConsoleUrl = (up: UpFile, secretOfEnv: string | undefined) =>
  askOperator(up, secretOfEnv, 'POST', '/operator/link', consoleUrlReply)

/** Asks with the operator's secret: that of the environment, or the one in the data folder. */
export async function askOperator<T>(
  up: Asking,
  secretOfEnv: string | undefined,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  schema: z.ZodType<T>,
  { body, withinMs = ANSWER_WITHIN_MS }: { readonly body?: object; readonly withinMs?: number } = {},
): Promise<Asked<T>> {
  let response: Response
  try {
    const secret = secretOfEnv ?? readFileSync(up.operatorSecretFile, 'utf8').trim()
    response = await fetch(`${up.localUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(withinMs),
    })
  } catch (failure) {
    return { ok: false, reason: 'unreachable', detail: detailOf(failure) }
  }
  const said: unknown = await response.json().catch(() => null)
  if (!response.ok) return { ok: false, reason: 'refused', detail: refusalOf(response.status, said) }
  const read = schema.safeParse(said)
  if (read.success) return { ok: true, told: read.data }
  return { ok: false, reason: 'not-understood', detail: 'the broker is of another release' }
}

function refusalOf(status: number, said: unknown): string {
  const { detail } = problem.safeParse(said).data ?? {}
  return `the broker answered ${status}${detail === undefined ? '' : `: ${printable(detail)}`}`
}

function detailOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  // fetch says "fetch failed" and keeps the reason behind it.
  return failure.cause instanceof Error ? failure.cause.message : failure.message
}
