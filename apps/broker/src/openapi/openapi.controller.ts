import { Controller } from '@nestjs/common'
import { Answers } from '../routes/answers.ts'
import { openApiDocument } from './openapi-document.ts'

/** What may be asked here, for machines. */
@Controller()
export class OpenApiController {
  readonly #document = openApiDocument()

  @Answers('get /openapi.json')
  document() {
    return this.#document
  }
}
