import { type BansReply, type LiftReply, liftRequest } from '@latchkey/protocol/limits'
import { Controller, Query } from '@nestjs/common'
import { HttpProblem } from '../http/problem.ts'
import { Answers } from '../routes/answers.ts'
import type { LimitsDesk } from './limits-desk.ts'

const BANS_MAX = 1_000

/** The list of bans and their lifting, for the operator. */
@Controller()
export class BansController {
  constructor(private readonly desk: LimitsDesk) {}

  @Answers('get /operator/bans')
  async bans(): Promise<BansReply> {
    const bans = await this.desk.bans()
    return { bans: bans.slice(0, BANS_MAX), bansInAll: bans.length }
  }

  @Answers('delete /operator/bans')
  async lift(@Query() query: unknown): Promise<LiftReply> {
    const wanted = liftRequest.safeParse(query)
    if (!wanted.success)
      throw new HttpProblem(400, 'INVALID_FORMAT', 'say which ban: ?subject=ADDRESS, or ?all=true')
    const lifted = await this.desk.lift(wanted.data)
    if (lifted.length === 0 && 'subject' in wanted.data)
      throw new HttpProblem(
        404,
        'NO_SUCH_BAN',
        'nobody of that name is banned: GET /operator/bans lists who is',
      )
    return { lifted: [...lifted] }
  }
}
