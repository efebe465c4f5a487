import type { QuestionListener } from '../questions/question-desk.ts'
import type { Push } from './push-feature.ts'

/** Turns agents' questions into news: each one when it is asked, and none after it is over. */
export const questionFeed = (push: Pick<Push, 'notify' | 'settle'>): QuestionListener => ({
  asked: ({ id, terminal, agent, title, text }) =>
    push.notify({
      terminal,
      kind: 'question',
      title: agent,
      body: title === text ? text : `${title}: ${text}`,
      question: id,
    }),
  over: ({ terminal }) => push.settle(terminal),
})
