import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { MeshGraphql } from './mesh-graphql.ts'

/** The read view of everything, for the operator. */
@Controller('graphql')
export class GraphqlController {
  readonly #graphql: MeshGraphql
  readonly #guard: OperatorGuard

  constructor(@Inject(MeshGraphql) graphql: MeshGraphql, @Inject(OperatorGuard) guard: OperatorGuard) {
    this.#graphql = graphql
    this.#guard = guard
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
    await this.#guard.requireOperator(request)
    const { method, originalUrl: url } = request
    const { status, contentType, text } = await this.#graphql.answer({ method, url, body })
    response.status(status).setHeader('cache-control', 'no-store').setHeader('content-type', contentType)
    response.end(text)
  }
}
