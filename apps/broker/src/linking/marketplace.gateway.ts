import { linkingCalls, MARKETPLACE } from '@latchkey/protocol/linking'
import { Inject } from '@nestjs/common'
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets'
import type { Log } from '../log/log.ts'
import { LOG } from '../wiring.ts'
import { MARKETPLACE_DESK, MARKETPLACE_USE_CASES } from './linking-wiring.ts'
import type { MarketplaceUseCases } from './marketplace.use-cases.ts'
import { answerPage } from './marketplace-answer.ts'
import type { MarketplaceDesk } from './marketplace-desk.ts'
import type { MarketplaceServer, MarketplaceSocket } from './marketplace-peer.ts'

/** Hears what the pages of companies ask for. One line per call. */
@WebSocketGateway({ namespace: MARKETPLACE })
export class MarketplaceGateway
  implements OnGatewayInit<MarketplaceServer>, OnGatewayConnection<MarketplaceSocket>
{
  readonly #useCases: MarketplaceUseCases
  readonly #desk: MarketplaceDesk
  readonly #log: Log

  constructor(
    @Inject(MARKETPLACE_USE_CASES) useCases: MarketplaceUseCases,
    @Inject(MARKETPLACE_DESK) desk: MarketplaceDesk,
    @Inject(LOG) log: Log,
  ) {
    this.#useCases = useCases
    this.#desk = desk
    this.#log = log
  }

  afterInit(server: MarketplaceServer): void {
    this.#desk.open(server)
  }

  handleConnection(socket: MarketplaceSocket): void {
    this.#desk.welcome(socket)
  }

  @SubscribeMessage('request-qr')
  requestQr(
    @ConnectedSocket() socket: MarketplaceSocket,
    @MessageBody() input: unknown,
    @Ack() ack: unknown,
  ) {
    const call = linkingCalls['request-qr']
    return answerPage({ call, socket, input, ack, log: this.#log }, this.#useCases.requestQr)
  }

  @SubscribeMessage('request-pairing-code')
  requestCode(
    @ConnectedSocket() socket: MarketplaceSocket,
    @MessageBody() input: unknown,
    @Ack() ack: unknown,
  ) {
    const call = linkingCalls['request-pairing-code']
    return answerPage({ call, socket, input, ack, log: this.#log }, this.#useCases.requestCode)
  }

  @SubscribeMessage('cancel-link')
  cancel(@ConnectedSocket() socket: MarketplaceSocket, @MessageBody() input: unknown, @Ack() ack: unknown) {
    const call = linkingCalls['cancel-link']
    return answerPage({ call, socket, input, ack, log: this.#log }, this.#useCases.cancel)
  }

  @SubscribeMessage('unlink')
  unlink(@ConnectedSocket() socket: MarketplaceSocket, @MessageBody() input: unknown, @Ack() ack: unknown) {
    const call = linkingCalls.unlink
    return answerPage({ call, socket, input, ack, log: this.#log }, this.#useCases.unlink)
  }
}
