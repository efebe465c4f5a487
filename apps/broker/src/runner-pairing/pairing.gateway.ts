import { appCalls, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
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
import { type Ack as Acknowledge, answer } from '../shell/answer.ts'
import type { CallCounts } from '../shell/call-counts.ts'
import type { ControlServer, ControlSocket } from '../shell/connection.ts'
import type { AppUseCases } from './app.use-cases.ts'
import type { ConnectionDesk } from './connection-desk.ts'
import type { RunnerUseCases } from './runner.use-cases.ts'

interface Parts {
  readonly runners: RunnerUseCases
  readonly apps: AppUseCases
  readonly desk: ConnectionDesk
  readonly log: Log
  readonly calls: CallCounts
}

/** Hears what runners and apps ask for. One line per call. */
@WebSocketGateway()
export class PairingGateway implements OnGatewayInit<ControlServer>, OnGatewayConnection<ControlSocket> {
  readonly #shell: { readonly log: Log; readonly calls: CallCounts }

  constructor(private readonly parts: Parts) {
    this.#shell = { log: parts.log, calls: parts.calls }
  }

  afterInit(server: ControlServer): void {
    this.parts.desk.open(server)
  }

  handleConnection(socket: ControlSocket): void {
    this.parts.desk.welcome(socket)
  }

  @SubscribeMessage('runner:challenge')
  challenge(
    @ConnectedSocket() socket: ControlSocket,
    @MessageBody() input: unknown,
    @Ack() ack: Acknowledge,
  ) {
    return answer(
      { call: runnerCalls['runner:challenge'], socket, input, ack, ...this.#shell },
      this.parts.runners.challenge,
    )
  }

  @SubscribeMessage('runner:register')
  register(@ConnectedSocket() socket: ControlSocket, @MessageBody() input: unknown, @Ack() ack: Acknowledge) {
    return answer(
      { call: runnerCalls['runner:register'], socket, input, ack, ...this.#shell },
      this.parts.runners.register,
    )
  }

  @SubscribeMessage('runner:heartbeat')
  heartbeat(
    @ConnectedSocket() socket: ControlSocket,
    @MessageBody() input: unknown,
    @Ack() ack: Acknowledge,
  ) {
    return answer(
      { call: runnerCalls['runner:heartbeat'], socket, input, ack, ...this.#shell },
      this.parts.runners.heartbeat,
    )
  }

  @SubscribeMessage('runner:rotate')
  rotate(@ConnectedSocket() socket: ControlSocket, @MessageBody() input: unknown, @Ack() ack: Acknowledge) {
    return answer(
      { call: runnerCalls['runner:rotate'], socket, input, ack, ...this.#shell },
      this.parts.runners.rotate,
    )
  }

  @SubscribeMessage('runner:route-tickets')
  routeTickets(
    @ConnectedSocket() socket: ControlSocket,
    @MessageBody() input: unknown,
    @Ack() ack: Acknowledge,
  ) {
    return answer(
      { call: runnerCalls['runner:route-tickets'], socket, input, ack, ...this.#shell },
      this.parts.runners.routeTickets,
    )
  }

  @SubscribeMessage('runner:revoke')
  revoke(@ConnectedSocket() socket: ControlSocket, @MessageBody() input: unknown, @Ack() ack: Acknowledge) {
    return answer(
      { call: runnerCalls['runner:revoke'], socket, input, ack, ...this.#shell },
      this.parts.runners.revoke,
    )
  }

  @SubscribeMessage('app:pair')
  pair(@ConnectedSocket() socket: ControlSocket, @MessageBody() input: unknown, @Ack() ack: Acknowledge) {
    return answer({ call: appCalls['app:pair'], socket, input, ack, ...this.#shell }, this.parts.apps.pair)
  }

  @SubscribeMessage('app:pairing:status')
  status(@ConnectedSocket() socket: ControlSocket, @MessageBody() input: unknown, @Ack() ack: Acknowledge) {
    return answer(
      { call: appCalls['app:pairing:status'], socket, input, ack, ...this.#shell },
      this.parts.apps.status,
    )
  }

  @SubscribeMessage('app:unpair')
  unpair(@ConnectedSocket() socket: ControlSocket, @MessageBody() input: unknown, @Ack() ack: Acknowledge) {
    return answer(
      { call: appCalls['app:unpair'], socket, input, ack, ...this.#shell },
      this.parts.apps.unpair,
    )
  }

  @SubscribeMessage('terminal:ticket')
  ticket(@ConnectedSocket() socket: ControlSocket, @MessageBody() input: unknown, @Ack() ack: Acknowledge) {
    return answer(
      { call: terminalCalls['terminal:ticket'], socket, input, ack, ...this.#shell },
      this.parts.apps.ticket,
    )
  }
}
