import { type AppsAnswer, type AppsOrder, appsAnswer } from '@latchkey/protocol/runner-apps'
import { asked } from '../operator/asked.ts'

/** What a machine knows of its apps, once it has said so. */
export type AppsThere = Extract<AppsAnswer, { readonly ok: true }>

/** What a machine said, or why it did not: a code of the broker's, `UNREACHABLE` when the broker itself was not heard. */
export type Ordered =
  | { readonly ok: true; readonly there: AppsThere }
  | { readonly ok: false; readonly code: string }

/** Has the broker ask the machine. The machine decides. */
export async function orderRunner(runnerId: string, order: AppsOrder): Promise<Ordered> {
  const path = `/operator/runners/${encodeURIComponent(runnerId)}/apps`
  const answer = await asked(appsAnswer, 'POST', path, order)
  if (!answer.ok) return { ok: false, code: answer.code ?? 'UNREACHABLE' }
  return answer.value.ok ? { ok: true, there: answer.value } : { ok: false, code: answer.value.code }
}
