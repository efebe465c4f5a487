import { type BansReply, type LiftReply, liftRequest } from '@latchkey/protocol/limits'
import { Controller, Delete, Get, Inject, Query, Req } from '@nestjs/common'
import type { Request } from 'express'
import { HttpProblem } from '../http/problem.ts'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { LimitsDesk } from './limits-desk.ts'

const BANS_MAX = 1_000

/** Who is banned, and letting them in again, for the operator. */
@Controller()
export class BansController {
  readonly #guard: OperatorGuard
  readonly #desk: LimitsDesk

  constructor(@Inject(OperatorGuard) guard: OperatorGuard, @Inject(LimitsDesk) desk: LimitsDesk) {
    this.#guard = guard
    this.#desk = desk
  }

  @Get('operator/bans')
  async bans(@Req() request: Request): Promise<BansReply> {
    await this.#guard.requireOperator(request)
    const bans = await this.#desk.bans()
    return { bans: bans.slice(0, BANS_MAX), bansInAll: bans.length }
  }

  @Delete('operator/bans')
  async lift(@Query() query: unknown, @Req() request: Request): Promise<LiftReply> {
    await this.#guard.requireOperator(request)
    const wanted = liftRequest.safeParse(query)
    if (!wanted.success)
      throw new HttpProblem(400, 'INVALID_FORMAT', 'say which ban: ?subject=ADDRESS, or ?all=true')
    const lifted = await this.#desk.lift(wanted.data)
    if (lifted.length === 0 && 'subject' in wanted.data)
      throw new HttpProblem(
        404,
        'NO_SUCH_BAN',
        'nobody of that name is banned: GET /operator/bans lists who is',
      )
    return { lifted: [...lifted] }
  }
}
