import { mintLinkRequest } from '@latchkey/protocol/linking'
import { Body, Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common'
import type { Request } from 'express'
import { HttpProblem } from '../http/problem.ts'
import type { Reach } from '../http/reach.ts'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { REACH } from '../wiring.ts'
import { LINKING } from './linking-wiring.ts'
import type { Linking } from './open-linking.ts'

/** Links to the page on which a company links its account; only for who runs the broker. */
@Controller()
export class LinkingController {
  readonly #linking: Linking
  readonly #reach: Reach
  readonly #guard: OperatorGuard

  constructor(
    @Inject(LINKING) linking: Linking,
    @Inject(REACH) reach: Reach,
    @Inject(OperatorGuard) guard: OperatorGuard,
  ) {
    this.#linking = linking
    this.#reach = reach
    this.#guard = guard
  }

  @Get('operator/linking/sessions')
  async sessions(@Req() request: Request) {
    await this.#guard.requireOperator(request)
    return this.#linking.overview()
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
    const { token, expiresAt } = await this.#linking.tokens.mint({
      company_id: companyId,
      salon_id: salonId,
      ...(company === undefined ? {} : { company }),
    })
    return { url: `${this.#reach.url}/link-whatsapp#${token}`, expiresAt }
  }
}
