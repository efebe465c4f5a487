import {
  cancelRequest,
  connectRequest,
  consentRequest,
  followRequest,
  startRequest,
  verifyRequest,
} from '@latchkey/protocol/device-pairing'
import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { DeviceDesk } from './device-desk.ts'
import { readBody } from './device-refusal.ts'

/** Pairing a device over HTTP. One line per call. */
@Controller('pairing')
export class DevicePairingController {
  readonly #desk: DeviceDesk
  readonly #guard: OperatorGuard

  constructor(@Inject(DeviceDesk) desk: DeviceDesk, @Inject(OperatorGuard) guard: OperatorGuard) {
    this.#desk = desk
    this.#guard = guard
  }

  @Post('start')
  @HttpCode(200)
  async start(@Req() request: Request, @Body() body: unknown) {
    await this.#guard.requireOperator(request)
    return this.#desk.start(readBody(startRequest, body))
  }

  @Post('connect')
  @HttpCode(200)
  connect(@Req() request: Request, @Body() body: unknown) {
    return this.#desk.connect(request, readBody(connectRequest, body))
  }

  @Post('verify')
  @HttpCode(200)
  async verify(@Req() request: Request, @Body() body: unknown) {
    await this.#guard.requireOperator(request)
    return this.#desk.verify(readBody(verifyRequest, body))
  }

  @Post('cancel')
  @HttpCode(200)
  async cancel(@Req() request: Request, @Body() body: unknown) {
    await this.#guard.requireOperator(request)
    return this.#desk.cancel(readBody(cancelRequest, body))
  }

  @Post('consent')
  @HttpCode(200)
  async consent(@Req() request: Request, @Body() body: unknown) {
    await this.#guard.requireOperator(request)
    return this.#desk.consent(readBody(consentRequest, body))
  }

  @Post('follow')
  follow(@Req() request: Request, @Res() response: Response, @Body() body: unknown) {
    return this.#desk.follow(request, response, readBody(followRequest, body))
  }
}
