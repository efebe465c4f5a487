import { type AppsAnswer, type AppsOrder, appsAnswer } from '@latchkey/protocol/runner-apps'
import { asked } from '../operator/asked.ts'

/** A machine's list of its apps. */
export type AppsThere = Extract<AppsAnswer, { readonly ok: true }>

/** The answer of a machine, or the code of a refusal: `UNREACHABLE` when the broker did not answer. */
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
