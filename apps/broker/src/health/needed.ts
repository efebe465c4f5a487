import { StoreUnavailable } from '@latchkey/stores/store-unavailable'

const ANSWER_WITHIN_MS = 2_000

/** Servers by the names people call them, each with a question that it answers when it can do its work: a write. */
export type Needed = Readonly<Record<string, () => Promise<unknown>>>

/** Why a question was not answered soon and well, as an operator reads it; null when it was. */
export async function whyNoAnswer(question: Promise<unknown>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, 'it does not answer')
  })
  const answered = question.then(
    () => null,
    (problem: unknown) => (problem instanceof StoreUnavailable ? problem.why : 'it failed'),
  )
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
