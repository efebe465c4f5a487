import { companyUrlRequest } from '@latchkey/protocol/accounts'
import { Body, Controller } from '@nestjs/common'
import { HttpProblem } from '../http/problem.ts'
import type { Reach } from '../http/reach.ts'
import { Answers } from '../routes/answers.ts'
import type { Accounts } from './open-accounts.ts'

interface Parts {
  readonly linking: Accounts
  readonly reach: Reach
}

/** Makes addresses of the page on which a company links its account; for the operator alone. */
@Controller()
export class AccountsController {
  constructor(private readonly parts: Parts) {}

  @Answers('get /operator/linking/sessions')
  sessions() {
    return this.parts.linking.overview()
  }

  /** The token is in the fragment, which no server and no log is sent. */
  @Answers('post /operator/linking/links')
  async mint(@Body() body: unknown) {
    const parsed = companyUrlRequest.safeParse(body)
    if (!parsed.success)
      throw new HttpProblem(400, 'INVALID_FORMAT', 'expected {"companyId": "…", "salonId": "…"}')
    const { companyId, salonId, company } = parsed.data
    const { token, expiresAt } = await this.parts.linking.tokens.mint({
      company_id: companyId,
      salon_id: salonId,
      ...(company === undefined ? {} : { company }),
    })
    return { url: `${this.parts.reach.url}/link-whatsapp#${token}`, expiresAt }
  }
}
