import { Body, Controller, Param, Req } from '@nestjs/common'
import type { Request } from 'express'
import { Answers } from '../routes/answers.ts'
import type { DeviceDesk } from './device-desk.ts'

/** Devices over HTTP: the operator's list, and a device's own record. One line per call. */
@Controller()
export class DeviceController {
  constructor(private readonly desk: DeviceDesk) {}

  @Answers('get /nodes')
  list() {
    return this.desk.list()
  }

  @Answers('get /nodes/me')
  me(@Req() request: Request) {
    return this.desk.me(request)
  }

  @Answers('patch /nodes/me')
  rename(@Req() request: Request, @Body() body: unknown) {
    return this.desk.rename(request, body)
  }

  @Answers('patch /nodes/{id}')
  change(@Param('id') id: string, @Body() body: unknown) {
    return this.desk.change(id, body)
  }

  @Answers('delete /nodes/me')
  leave(@Req() request: Request) {
    return this.desk.leave(request)
  }

  @Answers('delete /nodes/{id}')
  revoke(@Param('id') id: string) {
    return this.desk.revoke(id)
  }
}
