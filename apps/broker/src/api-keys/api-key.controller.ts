import { Body, Controller, Param } from '@nestjs/common'
import { Answers } from '../routes/answers.ts'
import type { ApiKeyDesk } from './api-key-desk.ts'

/** API keys, for the operator. */
@Controller()
export class ApiKeyController {
  constructor(private readonly desk: ApiKeyDesk) {}

  @Answers('get /operator/keys')
  list() {
    return this.desk.list()
  }

  @Answers('post /operator/keys')
  make(@Body() body: unknown) {
    return this.desk.make(body)
  }

  @Answers('delete /operator/keys/{id}')
  revoke(@Param('id') id: string) {
    return this.desk.revoke(id)
  }
}
