import type { Call } from '@latchkey/protocol/call'
import { linkingCalls, MARKETPLACE } from '@latchkey/protocol/linking'
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets'
import type { z } from 'zod'
import type { Log } from '../log/log.ts'
import type { MarketplaceUseCases } from './marketplace.use-cases.ts'
import { answerPage, type PageRequest, type PageUseCase } from './marketplace-answer.ts'
import type { MarketplaceDesk } from './marketplace-desk.ts'
import type { MarketplaceServer, MarketplaceSocket } from './marketplace-peer.ts'

interface Parts {
  readonly useCases: MarketplaceUseCases
  readonly desk: MarketplaceDesk
  readonly log: Log
}

/** Hears what the pages of companies ask for. One line per call. */
@WebSocketGateway({ namespace: MARKETPLACE })
export class MarketplaceGateway
  implements OnGatewayInit<MarketplaceServer>, OnGatewayConnection<MarketplaceSocket>
{
  constructor(private readonly parts: Parts) {}

  afterInit(server: MarketplaceServer): void {
    this.parts.desk.open(server)
  }

  handleConnection(socket: MarketplaceSocket): void {
    this.parts.desk.welcome(socket)
  }

  @SubscribeMessage('request-qr')
  requestQr(
    @ConnectedSocket() socket: MarketplaceSocket,
    @MessageBody() input: unknown,
    @Ack() ack: unknown,
  ) {
    return this.#answer(linkingCalls['request-qr'], { socket, input, ack }, this.parts.useCases.requestQr)
  }

  @SubscribeMessage('request-pairing-code')
  requestCode(
    @ConnectedSocket() socket: MarketplaceSocket,
    @MessageBody() input: unknown,
    @Ack() ack: unknown,
  ) {
    const call = linkingCalls['request-pairing-code']
    return this.#answer(call, { socket, input, ack }, this.parts.useCases.requestCode)
  }

  @SubscribeMessage('cancel-link')
  cancel(@ConnectedSocket() socket: MarketplaceSocket, @MessageBody() input: unknown, @Ack() ack: unknown) {
    return this.#answer(linkingCalls['cancel-link'], { socket, input, ack }, this.parts.useCases.cancel)
  }

  @SubscribeMessage('unlink')
  unlink(@ConnectedSocket() socket: MarketplaceSocket, @MessageBody() input: unknown, @Ack() ack: unknown) {
    return this.#answer(linkingCalls.unlink, { socket, input, ack }, this.parts.useCases.unlink)
  }

  @SubscribeMessage('retry-link')
  retry(@ConnectedSocket() socket: MarketplaceSocket, @MessageBody() input: unknown, @Ack() ack: unknown) {
    return this.#answer(linkingCalls['retry-link'], { socket, input, ack }, this.parts.useCases.retry)
  }

  #answer<Request extends z.ZodType, Reply extends z.ZodType>(
    call: Call<Request, Reply>,
    asked: Pick<PageRequest, 'socket' | 'input' | 'ack'>,
    run: PageUseCase<Request, Reply>,
  ): Promise<void> {
    const { counters } = this.parts.useCases
    return answerPage(
      call,
      { ...asked, log: this.parts.log, refused: (reason) => counters.refused(reason) },
      run,
    )
  }
}
