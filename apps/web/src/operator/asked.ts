import { problem } from '@latchkey/protocol/console'
import { operatorHeaders } from './page-key.ts'

/** The broker's answer to the operator; `code` is null when no broker answered. */
export type Answered<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string | null }

/** A schema of the wire, as far as it is used here. */
interface Schema<Value> {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: Value | undefined }
}

/** Asks the broker something as the signed-in operator. */
export async function asked<Value>(
  schema: Schema<Value>,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answered<Value>> {
  try {
    const answer = await fetch(path, {
      method,
      headers: {
        ...operatorHeaders(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // Some answers have no body.
    const told: unknown = await answer.json().catch(() => null)
    if (!answer.ok) return { ok: false, code: problem.safeParse(told).data?.code ?? null }
    const value = schema.safeParse(told).data
    return value === undefined ? { ok: false, code: null } : { ok: true, value }
  } catch {
    return { ok: false, code: null }
  }
}
