import { assertNever } from '@latchkey/domain/kernel'
import type { FactOf, RequestOf } from '@latchkey/protocol/call'
import type { runnerAsks } from '@latchkey/protocol/runner-apps'
import type { pairingFacts } from '@latchkey/protocol/runner-pairing'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { Census, ClusterBus, ClusterFact } from '../cluster/cluster-bus.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'
import {
  appRoom,
  type ControlServer,
  type ControlSocket,
  DEVICE_KEEPERS,
  runnerRoom,
} from '../shell/connection.ts'
import type { TerminalRelay } from '../terminal/relay.ts'

type PairingFacts = typeof pairingFacts

/** The outcome of a question to a runner: its unparsed answer, no connection, or no answer in time. */
export type Asked =
  | { readonly status: 'answered'; readonly answer: unknown }
  | { readonly status: 'not-connected' }
  | { readonly status: 'silent' }

/** A change of a runner, for those who watch all of them. `once`: the same text for all brokers that notice the same loss. */
export type RunnerFact =
  | { readonly is: 'online'; readonly runnerId: string }
  | { readonly is: 'away'; readonly runnerId: string; readonly until: number; readonly once: string | null }
  | { readonly is: 'gone'; readonly runnerId: string; readonly epoch: number }

interface Parts {
  readonly relay: TerminalRelay
  readonly changes: ChangeSignal
  readonly bus: ClusterBus
}

/** Sends facts about decisions to runners and apps, on both planes. Decides nothing and stores nothing. */
export class PairingNotifier {
  #server: ControlServer | null = null
  /** called with each change of a runner */
  onRunner: (fact: RunnerFact) => void = () => {}

  constructor(private readonly parts: Parts) {}

  attach(server: ControlServer): void {
    this.#server = server
    this.parts.bus.attach(server)
    this.parts.bus.onFact((fact) => this.#hear(fact))
  }

  /** The runner is there, or there again, with the same code and pairings. */
  runnerOnline(runnerId: string, apps: readonly string[]): void {
    for (const app of apps) this.#tell(appRoom(app), 'runner:online', { runnerId })
    this.onRunner({ is: 'online', runnerId })
    this.parts.changes.notify()
  }

  /** The runner is away and may be back until then. */
  runnerAway(runnerId: string, apps: readonly string[], until: number): void {
    for (const app of apps) this.#tell(appRoom(app), 'runner:offline', { runnerId, paired: true, until })
    this.onRunner({ is: 'away', runnerId, until, once: null })
    this.parts.changes.notify()
  }

  /**
   * The same, where every broker notices by itself and tells its own apps.
   * @param instance the broker instance that was lost, and its runners with it
   */
  runnerAwayHere(runnerId: string, apps: readonly string[], until: number, instance: string): void {
    for (const app of apps) {
      this.#server?.local.to(appRoom(app)).emit('runner:offline', { runnerId, paired: true, until })
    }
    this.onRunner({ is: 'away', runnerId, until, once: `away ${runnerId} ${instance}` })
    this.parts.changes.notify()
  }

  /** A life of the runner has ended, and with it these pairings and all its connections up to that epoch. */
  runnerGone(runnerId: string, epoch: number, formerApps: readonly string[]): void {
    this.#endRunner(runnerId, epoch)
    this.parts.bus.tell({ kind: 'runner-ended', runnerId, epoch })
    for (const app of formerApps) this.#tell(appRoom(app), 'runner:offline', { runnerId, paired: false })
    this.onRunner({ is: 'gone', runnerId, epoch })
    this.parts.changes.notify()
  }

  /** Another connection speaks for the runner: the older ones are told and closed, wherever they are. */
  superseded(runnerId: string, epoch: number): void {
    this.supersededHere(runnerId, epoch)
    this.parts.bus.tell({ kind: 'runner-superseded', runnerId, epoch })
  }

  /** The same, for connections of this broker alone. */
  supersededHere(runnerId: string, epoch: number): void {
    for (const socket of this.#socketsIn(runnerRoom(runnerId))) {
      if (socket.data.runner === null || socket.data.runner.epoch >= epoch) continue
      socket.emit('runner:superseded', { runnerId })
      socket.disconnect(true)
    }
  }

  /** These connections no longer speak for their runner, and the fact of it was missed: they come back and register. */
  connectionsOver(runnerId: string, epoch: number): void {
    this.#endRunner(runnerId, epoch)
  }

  /** The runner's code has had its time, for that reason: it is to propose another. */
  renewCode(runnerId: string, reason: FactOf<PairingFacts, 'runner:code:renew'>['reason']): void {
    this.#tell(runnerRoom(runnerId), 'runner:code:renew', { reason })
  }

  appPaired(runnerId: string, app: FactOf<PairingFacts, 'runner:app:paired'>): void {
    this.#tell(runnerRoom(runnerId), 'runner:app:paired', app)
    this.parts.changes.notify()
  }

  /**
   * The app may no longer reach the runner: from now on nothing of it gets through.
   * @param revoked its device was revoked: without a word of it the runner would take its key for a pairing that lapsed
   */
  appUnpaired(runnerId: string, appSessionId: string, revoked = false): void {
    this.parts.relay.endApp(appSessionId, runnerId, CloseReason.unpaired)
    this.parts.bus.tell({ kind: 'app-ended', appSessionId, runnerId })
    this.#tell(runnerRoom(runnerId), 'runner:app:unpaired', { appSessionId, ...(revoked && { revoked }) })
    this.parts.changes.notify()
  }

  /** A device is one no more: every runner that knows apps of it turns their keys away, connected or not. */
  deviceRevoked(deviceId: string): void {
    this.#tell(DEVICE_KEEPERS, 'runner:device:revoked', { deviceId })
  }

  /** The runner had to give up an app that did not ask for it. */
  appDisplaced(runnerId: string, appSessionId: string): void {
    this.appUnpaired(runnerId, appSessionId)
    this.#tell(appRoom(appSessionId), 'runner:offline', { runnerId, paired: false })
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

  /** To everybody here: come back, each after a while of its own. */
  restarting(comeBackInMs: () => number): void {
    for (const socket of this.#server?.sockets.sockets.values() ?? []) {
      const fact: FactOf<PairingFacts, 'broker:restarting'> = { comeBackInMs: Math.round(comeBackInMs()) }
      socket.emit('broker:restarting', fact)
    }
  }

  /** The connections of this instance that showed a token of that device. */
  socketsOfDevice(nodeId: string): readonly ControlSocket[] {
    return [...(this.#server?.sockets.sockets.values() ?? [])].filter(({ data }) => data.nodeId === nodeId)
  }

  /** The devices that are connected to this instance. */
  connectedDevices(): ReadonlySet<string> {
    const sockets = [...(this.#server?.sockets.sockets.values() ?? [])]
    return new Set(sockets.flatMap(({ data }) => data.nodeId ?? []))
  }

  get connectionCount(): number {
    return this.#server?.sockets.sockets.size ?? 0
  }

  /** The connections of this instance, for the console. */
  connectedHere(): Omit<Census, 'channels'> {
    const roundTripsMs: Record<string, number> = {}
    const apps: Record<string, { label: string; address: string }> = {}
    for (const { data } of this.#server?.sockets.sockets.values() ?? []) {
      const { runner, roundTripMs, appSessionId, label, address } = data
      if (runner === null) apps[appSessionId] = { label, address }
      else if (roundTripMs !== null) roundTripsMs[runner.runnerId] = roundTripMs
    }
    return { roundTripsMs, apps, meshNodes: [...this.connectedDevices()] }
  }

  /** What another broker did concerns connections here too. */
  #hear(fact: ClusterFact): void {
    switch (fact.kind) {
      case 'app-ended':
        return this.parts.relay.endApp(fact.appSessionId, fact.runnerId, CloseReason.unpaired)
      case 'runner-ended':
        return this.#endRunner(fact.runnerId, fact.epoch)
      case 'runner-superseded':
        this.supersededHere(fact.runnerId, fact.epoch)
        // It is at home with the other broker now: its terminals are reached there.
        return this.parts.relay.endRunner(fact.runnerId, CloseReason.runnerGone, fact.epoch - 1)
      case 'nodes-changed':
      case 'device-pairing-changed':
      case 'device-revoked':
      case 'changed':
        return
      default:
        return assertNever(fact)
    }
  }

  #endRunner(runnerId: string, epoch: number): void {
    this.parts.relay.endRunner(runnerId, CloseReason.unpaired, epoch)
    for (const socket of this.#socketsIn(runnerRoom(runnerId))) {
      if (socket.data.runner !== null && socket.data.runner.epoch <= epoch) socket.disconnect(true)
    }
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
