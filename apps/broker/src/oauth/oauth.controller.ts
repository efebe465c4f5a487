import { Body, Controller, Header, Req } from '@nestjs/common'
import type { Request } from 'express'
import { Answers } from '../routes/answers.ts'
import type { OAuthDesk } from './oauth-desk.ts'

/** RFC 8628 over HTTP. One line per call; nothing of it may be kept by anybody on the way. */
@Controller()
export class OAuthController {
  constructor(private readonly desk: OAuthDesk) {}

  @Answers('post /oauth/device_authorization')
  @Header('cache-control', 'no-store')
  authorize(@Req() request: Request, @Body() body: unknown) {
    return this.desk.authorize(request, body)
  }

  @Answers('post /oauth/token')
  @Header('cache-control', 'no-store')
  token(@Body() body: unknown) {
    return this.desk.token(body)
  }

  @Answers('get /.well-known/oauth-authorization-server')
  metadata(@Req() request: Request) {
    return this.desk.metadata(request)
  }
}
