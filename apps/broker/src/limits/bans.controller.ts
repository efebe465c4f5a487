import { type BansReply, type LiftReply, liftRequest } from '@latchkey/protocol/limits'
import { Controller, Delete, Get, Query, Req } from '@nestjs/common'
import type { Request } from 'express'
import { HttpProblem } from '../http/problem.ts'
import type { OperatorGuard } from '../operator/operator-guard.ts'
import type { LimitsDesk } from './limits-desk.ts'

const BANS_MAX = 1_000

interface Parts {
  readonly guard: OperatorGuard
  readonly desk: LimitsDesk
}

/** Who is banned, and letting them in again, for the operator. */
@Controller()
export class BansController {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  @Get('operator/bans')
  async bans(@Req() request: Request): Promise<BansReply> {
    await this.#parts.guard.requireOperator(request)
    const bans = await this.#parts.desk.bans()
    return { bans: bans.slice(0, BANS_MAX), bansInAll: bans.length }
  }

  @Delete('operator/bans')
  async lift(@Query() query: unknown, @Req() request: Request): Promise<LiftReply> {
    await this.#parts.guard.requireOperator(request)
    const wanted = liftRequest.safeParse(query)
    if (!wanted.success)
      throw new HttpProblem(400, 'INVALID_FORMAT', 'say which ban: ?subject=ADDRESS, or ?all=true')
    const lifted = await this.#parts.desk.lift(wanted.data)
    if (lifted.length === 0 && 'subject' in wanted.data)
      throw new HttpProblem(
        404,
        'NO_SUCH_BAN',
        'nobody of that name is banned: GET /operator/bans lists who is',
      )
    return { lifted: [...lifted] }
  }
}
