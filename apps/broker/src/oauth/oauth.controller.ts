import { Body, Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common'
import type { Request } from 'express'
import type { OAuthDesk } from './oauth-desk.ts'

/** RFC 8628 over HTTP. One line per call; nothing of it may be kept by anybody on the way. */
@Controller()
export class OAuthController {
  readonly #desk: OAuthDesk

  constructor(desk: OAuthDesk) {
    this.#desk = desk
  }

  @Post('oauth/device_authorization')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  authorize(@Req() request: Request, @Body() body: unknown) {
    return this.#desk.authorize(request, body)
  }

  @Post('oauth/token')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  token(@Body() body: unknown) {
    return this.#desk.token(body)
  }

  @Get('.well-known/oauth-authorization-server')
  metadata(@Req() request: Request) {
    return this.#desk.metadata(request)
  }
}
