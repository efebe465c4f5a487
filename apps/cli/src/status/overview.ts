import { readFileSync } from 'node:fs'
import { type ConsoleEvent, consoleEvent } from '@latchkey/protocol/console'
import { z } from 'zod'
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

type Asked<T> = { readonly ok: true; readonly told: T } | Extract<Overview, { readonly ok: false }>

/** What the broker tells its operator, asked with the secret of the data directory. */
export async function askOverview(up: UpFile, secretOfEnv: string | undefined): Promise<Overview> {
  const asked = await ask(up, secretOfEnv, 'GET', '/operator/overview', consoleEvent)
  return asked.ok ? { ok: true, overview: asked.told } : asked
}

const consoleLink = z.object({ consoleUrl: z.string() })

/** A new link to the console: the one that was printed at the start works once. */
export const askConsoleLink = (up: UpFile, secretOfEnv: string | undefined) =>
  ask(up, secretOfEnv, 'POST', '/operator/link', consoleLink)

async function ask<T>(
  up: UpFile,
  secretOfEnv: string | undefined,
  method: 'GET' | 'POST',
  path: string,
  schema: z.ZodType<T>,
): Promise<Asked<T>> {
  let response: Response
  try {
    const secret = secretOfEnv ?? readFileSync(up.operatorSecretFile, 'utf8').trim()
    response = await fetch(`${up.localUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
  } catch (problem) {
    return { ok: false, reason: 'unreachable', detail: detailOf(problem) }
  }
  if (!response.ok) return { ok: false, reason: 'refused', detail: `the broker answered ${response.status}` }
  const read = schema.safeParse(await response.json().catch(() => null))
  if (read.success) return { ok: true, told: read.data }
  return { ok: false, reason: 'not-understood', detail: 'the broker is of another release' }
}

function detailOf(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem)
  // fetch says "fetch failed" and keeps the reason behind it.
  return problem.cause instanceof Error ? problem.cause.message : problem.message
}
