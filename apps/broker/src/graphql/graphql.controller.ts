import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { OperatorGuard } from '../operator/operator-guard.ts'
import type { MeshGraphql } from './mesh-graphql.ts'

interface Parts {
  readonly graphql: MeshGraphql
  readonly guard: OperatorGuard
}

/** The read view of everything, for the operator. */
@Controller('graphql')
export class GraphqlController {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  @Get()
  get(@Req() request: Request, @Res() response: Response) {
    return this.#answer(request, response, undefined)
  }

  @Post()
  post(@Req() request: Request, @Res() response: Response, @Body() body: unknown) {
    return this.#answer(request, response, body)
  }

  async #answer(request: Request, response: Response, body: unknown): Promise<void> {
    await this.#parts.guard.requireOperator(request)
    const { method, originalUrl: url } = request
    const { status, contentType, text } = await this.#parts.graphql.answer({ method, url, body })
    response.status(status).setHeader('cache-control', 'no-store').setHeader('content-type', contentType)
    response.end(text)
  }
}
