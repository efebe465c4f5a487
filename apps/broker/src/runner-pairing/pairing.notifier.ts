import type { FactOf, RequestOf } from '@latchkey/protocol/call'
import type { runnerAsks } from '@latchkey/protocol/runner-apps'
import type { pairingFacts } from '@latchkey/protocol/runner-pairing'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { Inject, Injectable } from '@nestjs/common'
import type { Pulse } from '../operator/pulse.ts'
import { appRoom, type ControlServer, type ControlSocket, runnerRoom } from '../shell/connection.ts'
import type { TerminalRelay } from '../terminal/relay.ts'
import { PULSE, RELAY } from '../wiring.ts'

type PairingFacts = typeof pairingFacts

/** What came of a question: an answer that nobody has read yet, nobody to ask, or no answer in time. */
export type Asked =
  | { readonly status: 'answered'; readonly answer: unknown }
  | { readonly status: 'not-connected' }
  | { readonly status: 'silent' }

/** Tells what has been decided to whom it concerns, on both planes. Decides nothing and stores nothing. */
@Injectable()
export class PairingNotifier {
  readonly #relay: TerminalRelay
  readonly #pulse: Pulse
  #server: ControlServer | null = null

  constructor(@Inject(RELAY) relay: TerminalRelay, @Inject(PULSE) pulse: Pulse) {
    this.#relay = relay
    this.#pulse = pulse
  }

  attach(server: ControlServer): void {
    this.#server = server
  }

  /** The runner is there, or there again, with the same code and pairings. */
  runnerOnline(runnerId: string, apps: readonly string[]): void {
    for (const app of apps) this.#tell(appRoom(app), 'runner:online', { runnerId })
    this.#pulse.beat()
  }

  /** The runner is away and may be back until then. */
  runnerAway(runnerId: string, apps: readonly string[], until: number): void {
    for (const app of apps) this.#tell(appRoom(app), 'runner:offline', { runnerId, paired: true, until })
    this.#pulse.beat()
  }

  /** A life of the runner has ended, and with it these pairings. */
  runnerGone(runnerId: string, formerApps: readonly string[]): void {
    this.#relay.endRunner(runnerId, CloseReason.unpaired)
    for (const app of formerApps) this.#tell(appRoom(app), 'runner:offline', { runnerId, paired: false })
    this.#pulse.beat()
  }

  /** Another connection speaks for the runner: the older ones are told and closed. */
  superseded(runnerId: string, epoch: number): void {
    for (const socket of this.#socketsIn(runnerRoom(runnerId))) {
      if (socket.data.runner === null || socket.data.runner.epoch >= epoch) continue
      socket.emit('runner:superseded', { runnerId })
      socket.disconnect(true)
    }
  }

  appPaired(runnerId: string, app: FactOf<PairingFacts, 'runner:app:paired'>): void {
    this.#tell(runnerRoom(runnerId), 'runner:app:paired', app)
    this.#pulse.beat()
  }

  /** The app may no longer reach the runner: from now on nothing of it gets through. */
  appUnpaired(runnerId: string, appSessionId: string): void {
    this.#relay.endApp(appSessionId, runnerId, CloseReason.unpaired)
    this.#tell(runnerRoom(runnerId), 'runner:app:unpaired', { appSessionId })
    this.#pulse.beat()
  }

  /** The runner had to give up an app that did not ask for it. */
  appDisplaced(runnerId: string, appSessionId: string): void {
    this.appUnpaired(runnerId, appSessionId)
    this.#tell(appRoom(appSessionId), 'runner:offline', { runnerId, paired: false })
  }

  askForCode(runnerId: string, reason: FactOf<PairingFacts, 'runner:code:renew'>['reason']): void {
    this.#tell(runnerRoom(runnerId), 'runner:code:renew', { reason })
  }

  /** Asks a runner, wherever it is connected. */
  async ask<Name extends keyof typeof runnerAsks>(
    runnerId: string,
    name: Name,
    asked: RequestOf<typeof runnerAsks, Name>,
    timeoutMs: number,
  ): Promise<Asked> {
    if (this.#server === null) return { status: 'not-connected' }
    try {
      const room = this.#server.to(runnerRoom(runnerId)).timeout(timeoutMs)
      const answers: readonly unknown[] = await room.emitWithAck(name, asked)
      return answers.length === 0 ? { status: 'not-connected' } : { status: 'answered', answer: answers[0] }
    } catch {
      return { status: 'silent' }
    }
  }

  /** To everybody: come back after about this long. */
  restarting(comeBackInMs: number): void {
    const fact: FactOf<PairingFacts, 'broker:restarting'> = { comeBackInMs }
    this.#server?.emit('broker:restarting', fact)
  }

  isConnected(room: string): boolean {
    return (this.#server?.sockets.adapter.rooms.get(room)?.size ?? 0) > 0
  }

  /** The round trip of a runner's control connection, milliseconds; null when unknown. */
  roundTripMs(runnerId: string): number | null {
    return this.#socketsIn(runnerRoom(runnerId))[0]?.data.roundTripMs ?? null
  }

  #tell<Name extends keyof PairingFacts & string>(
    room: string,
    name: Name,
    fact: FactOf<PairingFacts, Name>,
  ): void {
    this.#server?.to(room).emit(name, fact)
  }

  #socketsIn(room: string): readonly ControlSocket[] {
    const sockets = this.#server?.sockets
    const ids = [...(sockets?.adapter.rooms.get(room) ?? [])]
    return ids.flatMap((id) => sockets?.sockets.get(id) ?? [])
  }
}
