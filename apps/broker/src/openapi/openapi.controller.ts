import { Controller, Get } from '@nestjs/common'
import { openApiDocument } from './openapi-document.ts'

/** What may be asked here, for machines. */
@Controller()
export class OpenApiController {
  readonly #document = openApiDocument()

  @Get('openapi.json')
  document() {
    return this.#document
  }
}
