const ANSWER_WITHIN_MS = 2_000

/** Servers by the names people call them, each with a question that it answers when it is there. */
export type Needed = Readonly<Record<string, () => Promise<unknown>>>

/** Whether a question is answered soon, and well. */
export async function answersInTime(question: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, false)
  })
  const answered = question.then(
    () => true,
    () => false,
  )
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
