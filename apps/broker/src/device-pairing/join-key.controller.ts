import { Body, Controller, Param, Req } from '@nestjs/common'
import type { Request } from 'express'
import { Answers } from '../routes/answers.ts'
import type { JoinKeyDesk } from './join-key-desk.ts'

/** Join keys over HTTP: the operator's list, and machines that join with one. One line per call. */
@Controller()
export class JoinKeyController {
  constructor(private readonly desk: JoinKeyDesk) {}

  @Answers('get /operator/join-keys')
  list() {
    return this.desk.list()
  }

  @Answers('post /operator/join-keys')
  make(@Body() body: unknown) {
    return this.desk.make(body)
  }

  @Answers('delete /operator/join-keys/{id}')
  revoke(@Param('id') id: string) {
    return this.desk.revoke(id)
  }

  @Answers('post /pairing/key')
  join(@Req() request: Request, @Body() body: unknown) {
    return this.desk.join(request, body)
  }
}
