import type { JoinTokenDigest } from '@latchkey/domain/device-pairing/ids'
import type { ClusterBus } from '../cluster/cluster-bus.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'

interface Parts {
  readonly changes: ChangeSignal
  readonly bus: ClusterBus
}

/** Tells the followers of a pairing, here and on other instances, that it changed. Each reads the new state itself. */
export class DeviceNotifier {
  readonly #followers = new Map<string, Set<() => void>>()

  constructor(private readonly parts: Parts) {
    parts.bus.onFact((fact) => {
      if (fact.kind === 'device-pairing-changed') this.#tellFollowers(fact.id)
    })
  }

  /** Something happened to this pairing. */
  changed(token: JoinTokenDigest): void {
    this.#tellFollowers(token)
    this.parts.bus.tell({ kind: 'device-pairing-changed', id: token })
    this.parts.changes.notify()
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
