import { Body, Controller, Delete, Get, Inject, Param, Patch, Req } from '@nestjs/common'
import type { Request } from 'express'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { NodeDesk } from './node-desk.ts'

/** Nodes over HTTP: the operator's list, and what a node may ask about itself. One line per call. */
@Controller('nodes')
export class NodeController {
  readonly #desk: NodeDesk
  readonly #guard: OperatorGuard

  constructor(@Inject(NodeDesk) desk: NodeDesk, @Inject(OperatorGuard) guard: OperatorGuard) {
    this.#desk = desk
    this.#guard = guard
  }

  @Get()
  async list(@Req() request: Request) {
    await this.#guard.requireOperator(request)
    return this.#desk.list()
  }

  @Get('me')
  me(@Req() request: Request) {
    return this.#desk.me(request)
  }

  @Patch('me')
  rename(@Req() request: Request, @Body() body: unknown) {
    return this.#desk.rename(request, body)
  }

  @Patch(':id')
  async call(@Req() request: Request, @Param('id') id: string, @Body() body: unknown) {
    await this.#guard.requireOperator(request)
    return this.#desk.call(id, body)
  }

  @Delete(':id')
  async revoke(@Req() request: Request, @Param('id') id: string) {
    await this.#guard.requireOperator(request)
    return this.#desk.revoke(id)
  }
}
