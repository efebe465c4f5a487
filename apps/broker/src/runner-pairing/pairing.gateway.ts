import { pushCalls } from '@latchkey/protocol/push'
import { appCalls, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets'
import type { Log } from '../log/log.ts'
import type { PushUseCases } from '../push/push.use-cases.ts'
import { answering, refusalOf } from '../shell/answer.ts'
import type { CallCounts } from '../shell/call-counts.ts'
import type { ControlServer, ControlSocket } from '../shell/connection.ts'
import { type Hear, hear } from '../shell/hear.ts'
import type { AppUseCases } from './app.use-cases.ts'
import type { ConnectionDesk } from './connection-desk.ts'
import type { RunnerUseCases } from './runner.use-cases.ts'

interface Parts {
  readonly runners: RunnerUseCases
  readonly apps: AppUseCases
  readonly push: PushUseCases
  readonly desk: ConnectionDesk
  readonly log: Log
  readonly calls: CallCounts
}

type CallName =
  | keyof typeof runnerCalls
  | keyof typeof appCalls
  | keyof typeof terminalCalls
  | keyof typeof pushCalls

/** Hears what runners and apps ask for. One line per call; one that is missing does not compile. */
@WebSocketGateway()
export class PairingGateway implements OnGatewayInit<ControlServer>, OnGatewayConnection<ControlSocket> {
  readonly #calls: Readonly<Record<CallName, Hear<ControlSocket>>>

  constructor(private readonly parts: Parts) {
    const { runners, apps, push } = parts
    const by = answering(parts)
    this.#calls = {
      'runner:challenge': by(runnerCalls['runner:challenge'], runners.challenge),
      'runner:register': by(runnerCalls['runner:register'], runners.register),
      'runner:heartbeat': by(runnerCalls['runner:heartbeat'], runners.heartbeat),
      'runner:rotate': by(runnerCalls['runner:rotate'], runners.rotate),
      'runner:route-tickets': by(runnerCalls['runner:route-tickets'], runners.routeTickets),
      'runner:revoke': by(runnerCalls['runner:revoke'], runners.revoke),
      'runner:push': by(pushCalls['runner:push'], push.push),
      'app:pair': by(appCalls['app:pair'], apps.pair),
      'app:pairing:status': by(appCalls['app:pairing:status'], apps.status),
      'app:unpair': by(appCalls['app:unpair'], apps.unpair),
      'terminal:ticket': by(terminalCalls['terminal:ticket'], apps.ticket),
    }
  }

  afterInit(server: ControlServer): void {
    this.parts.desk.open(server)
  }

  handleConnection(socket: ControlSocket): void {
    hear(socket, this.#calls, noSuchCall)
    this.parts.desk.welcome(socket)
  }
}

const noSuchCall = () => refusalOf('INVALID_FORMAT', 'there is no such call')
