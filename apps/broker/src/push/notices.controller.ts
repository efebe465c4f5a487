import { Body, Controller, Param } from '@nestjs/common'
import { Answers } from '../routes/answers.ts'
import type { Notices } from './notices.ts'

/** Notices to the operator over HTTP. One line per call. */
@Controller()
export class NoticesController {
  constructor(private readonly notices: Notices) {}

  @Answers('get /operator/notices')
  view() {
    return this.notices.view()
  }

  @Answers('patch /operator/notices')
  choose(@Body() body: unknown) {
    return this.notices.choose(body)
  }

  @Answers('post /operator/notices/browsers')
  watch(@Body() body: unknown) {
    return this.notices.watch(body)
  }

  @Answers('delete /operator/notices/browsers/{id}')
  unwatch(@Param('id') id: string) {
    return this.notices.unwatch(id)
  }

  @Answers('post /operator/notices/test')
  test() {
    return this.notices.test()
  }
}
