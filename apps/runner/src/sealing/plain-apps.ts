import { BoundedMap, BoundedSet } from '@latchkey/domain/bounded'
import type { ListedApp } from '@latchkey/protocol/runner-apps'

/** An app that cannot seal, and that the owner let in all the same. */
export interface PlainApp extends ListedApp {
  /** what the broker calls it: nothing else tells one such app from another */
  readonly appSessionId: string
}

/** As many as apps that seal are known. */
const PLAIN_APPS_MAX = 256
const TURNED_AWAY_MAX = 1_024

/**
 * The apps that cannot seal. They have no keys to be known by, so nothing of them outlives the process: after a restart
 * their owner is asked again.
 */
export class PlainApps {
  readonly #apps = new BoundedMap<string, PlainApp>(PLAIN_APPS_MAX)
  /** app sessions that were turned away */
  readonly #turnedAway = new BoundedSet<string>(TURNED_AWAY_MAX)

  get list(): readonly PlainApp[] {
    return [...this.#apps.values()]
  }

  /** By its id on this machine. */
  get(app: string): PlainApp | null {
    return this.list.find((one) => one.app === app) ?? null
  }

  /** The app of a session that comes again; null when its owner was not asked about it. */
  seen(appSessionId: string, nowMs: number): PlainApp | null {
    const known = this.#apps.get(appSessionId)
    if (known === undefined) return null
    const seen = { ...known, lastSeenAt: nowMs }
    this.#apps.set(appSessionId, seen)
    return seen
  }

  isTurnedAway(appSessionId: string): boolean {
    return this.#turnedAway.has(appSessionId)
  }

  letIn(app: PlainApp): void {
    this.#apps.set(app.appSessionId, app)
  }

  rename(app: string, label: string): void {
    const known = this.get(app)
    if (known !== null && label !== '') this.#apps.set(known.appSessionId, { ...known, label })
  }

  /** The app that was turned away; null when there is none of this id. */
  turnAway(app: string): PlainApp | null {
    const known = this.get(app)
    if (known === null) return null
    this.#apps.delete(known.appSessionId)
    this.#turnedAway.add(known.appSessionId)
    return known
  }
}
