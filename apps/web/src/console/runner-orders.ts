import { problem } from '@latchkey/protocol/console'
import { type AppsAnswer, type AppsOrder, appsAnswer } from '@latchkey/protocol/runner-apps'
import { operatorHeaders } from '../operator/page-key.ts'

/** What a machine knows of its apps, once it has said so. */
export type AppsThere = Extract<AppsAnswer, { readonly ok: true }>

/** What a machine said, or why it did not: a code of the broker's, `UNREACHABLE` when the broker itself was not heard. */
export type Ordered =
  | { readonly ok: true; readonly there: AppsThere }
  | { readonly ok: false; readonly code: string }

/** Has the broker ask the machine. The machine decides. */
export async function orderRunner(runnerId: string, order: AppsOrder): Promise<Ordered> {
  try {
    const response = await fetch(`/operator/runners/${encodeURIComponent(runnerId)}/apps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...operatorHeaders() },
      body: JSON.stringify(order),
    })
    const said: unknown = await response.json()
    const answer = appsAnswer.safeParse(said)
    if (response.ok && answer.data?.ok === true) return { ok: true, there: answer.data }
    return { ok: false, code: problem.safeParse(said).data?.code ?? 'UNREACHABLE' }
  } catch {
    return { ok: false, code: 'UNREACHABLE' }
  }
}
