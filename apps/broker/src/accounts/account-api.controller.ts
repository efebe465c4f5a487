import { Body, Controller, Param, Query, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { ClientAddresses } from '../http/client-address.ts'
import { Answers } from '../routes/answers.ts'
import type { AccountDesk } from './account-desk.ts'
import type { Accounts } from './open-accounts.ts'

interface Parts {
  readonly linking: Accounts
  readonly addresses: ClientAddresses
}

/** Accounts over HTTP, for the operator and programs with the scope. */
@Controller()
export class AccountApiController {
  readonly #desk: AccountDesk

  constructor(private readonly parts: Parts) {
    this.#desk = parts.linking.accountDesk
  }

  @Answers('get /accounts')
  list(@Query() query: unknown) {
    return this.#desk.list(query)
  }

  @Answers('post /accounts')
  claim(@Body() body: unknown) {
    return this.#desk.claim(body)
  }

  @Answers('get /accounts/{id}')
  get(@Param('id') id: string) {
    return this.#desk.get(id)
  }

  @Answers('patch /accounts/{id}')
  name(@Param('id') id: string, @Body() body: unknown) {
    return this.#desk.name(id, body)
  }

  @Answers('post /accounts/{id}/proxy')
  setProxy(@Param('id') id: string, @Body() body: unknown) {
    return this.#desk.setProxy(id, body)
  }

  @Answers('post /accounts/{id}/qr')
  startQr(@Param('id') id: string, @Body() body: unknown, @Req() request: Request) {
    return this.#desk.startQr(id, body, this.parts.addresses.of(request))
  }

  @Answers('get /accounts/{id}/qr.png')
  async png(@Param('id') id: string, @Res() response: Response): Promise<void> {
    const { picture, expiresAt } = await this.#desk.qr(id, 'png')
    this.#send(response, 'image/png', picture, expiresAt)
  }

  @Answers('get /accounts/{id}/qr.svg')
  async svg(@Param('id') id: string, @Res() response: Response): Promise<void> {
    const { picture, expiresAt } = await this.#desk.qr(id, 'svg')
    this.#send(response, 'image/svg+xml', picture, expiresAt)
  }

  @Answers('post /accounts/{id}/code')
  startCode(@Param('id') id: string, @Body() body: unknown, @Req() request: Request) {
    return this.#desk.startCode(id, body, this.parts.addresses.of(request))
  }

  @Answers('get /accounts/{id}/code')
  code(@Param('id') id: string) {
    return this.#desk.code(id)
  }

  @Answers('post /accounts/{id}/cancel')
  cancel(@Param('id') id: string, @Req() request: Request) {
    return this.#desk.cancel(id, this.parts.addresses.of(request))
  }

  @Answers('post /accounts/{id}/reconnect')
  reconnect(@Param('id') id: string, @Req() request: Request) {
    return this.#desk.reconnect(id, this.parts.addresses.of(request))
  }

  @Answers('post /accounts/{id}/unlink')
  unlink(@Param('id') id: string, @Req() request: Request) {
    return this.#desk.unlink(id, this.parts.addresses.of(request))
  }

  /** Its end is in `Expires` to the second, and exactly in `latchkey-expires-at`. */
  #send(response: Response, type: string, picture: Buffer | string, expiresAt: number): void {
    response.setHeader('cache-control', 'no-store')
    response.setHeader('expires', new Date(expiresAt).toUTCString())
    response.setHeader('latchkey-expires-at', String(expiresAt))
    response.type(type).send(picture)
  }
}
