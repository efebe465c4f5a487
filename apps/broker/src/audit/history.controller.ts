import { historyQuery } from '@latchkey/protocol/history'
import { Controller, Query } from '@nestjs/common'
import { HttpProblem } from '../http/problem.ts'
import { Answers } from '../routes/answers.ts'
import type { HistoryDesk } from './history-desk.ts'

/** The history of pairing attempts, for the operator. */
@Controller()
export class HistoryController {
  constructor(private readonly desk: HistoryDesk) {}

  /** By time, runner and outcome, page by page, the newest first. */
  @Answers('get /operator/history')
  async history(@Query() query: unknown) {
    const asked = historyQuery.safeParse(query)
    if (!asked.success) {
      const what = asked.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`)
      throw new HttpProblem(400, 'INVALID_FORMAT', what.join('; ').slice(0, 500))
    }
    return this.desk.page(asked.data)
  }
}
