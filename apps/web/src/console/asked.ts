import { received } from '@latchkey/protocol/call'
import { problem } from '@latchkey/protocol/console'
import type { z } from 'zod'

/** What the broker answered the operator; `code` is null when it did not answer, or not as the broker does. */
export type Answered<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string | null }

/** Asks the broker something with the console's cookie. */
export async function asked<S extends z.ZodType>(
  schema: S,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answered<z.output<S>>> {
  try {
    const answer = await fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const told: unknown = await answer.json()
    if (!answer.ok) return { ok: false, code: received(problem, told)?.code ?? null }
    const value = received(schema, told)
    return value === null ? { ok: false, code: null } : { ok: true, value }
  } catch {
    return { ok: false, code: null }
  }
}
