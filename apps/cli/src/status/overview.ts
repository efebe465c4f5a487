import { readFileSync } from 'node:fs'
import { type ConsoleEvent, consoleEvent } from '@latchkey/protocol/console'
import type { UpFile } from '../up/up-file.ts'

/** A broker on this machine answers in milliseconds; one that does not in this time is stuck. */
const ANSWER_WITHIN_MS = 5_000

export type Overview =
  | { readonly ok: true; readonly overview: ConsoleEvent }
  | {
      readonly ok: false
      readonly reason: 'unreachable' | 'refused' | 'not-understood'
      readonly detail: string
    }

/** What the broker tells its operator, asked with the secret of the data directory. */
export async function askOverview(up: UpFile, secretOfEnv: string | undefined): Promise<Overview> {
  let response: Response
  try {
    const secret = secretOfEnv ?? readFileSync(up.secretFile, 'utf8').trim()
    response = await fetch(`${up.localUrl}/operator/overview`, {
      headers: { authorization: `Bearer ${secret}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
  } catch (problem) {
    return { ok: false, reason: 'unreachable', detail: detailOf(problem) }
  }
  if (!response.ok) return { ok: false, reason: 'refused', detail: `the broker answered ${response.status}` }
  const read = consoleEvent.safeParse(await response.json().catch(() => null))
  if (read.success) return { ok: true, overview: read.data }
  return { ok: false, reason: 'not-understood', detail: 'the broker is of another release' }
}

function detailOf(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem)
  // fetch says "fetch failed" and keeps the reason behind it.
  return problem.cause instanceof Error ? problem.cause.message : problem.message
}
