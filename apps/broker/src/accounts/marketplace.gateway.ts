import { accountCalls, MARKETPLACE } from '@latchkey/protocol/accounts'
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets'
import type { Log } from '../log/log.ts'
import { type Hear, hear } from '../shell/hear.ts'
import { refusalOf } from './marketplace.notifier.ts'
import type { MarketplaceUseCases } from './marketplace.use-cases.ts'
import { answeringPages } from './marketplace-answer.ts'
import type { MarketplaceDesk } from './marketplace-desk.ts'
import type { MarketplaceServer, MarketplaceSocket } from './marketplace-peer.ts'

interface Parts {
  readonly useCases: MarketplaceUseCases
  readonly desk: MarketplaceDesk
  readonly log: Log
}

/** Hears what the pages of companies ask for. One line per call; one that is missing does not compile. */
@WebSocketGateway({ namespace: MARKETPLACE })
export class MarketplaceGateway
  implements OnGatewayInit<MarketplaceServer>, OnGatewayConnection<MarketplaceSocket>
{
  readonly #calls: Readonly<Record<keyof typeof accountCalls, Hear<MarketplaceSocket>>>

  constructor(private readonly parts: Parts) {
    const { useCases, log } = parts
    const by = answeringPages({ log, refused: (reason) => useCases.counters.refused(reason) })
    this.#calls = {
      'request-qr': by(accountCalls['request-qr'], useCases.requestQr),
      'request-pairing-code': by(accountCalls['request-pairing-code'], useCases.requestCode),
      'cancel-link': by(accountCalls['cancel-link'], useCases.cancel),
      unlink: by(accountCalls.unlink, useCases.unlink),
      'retry-link': by(accountCalls['retry-link'], useCases.retry),
    }
  }

  afterInit(server: MarketplaceServer): void {
    this.parts.desk.open(server)
  }

  handleConnection(socket: MarketplaceSocket): void {
    hear(socket, this.#calls, noSuchCall)
    this.parts.desk.welcome(socket)
  }
}

const noSuchCall = () => refusalOf('INVALID_REQUEST')
