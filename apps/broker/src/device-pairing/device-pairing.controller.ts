import {
  cancelRequest,
  connectRequest,
  consentRequest,
  followRequest,
  startRequest,
  verifyRequest,
} from '@latchkey/protocol/device-pairing'
import { Body, Controller, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import { Answers } from '../routes/answers.ts'
import type { DevicePairingDesk } from './device-pairing-desk.ts'
import { readBody } from './device-refusal.ts'

/** Pairing a device over HTTP. One line per call. */
@Controller()
export class DevicePairingController {
  constructor(private readonly desk: DevicePairingDesk) {}

  @Answers('post /pairing/start')
  start(@Body() body: unknown) {
    return this.desk.start(readBody(startRequest, body))
  }

  @Answers('post /pairing/connect')
  connect(@Req() request: Request, @Body() body: unknown) {
    return this.desk.connect(request, readBody(connectRequest, body))
  }

  @Answers('post /pairing/verify')
  verify(@Body() body: unknown) {
    return this.desk.verify(readBody(verifyRequest, body))
  }

  @Answers('post /pairing/cancel')
  cancel(@Body() body: unknown) {
    return this.desk.cancel(readBody(cancelRequest, body))
  }

  @Answers('post /pairing/consent')
  consent(@Body() body: unknown) {
    return this.desk.consent(readBody(consentRequest, body))
  }

  @Answers('post /pairing/follow')
  follow(@Req() request: Request, @Res() response: Response, @Body() body: unknown) {
    return this.desk.follow(request, response, readBody(followRequest, body))
  }
}
