import { Body, Controller, Param, Query } from '@nestjs/common'
import { Answers } from '../routes/answers.ts'
import type { WebhookDesk } from './webhook-desk.ts'

/** Webhooks: endpoints, their secrets, their log. */
@Controller()
export class WebhookController {
  constructor(private readonly desk: WebhookDesk) {}

  @Answers('get /webhooks')
  list() {
    return this.desk.list()
  }

  @Answers('post /webhooks')
  make(@Body() body: unknown) {
    return this.desk.make(body)
  }

  @Answers('patch /webhooks/{id}')
  change(@Param('id') id: string, @Body() body: unknown) {
    return this.desk.change(id, body)
  }

  @Answers('delete /webhooks/{id}')
  remove(@Param('id') id: string) {
    return this.desk.remove(id)
  }

  @Answers('post /webhooks/{id}/rotate')
  rotate(@Param('id') id: string, @Body() body: unknown) {
    return this.desk.rotate(id, body)
  }

  @Answers('post /webhooks/{id}/test')
  test(@Param('id') id: string) {
    return this.desk.test(id)
  }

  @Answers('get /webhooks/{id}/deliveries')
  deliveries(@Param('id') id: string, @Query() query: unknown) {
    return this.desk.deliveries(id, query)
  }

  @Answers('post /webhooks/{id}/replay')
  replay(@Param('id') id: string, @Body() body: unknown) {
    return this.desk.replay(id, body)
  }
}
