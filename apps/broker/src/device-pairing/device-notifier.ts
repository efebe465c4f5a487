import type { JoinTokenDigest } from '@latchkey/domain/device-pairing/ids'
import { Inject, Injectable } from '@nestjs/common'
import type { ClusterBus } from '../cluster/cluster-bus.ts'
import type { Pulse } from '../operator/pulse.ts'
import { CLUSTER_BUS, PULSE } from '../wiring.ts'

/** Tells who follows a pairing that something happened to it, here and on other brokers. What it was, each looks up. */
@Injectable()
export class DeviceNotifier {
  readonly #pulse: Pulse
  readonly #bus: ClusterBus
  readonly #followers = new Map<string, Set<() => void>>()

  constructor(@Inject(PULSE) pulse: Pulse, @Inject(CLUSTER_BUS) bus: ClusterBus) {
    this.#pulse = pulse
    this.#bus = bus
    bus.onFact((fact) => {
      if (fact.kind === 'device-pairing-changed') this.#tellFollowers(fact.id)
    })
  }

  /** Something happened to this pairing. */
  changed(token: JoinTokenDigest): void {
    this.#tellFollowers(token)
    this.#bus.tell({ kind: 'device-pairing-changed', id: token })
    this.#pulse.beat()
  }

  /** Answers with what ends the following. */
  follow(token: JoinTokenDigest, look: () => void): () => void {
    const looks = this.#followers.get(token) ?? new Set()
    this.#followers.set(token, looks.add(look))
    return () => {
      looks.delete(look)
      if (looks.size === 0) this.#followers.delete(token)
    }
  }

  #tellFollowers(id: string): void {
    for (const look of this.#followers.get(id) ?? []) look()
  }
}
