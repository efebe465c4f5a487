import { mintLinkRequest } from '@latchkey/protocol/linking'
import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common'
import type { Request } from 'express'
import { HttpProblem } from '../http/problem.ts'
import type { Reach } from '../http/reach.ts'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { REACH } from '../wiring.ts'
import type { LinkTokens } from './link-tokens.ts'
import { LINK_TOKENS } from './linking-wiring.ts'

/** Links to the page on which a company links its account; only for who runs the broker. */
@Controller()
export class LinkingController {
  readonly #tokens: LinkTokens
  readonly #reach: Reach
  readonly #guard: OperatorGuard

  constructor(
    @Inject(LINK_TOKENS) tokens: LinkTokens,
    @Inject(REACH) reach: Reach,
    @Inject(OperatorGuard) guard: OperatorGuard,
  ) {
    this.#tokens = tokens
    this.#reach = reach
    this.#guard = guard
  }

  /** The token is in the fragment, which no server and no log is sent. */
  @Post('operator/linking/links')
  @HttpCode(200)
  async mint(@Body() body: unknown, @Req() request: Request) {
    await this.#guard.requireOperator(request)
    const parsed = mintLinkRequest.safeParse(body)
    if (!parsed.success)
      throw new HttpProblem(400, 'INVALID_FORMAT', 'expected {"companyId": "…", "salonId": "…"}')
    const { companyId, salonId, company } = parsed.data
    const { token, expiresAt } = await this.#tokens.mint({
      company_id: companyId,
      salon_id: salonId,
      ...(company === undefined ? {} : { company }),
    })
    return { url: `${this.#reach.url}/link-whatsapp#${token}`, expiresAt }
  }
}
