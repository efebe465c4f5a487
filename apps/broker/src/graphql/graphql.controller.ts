import { Body, Controller, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import { Answers } from '../routes/answers.ts'
import type { MeshGraphql } from './mesh-graphql.ts'

/** The read view of everything, for the operator. */
@Controller()
export class GraphqlController {
  constructor(private readonly graphql: MeshGraphql) {}

  @Answers('get /graphql')
  get(@Req() request: Request, @Res() response: Response) {
    return this.#answer(request, response, undefined)
  }

  @Answers('post /graphql')
  post(@Req() request: Request, @Res() response: Response, @Body() body: unknown) {
    return this.#answer(request, response, body)
  }

  async #answer(request: Request, response: Response, body: unknown): Promise<void> {
    const { method, originalUrl: url } = request
    const { status, contentType, text } = await this.graphql.answer({ method, url, body })
    response.status(status).setHeader('cache-control', 'no-store').setHeader('content-type', contentType)
    response.end(text)
  }
}
