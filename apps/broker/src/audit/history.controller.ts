import { historyQuery } from '@latchkey/protocol/history'
import { Controller, Get, Inject, Query, Req } from '@nestjs/common'
import type { Request } from 'express'
import { HttpProblem } from '../http/problem.ts'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { HistoryDesk } from './history-desk.ts'

/** What was attempted, for the operator. */
@Controller()
export class HistoryController {
  readonly #guard: OperatorGuard
  readonly #desk: HistoryDesk

  constructor(@Inject(OperatorGuard) guard: OperatorGuard, @Inject(HistoryDesk) desk: HistoryDesk) {
    this.#guard = guard
    this.#desk = desk
  }

  /** By time, runner and outcome, page by page, the newest first. */
  @Get('operator/history')
  async history(@Query() query: unknown, @Req() request: Request) {
    await this.#guard.requireOperator(request)
    const asked = historyQuery.safeParse(query)
    if (!asked.success) {
      const what = asked.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`)
      throw new HttpProblem(400, 'INVALID_FORMAT', what.join('; ').slice(0, 500))
    }
    return this.#desk.page(asked.data)
  }
}
