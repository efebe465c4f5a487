import { historyQuery } from '@latchkey/protocol/history'
import { Controller, Get, Query, Req } from '@nestjs/common'
import type { Request } from 'express'
import { HttpProblem } from '../http/problem.ts'
import type { OperatorGuard } from '../operator/operator-guard.ts'
import type { HistoryDesk } from './history-desk.ts'

interface Parts {
  readonly guard: OperatorGuard
  readonly desk: HistoryDesk
}

/** What was attempted, for the operator. */
@Controller()
export class HistoryController {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** By time, runner and outcome, page by page, the newest first. */
  @Get('operator/history')
  async history(@Query() query: unknown, @Req() request: Request) {
    await this.#parts.guard.requireOperator(request)
    const asked = historyQuery.safeParse(query)
    if (!asked.success) {
      const what = asked.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`)
      throw new HttpProblem(400, 'INVALID_FORMAT', what.join('; ').slice(0, 500))
    }
    return this.#parts.desk.page(asked.data)
  }
}
