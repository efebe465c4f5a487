/** How an app was called and where it was when it was seen last: for the console, in memory alone. */
export interface KnownApp {
  readonly label: string
  readonly address: string
}

const APPS_MAX = 5_000

export class KnownApps {
  readonly #apps = new Map<string, KnownApp>()

  seen(appSessionId: string, app: KnownApp): void {
    this.#apps.delete(appSessionId)
    this.#apps.set(appSessionId, { label: app.label, address: app.address })
    const [longestAgo] = this.#apps.keys()
    if (this.#apps.size > APPS_MAX && longestAgo !== undefined) this.#apps.delete(longestAgo)
  }

  of(appSessionId: string): KnownApp {
    return this.#apps.get(appSessionId) ?? { label: '', address: '' }
  }
}
