import {
  cancelRequest,
  connectRequest,
  consentRequest,
  followRequest,
  startRequest,
  verifyRequest,
} from '@latchkey/protocol/device-pairing'
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { OperatorGuard } from '../operator/operator-guard.ts'
import type { DeviceDesk } from './device-desk.ts'
import { readBody } from './device-refusal.ts'

interface Parts {
  readonly desk: DeviceDesk
  readonly guard: OperatorGuard
}

/** Pairing a device over HTTP. One line per call. */
@Controller('pairing')
export class DevicePairingController {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  @Post('start')
  @HttpCode(200)
  async start(@Req() request: Request, @Body() body: unknown) {
    await this.#parts.guard.requireOperator(request)
    return this.#parts.desk.start(readBody(startRequest, body))
  }

  @Post('connect')
  @HttpCode(200)
  connect(@Req() request: Request, @Body() body: unknown) {
    return this.#parts.desk.connect(request, readBody(connectRequest, body))
  }

  @Post('verify')
  @HttpCode(200)
  async verify(@Req() request: Request, @Body() body: unknown) {
    await this.#parts.guard.requireOperator(request)
    return this.#parts.desk.verify(readBody(verifyRequest, body))
  }

  @Post('cancel')
  @HttpCode(200)
  async cancel(@Req() request: Request, @Body() body: unknown) {
    await this.#parts.guard.requireOperator(request)
    return this.#parts.desk.cancel(readBody(cancelRequest, body))
  }

  @Post('consent')
  @HttpCode(200)
  async consent(@Req() request: Request, @Body() body: unknown) {
    await this.#parts.guard.requireOperator(request)
    return this.#parts.desk.consent(readBody(consentRequest, body))
  }

  @Post('follow')
  follow(@Req() request: Request, @Res() response: Response, @Body() body: unknown) {
    return this.#parts.desk.follow(request, response, readBody(followRequest, body))
  }
}
