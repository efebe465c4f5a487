import { Body, Controller, Delete, Get, Param, Patch, Req } from '@nestjs/common'
import type { Request } from 'express'
import type { OperatorGuard } from '../operator/operator-guard.ts'
import type { NodeDesk } from './node-desk.ts'

interface Parts {
  readonly desk: NodeDesk
  readonly guard: OperatorGuard
}

/** Nodes over HTTP: the operator's list, and what a node may ask about itself. One line per call. */
@Controller('nodes')
export class NodeController {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  @Get()
  async list(@Req() request: Request) {
    await this.#parts.guard.requireOperator(request)
    return this.#parts.desk.list()
  }

  @Get('me')
  me(@Req() request: Request) {
    return this.#parts.desk.me(request)
  }

  @Patch('me')
  rename(@Req() request: Request, @Body() body: unknown) {
    return this.#parts.desk.rename(request, body)
  }

  @Patch(':id')
  async call(@Req() request: Request, @Param('id') id: string, @Body() body: unknown) {
    await this.#parts.guard.requireOperator(request)
    return this.#parts.desk.call(id, body)
  }

  @Delete(':id')
  async revoke(@Req() request: Request, @Param('id') id: string) {
    await this.#parts.guard.requireOperator(request)
    return this.#parts.desk.revoke(id)
  }
}
