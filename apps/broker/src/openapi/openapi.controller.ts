import { Controller } from '@nestjs/common'
import { Answers } from '../routes/answers.ts'
import { openApiDocument } from './openapi-document.ts'

/** What may be asked here, for machines. */
@Controller()
export class OpenApiController {
  /** Made when it is first asked for: few brokers are ever asked. */
  #document: ReturnType<typeof openApiDocument> | null = null

  @Answers('get /openapi.json')
  document() {
    this.#document ??= openApiDocument()
    return this.#document
  }
}
